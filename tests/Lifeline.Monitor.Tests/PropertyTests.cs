using CsCheck;
using Lifeline.Contracts;

namespace Lifeline.Monitor.Tests;

public sealed class PropertyTests
{
    [Fact]
    public void A_delay_stays_within_its_jitter_and_never_beyond_the_maximum() =>
        Gen.Select(Gen.Int[1, 5_000], Gen.Int[0, 60_000], Gen.Double[1, 10], Gen.Double[0, 1], Gen.Int[1, 2_000], Gen.ULong)
            .Sample((initial, max, factor, jitter, deaths, seed) =>
            {
                var backoff = new BackoffSpec
                {
                    Initial = Specs.Ms(initial), Max = Specs.Ms(max), Factor = factor, Jitter = jitter,
                };
                double delay = RestartPolicy.DelayNanoseconds(backoff, deaths, new Jitter(seed));
                var middle = Math.Min(backoff.Initial.TotalNanoseconds * Math.Pow(factor, deaths - 1), 1e30);
                Assert.InRange(delay, 0, backoff.Max.TotalNanoseconds);
                Assert.True(delay <= (middle * (1 + jitter)) + 1);
                Assert.True(delay >= (Math.Min(middle, backoff.Max.TotalNanoseconds / (1 + jitter)) * (1 - jitter)) - 1);
                Assert.Equal(0, RestartPolicy.DelayNanoseconds(backoff, 0, new Jitter(seed)));
            });

    [Fact]
    public void The_queue_of_deadlines_is_a_sorted_list() =>
        Gen.Select(Gen.Int[0, 19], Gen.Long[0, 100]).Array[0, 200].Sample(changes =>
        {
            var queue = new DeadlineQueue();
            var slots = Enumerable.Range(0, 20).Select(i => new Slot(Specs.Service($"s{i}"), $"s{i}")).ToArray();
            foreach (var (index, due) in changes)
            {
                queue.Update(slots[index], due > 90 ? long.MaxValue : due);
                var expected = slots.Where(slot => slot.Due != long.MaxValue).ToArray();
                Assert.Equal(expected.Length == 0 ? null : expected.Min(slot => slot.Due), queue.Next);
                var collected = new List<Slot>();
                queue.CollectDue(50, collected);
                Assert.Equal(expected.Where(slot => slot.Due <= 50).ToHashSet(), collected.ToHashSet());
            }
        });

    [Fact]
    public void A_record_comes_back_as_it_was() =>
        GenRecord.Sample(record =>
        {
            var bytes = SlotRecordCodec.Encode(record);
            Assert.Equal(bytes, SlotRecordCodec.Encode(SlotRecordCodec.Decode(bytes)));
            Assert.Equivalent(record with { Status = null }, SlotRecordCodec.Decode(bytes) with { Status = null }, strict: true);
            Assert.Equal(record.Status, SlotRecordCodec.Decode(bytes).Status);
        });

    [Fact]
    public void A_slot_restored_from_its_record_gives_the_same_record() =>
        GenRecord.Sample(record =>
        {
            var slot = new Slot(Specs.Service(record.Service), record.Service);
            SlotRecords.Restore(slot, record, 0);
            Assert.Equal(SlotRecordCodec.Encode(record), SlotRecordCodec.Encode(SlotRecords.Save(slot, record.BootId)));
        });

    [Fact]
    public void Events_in_any_order_never_throw_and_never_leave_two_launches_open() =>
        Gen.Select(Gen.Int[0, 14], Gen.Int[0, 3], Gen.Int[0, 3_000]).Array[0, 80].Sample(script =>
        {
            var driver = new CoreDriver(Specs.Service() with { Heartbeat = Specs.Ms(700), Ready = ReadyWhen.Status, ReadyTimeout = Specs.Ms(900) });
            var open = new HashSet<int> { 1 };
            foreach (var (what, generation, pause) in script)
            {
                if (pause > 2_000) driver.Advance(pause);
                driver.Send(Event(what, Math.Max(0, driver.Generation() - generation), driver.Nanoseconds));
                foreach (var launch in driver.Last.OfType<Launch>())
                    Assert.True(open.Add(launch.Generation));
                Assert.Equal(open.Max(), driver.Generation());
            }
        });

    private static readonly Gen<SlotRecord> GenRecord = Gen.Select(
        Gen.Enum<SlotPhase>(), Gen.Bool, Gen.Int[0, 100], Gen.Long[0, long.MaxValue / 4], Gen.String[Gen.Char.AlphaNumeric, 0, 20], Gen.Int[0, 3],
        (phase, flag, number, time, text, few) => new SlotRecord
        {
            Service = "a" + text,
            BootId = text,
            Phase = phase,
            Wanted = flag,
            ShutDown = !flag,
            Removed = flag,
            Generation = number,
            DiedGeneration = number - 1,
            LaunchKey = text,
            Pid = flag ? number : null,
            StartTicks = time,
            ExecAt = flag ? time : null,
            ReadyAt = flag ? null : time,
            StartedTime = DateTimeOffset.UnixEpoch.AddTicks(time / 1000),
            EndReason = flag ? DeathReason.Hung : null,
            EndReasonAt = time,
            Kills = few,
            Deadline = flag ? time : null,
            After = (AfterReclaim)few,
            Role = (SlotRole)few,
            ReplaceAgain = flag,
            ReplacementFailure = flag ? text : null,
            RestartAt = time,
            RestartCounts = flag,
            RestartFollowsDeath = !flag,
            ReclaimAttempt = few,
            DeathsInRow = number,
            RestartTimes = [.. Enumerable.Range(0, few).Select(i => time + i)],
            IsInRound = flag,
            FailsWithGroup = !flag,
            GroupTimes = [.. Enumerable.Range(0, few).Select(i => time - i)],
            FailedRetries = few,
            OnProbation = flag,
            FailedBecause = flag ? text : null,
            StuckBecause = flag ? null : text,
            Restarts = number,
            Health = (ServiceHealth)few,
            Status = flag ? new StatusReport { Text = text, Health = (ServiceHealth)few, Fields = new Dictionary<string, StatusValue> { ["n"] = number, ["x"] = 1.0 } } : null,
            LastDeath = flag ? null : new DeathRecord
            {
                Generation = number, Reason = DeathReason.Exited, ExitCode = few, At = DateTimeOffset.UnixEpoch, ExitAt = time,
                Reclaimed = [new(ReclaimKind.Path, text, ReclaimOutcome.Kept, flag ? text : null)],
            },
            Claims = [.. Enumerable.Range(0, few).Select(i => new ClaimRecord(ClaimKind.Path, text + i))],
            Found = [.. Enumerable.Range(0, few).Select(i => new FoundRecord((FoundKind)(i % 3), text + i, (ulong)i, (ulong)i))],
            Alerts = [.. Enumerable.Range(0, few).Select(i => new AlertRecord("ops" + i, AlertRule.Died) { Open = flag, RaisedAt = time, HeldBack = text })],
        });

    private static MonitorEvent Event(int what, int generation, long now) => what switch
    {
        0 => new LaunchSucceeded("a", generation, 10, 10, now),
        1 => new LaunchFailed("a", generation, "x", now),
        2 => new ProcessExited("a", generation, new(1, null), now),
        3 => new ReclaimFinished("a", generation, 1, [], true, 1),
        4 => new ReclaimFinished("a", generation, 1, [], false, 1),
        5 => new ReadyTold("a", generation),
        6 => new BeatReceived("a", generation),
        7 => new StatusChanged("a", generation, new StatusReport { Health = ServiceHealth.Healthy, Sequence = now }),
        8 => new SessionOpened("a", generation, now % 5),
        9 => new SessionLost("a", generation, now % 5, "x"),
        10 => new StartOrder(1, "a"),
        11 => new StopOrder(1, "a"),
        12 => new RestartOrder(1, "a"),
        13 => new ProcessDying("a", generation, 10),
        _ => new KeeperReplaced(now % 2 == 0 ? [] : [Specs.Alive(generation: generation)]),
    };
}
