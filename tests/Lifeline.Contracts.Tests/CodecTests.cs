using System.Text;
using CsCheck;
using Lifeline.Ipc;

namespace Lifeline.Contracts.Tests;

/// <summary>What is written into a parcel is read from it; garbage is refused with an IpcException and nothing else.</summary>
public sealed class CodecTests
{
    private static readonly Gen<TimeSpan> Wait = Gen.Long[0, 60_000_000].Select(us => new TimeSpan(us * 10));

    [Fact]
    public void Queries_for_events_come_back_as_they_were() =>
        Gen.Select(Gen.Long.Nullable(), Generators.Time.Nullable(), Generators.Name.Null(), Gen.Int[0, CallLimits.MaxEvents], Wait)
            .Select((after, since, service, limit, wait) =>
                new EventQuery { AfterId = after, Since = since, Service = service, Limit = limit, Wait = wait })
            .Sample(query => AssertComesBack(query, EventCodec.WriteQuery, EventCodec.ReadQuery));

    [Fact]
    public void Queries_for_logs_come_back_as_they_were() =>
        Gen.Select(Generators.Name, Generators.ShortText.Null(), Generators.Time.Nullable(), Gen.Int[0, CallLimits.MaxLogLines], Wait, Gen.Int[1, int.MaxValue].Nullable())
            .Select((service, cursor, since, lines, wait, generation) =>
                new LogQuery { Service = service, Cursor = cursor, Since = since, Lines = lines, Wait = wait, Generation = generation })
            .Sample(query => AssertComesBack(query, LogCodec.WriteQuery, LogCodec.ReadQuery));

    [Fact]
    public void Pages_of_events_come_back_as_they_were() =>
        Gen.Select(Generators.Event.List[0, 40], Gen.Long).Sample((events, last) =>
        {
            var read = ThroughParcel(new EventPage(events, last), EventCodec.WritePage, EventCodec.ReadPage);
            Assert.Equal(events, read.Events);
            Assert.Equal(last, read.LastId);
        });

    [Fact]
    public void A_page_of_events_that_is_full_ends_early_and_says_where_to_go_on()
    {
        var data = $$"""{"x":"{{new string('x', 30_000)}}"}""";
        var events = Enumerable.Range(1, 10).Select(id => NewEvent(id, data)).ToList();
        var read = ThroughParcel(new EventPage(events, 10), EventCodec.WritePage, EventCodec.ReadPage);
        Assert.InRange(read.Events.Count, 1, 5);
        Assert.Equal(events[read.Events.Count - 1].Id, read.LastId);
    }

    [Fact]
    public void Data_of_an_event_that_is_too_large_is_left_out_and_the_event_stays()
    {
        var page = new EventPage([NewEvent(1, $"\"{new string('x', ServiceEvent.MaxDataBytes)}\"")], 1);
        var read = ThroughParcel(page, EventCodec.WritePage, EventCodec.ReadPage);
        Assert.Equal("""{"truncated":true}""", Assert.Single(read.Events).DataJson);
    }

    [Fact]
    public void Chunks_of_logs_come_back_as_they_were()
    {
        var line = Gen.Select(Gen.Enum<LogStream>(), Generators.Time, Generators.ShortText, Gen.Bool, Gen.Int[0, 3])
            .Select((stream, at, text, goesOn, generation) => new LogLine(stream, at, text, goesOn) { Generation = generation == 0 ? null : generation });
        Gen.Select(Generators.ShortText, line.List[0, 50], Gen.Bool).Sample((cursor, lines, gap) =>
        {
            var read = ThroughParcel(new LogChunk(cursor, lines, gap), LogCodec.WriteChunk, LogCodec.ReadChunk);
            Assert.Equal(lines, read.Lines);
            Assert.Equal((cursor, gap), (read.Cursor, read.Gap));
        });
    }

    [Fact]
    public void A_log_line_that_UTF8_cannot_spell_is_repaired()
    {
        var chunk = new LogChunk("c", [new LogLine(LogStream.StandardError, DateTimeOffset.UnixEpoch, "a\ud800b")]);
        Assert.Equal("a\ufffdb", Assert.Single(ThroughParcel(chunk, LogCodec.WriteChunk, LogCodec.ReadChunk).Lines).Text);
    }

    [Fact]
    public void Snapshots_come_back_page_by_page() =>
        Generators.Snapshot.List[0, 300].Sample(
            snapshots =>
            {
                var read = new List<ServiceSnapshot>();
                var pages = 0;
                for (var first = 0; first >= 0; pages++)
                {
                    using var reply = new Parcel();
                    PageCodec.Write(reply, new ServicePage<ServiceSnapshot>([.. snapshots.Skip(first)], true), first);
                    first = PageCodec.Read(reply, first, read, ContractsJson.Snapshot);
                }

                Assert.Equal(ContractsJson.Serialize(snapshots), ContractsJson.Serialize(read));
                Assert.InRange(pages, 1, 20);
            },
            iter: 30);

    [Fact]
    public void A_snapshot_with_too_many_reclaim_steps_is_shortened()
    {
        var steps = Enumerable.Range(0, 5000).Select(pid => new ReclaimStep(ReclaimKind.Process, new string('9', 100), ReclaimOutcome.Killed)).ToList();
        var death = new SnapshotDeath { At = DateTimeOffset.UnixEpoch, Reason = DeathReason.Exited, Reclaimed = steps };
        var snapshot = new ServiceSnapshot { Name = "a", State = ServiceState.Backoff, Health = ServiceHealth.Unknown, LastDeath = death };
        using var reply = new Parcel();
        PageCodec.Write(reply, new ServicePage<ServiceSnapshot>([snapshot], true), 0);
        var read = new List<ServiceSnapshot>();
        Assert.Equal(-1, PageCodec.Read(reply, 0, read, ContractsJson.Snapshot));
        Assert.InRange(Assert.Single(read).LastDeath!.Reclaimed.Count, 100, 4999);
    }

    [Fact]
    public void Answers_come_back_as_they_were()
    {
        var info = new MonitorInfo
        {
            Version = "0.1.0",
            Pid = 2,
            KeeperPid = 1,
            StartedAt = DateTimeOffset.UnixEpoch,
            ConfigurationFile = "/a/lifeline.toml",
            RunDirectory = "/run/lifeline",
            StateDirectory = "/var/lib/lifeline",
            JournalEpoch = "e",
        };
        AssertComesBack(info, AnswerCodec.WriteInfo, AnswerCodec.ReadInfo);
        AssertComesBack(info with { HttpUrl = "http://127.0.0.1:7070" }, AnswerCodec.WriteInfo, AnswerCodec.ReadInfo);
        AssertComesBack(new RegistrationResult("a", 3, TimeSpan.FromSeconds(10)), AnswerCodec.WriteRegistration, AnswerCodec.ReadRegistration);
        AssertComesBack(new RegistrationResult(null, 0, null), AnswerCodec.WriteRegistration, AnswerCodec.ReadRegistration);
    }

    [Fact]
    public void The_answer_to_a_reload_is_cut_to_what_fits()
    {
        var result = new ReloadResult(true, [.. Enumerable.Range(0, 500).Select(index => $"{index} " + new string('x', 2000))], ["an error"]);
        var read = ThroughParcel(result, AnswerCodec.WriteReload, AnswerCodec.ReadReload);
        Assert.True(read.Applied);
        Assert.Equal(CallLimits.MaxReloadLines, read.Changes.Count);
        Assert.Equal("… and 437 more", read.Changes[^1]);
        Assert.Equal(["an error"], read.Errors);
    }

    [Fact]
    public void Reports_come_back_as_they_were() =>
        Gen.Select(Generators.Report, Generators.Name.Null(), Gen.Int.Nullable()).Sample((report, service, generation) =>
        {
            using var data = new Parcel();
            RequestCodec.WriteReport(data, report, service, generation);
            Assert.Equal((report, service, generation), RequestCodec.ReadReport(data));
        });

    [Fact]
    public void Names_come_back_as_they_were() =>
        Generators.Name.List[0, 100].Sample(names =>
        {
            using var data = new Parcel();
            data.WriteNames(names);
            Assert.Equal(names, data.ReadNames());
        });

    [Theory]
    [InlineData(ClaimKind.Path, "relative", "absolute")]
    [InlineData(ClaimKind.Path, "/with\0nul", "absolute")]
    [InlineData(ClaimKind.SysVShm, "-1", "decimal")]
    [InlineData(ClaimKind.SysVSem, "99999999999", "decimal")]
    [InlineData((ClaimKind)9, "/x", "kind of claim 9")]
    public void A_claim_that_cannot_be_meant_is_refused(ClaimKind kind, string what, string expected)
    {
        using var data = new Parcel();
        RequestCodec.WriteClaim(data, kind, what);
        var error = Assert.Throws<IpcException>(() => RequestCodec.ReadClaim(data));
        Assert.Equal(IpcError.CheckParam, error.Error);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_too_much_is_refused_with_the_limit()
    {
        using var data = new Parcel();
        AssertRefused(() => data.WriteNames([.. Enumerable.Repeat("a", CallLimits.MaxNames + 1)]), $"{CallLimits.MaxNames}");
        AssertRefused(() => data.WriteNames([new string('a', CallLimits.MaxNameBytes + 1)]), $"{CallLimits.MaxNameBytes}");
        AssertRefused(() => EventCodec.WriteQuery(data, new EventQuery { Limit = CallLimits.MaxEvents + 1 }), $"{CallLimits.MaxEvents}");
        AssertRefused(() => EventCodec.WriteQuery(data, new EventQuery { Wait = TimeSpan.FromSeconds(-1) }), "span of time");
        Assert.Contains($"{CallLimits.MaxClaimBytes}", ClaimRules.Check(ClaimKind.Path, "/" + new string('a', CallLimits.MaxClaimBytes)), StringComparison.Ordinal);
        using var late = new Parcel();
        EventCodec.WriteQuery(late, new EventQuery { Wait = CallLimits.MaxWait * 2 });
        AssertRefused(() => EventCodec.ReadQuery(late), $"{CallLimits.MaxWait}");
    }

    [Fact]
    public void Garbage_is_refused_by_every_decoder_and_harms_none()
    {
        Action<Parcel>[] decoders =
        [
            data => EventCodec.ReadQuery(data), data => EventCodec.ReadPage(data), data => LogCodec.ReadQuery(data),
            data => LogCodec.ReadChunk(data), data => PageCodec.Read(data, 0, [], ContractsJson.Snapshot), data => PageCodec.Read(data, 0, [], ContractsJson.Outline), data => AnswerCodec.ReadInfo(data),
            data => AnswerCodec.ReadReload(data), data => AnswerCodec.ReadRegistration(data), data => RequestCodec.ReadClaim(data),
            data => RequestCodec.ReadReport(data), data => RequestCodec.ReadKill(data), data => RequestCodec.ReadRegistration(data),
            data => data.ReadNames(),
        ];
        var smallNumbers = Gen.Int[-2, 5].Array[1, 40].Select(numbers => numbers.SelectMany(BitConverter.GetBytes).ToArray());
        Gen.OneOf(Gen.Byte.Array[0, 300], smallNumbers).Sample(bytes =>
        {
            foreach (var decode in decoders)
            {
                using var data = new Parcel();
                if (bytes.Length != 0)
                    data.WriteBuffer(bytes);
                try
                {
                    decode(data);
                }
                catch (IpcException e)
                {
                    Assert.NotEmpty(e.Message);
                }
            }
        });
    }

    [Fact]
    public void Every_cut_of_an_answer_is_refused()
    {
        using var whole = new Parcel();
        LogCodec.WriteChunk(whole, new LogChunk("cursor", [new LogLine(LogStream.StandardOutput, DateTimeOffset.UnixEpoch, "text")]));
        for (var length = 0; length < whole.DataSize - sizeof(int); length += 4)
        {
            using var cut = new Parcel();
            cut.Append(whole);
            cut.RewindWrite(length);
            Assert.ThrowsAny<IpcException>(() => LogCodec.ReadChunk(cut));
        }
    }

    [Fact]
    public void Log_lines_of_a_monitor_that_tells_no_generations_are_understood()
    {
        var line = new LogLine(LogStream.StandardOutput, DateTimeOffset.UnixEpoch, "text");
        using var earlier = new Parcel();
        LogCodec.WriteChunk(earlier, new LogChunk("cursor", [line with { Generation = 3 }]));
        earlier.RewindWrite(earlier.DataSize - sizeof(int));
        Assert.Equal(line, Assert.Single(LogCodec.ReadChunk(earlier).Lines));
    }

    [Fact]
    public void Text_that_is_no_UTF8_is_refused()
    {
        using var data = new Parcel();
        data.WriteBytes([0x61, 0xFF]);
        Assert.Contains("UTF-8", Assert.Throws<IpcException>(() => data.ReadText(10, "A text")).Message, StringComparison.Ordinal);
        Assert.Equal(2, Encoding.UTF8.GetByteCount("é"));
    }

    private static ServiceEvent NewEvent(long id, string data) =>
        new() { Id = id, At = DateTimeOffset.UnixEpoch, Kind = EventKinds.ServiceStatus, DataJson = data };

    private static void AssertRefused(Action action, string expected) =>
        Assert.Contains(expected, Assert.Throws<IpcException>(action).Message, StringComparison.Ordinal);

    private static void AssertComesBack<T>(T value, Action<Parcel, T> write, Func<Parcel, T> read) =>
        Assert.Equal(value, ThroughParcel(value, write, read));

    private static T ThroughParcel<T>(T value, Action<Parcel, T> write, Func<Parcel, T> read)
    {
        using var parcel = new Parcel();
        write(parcel, value);
        var back = read(parcel);
        Assert.Equal(0, parcel.ReadableBytes);
        return back;
    }
}
