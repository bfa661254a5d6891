using Lifeline.Contracts;
using Lifeline.Journal;
using Xunit;

namespace Lifeline.Tests.Journal;

public sealed class JournalStoreTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly TemporaryJournal _journal = new();

    public void Dispose() => _journal.Dispose();

    [Fact]
    public async Task Events_get_numbers_from_one_without_gaps_in_the_order_they_were_handed_over()
    {
        using var store = _journal.Open();
        var ids = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => store.AppendAsync(TemporaryJournal.Event(data: $$"""{"n":{{i}}}"""))));

        Assert.Equal(Enumerable.Range(1, 500).Select(i => (long)i), ids);
        var read = store.Read(0, 1000);
        Assert.Equal(ids, read.Select(e => e.Id));
        Assert.Equal("""{"n":499}""", read[^1].DataJson);
        Assert.Equal(500, store.LastId);
    }

    [Fact]
    public async Task What_was_read_back_is_what_was_written()
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
        using var store = _journal.Open(o => o with { RetainAge = TimeSpan.FromDays(36500) });
        await store.AppendAsync(new JournalEvent("service.died", "orders.1", 3, """{"reason":"signaled"}""", at));
        await store.AppendAsync(new JournalEvent("monitor.started", null, 0, "{}", at));

        var read = store.Read(0, 10);
        Assert.Equal(new ServiceEvent { Id = 1, At = at, Service = "orders.1", Generation = 3, Kind = "service.died", DataJson = """{"reason":"signaled"}""" }, read[0]);
        Assert.Null(read[1].Service);
    }

    [Fact]
    public async Task Reading_is_by_number_limit_and_service()
    {
        using var store = _journal.Open();
        for (var i = 0; i < 20; i++)
            store.Append(TemporaryJournal.Event(service: i % 2 == 0 ? "a" : "b"));
        await store.FlushAsync();

        Assert.Equal([6L, 7L, 8L], store.Read(5, 3).Select(e => e.Id));
        Assert.Equal([7L, 9L], store.Read(5, 2, "a").Select(e => e.Id));
        Assert.Equal(17, store.IdBeforeLast(3));
        Assert.Equal(15, store.IdBeforeLast(3, "b") );
        Assert.Equal(20, store.IdBeforeLast(3, "nobody"));
        Assert.Equal(1, store.FirstId);
    }

    [Theory]
    [InlineData("a", new long[] { 1 })]
    [InlineData("web", new long[] { 2, 3 })]
    [InlineData("a,web.2", new long[] { 1, 3 })]
    [InlineData("we*", new long[] { 2, 3, 4 })]
    [InlineData("w?b,a", new long[] { 1, 2, 3 })]
    [InlineData("*", new long[] { 1, 2, 3, 4 })]
    [InlineData("none,x*", new long[0])]
    public async Task Reading_is_by_services_their_instances_and_patterns(string services, long[] expected)
    {
        using var store = _journal.Open();
        foreach (var service in (string?[])["a", "web.1", "web.2", "webster", null])
            store.Append(TemporaryJournal.Event(service: service));
        await store.FlushAsync();

        Assert.Equal(expected, store.Read(0, 100, new JournalFilter(services)).Select(e => e.Id));
        Assert.Equal(expected, store.Read(0, 100, new JournalFilter(services, "service.*,alert.*")).Select(e => e.Id));
    }

    [Fact]
    public void The_connection_of_the_checkpoints_writes_nothing_of_its_own()
    {
        using var writer = JournalSchema.Connect(_journal.File);
        JournalSchema.Execute(writer, "CREATE TABLE t(x); INSERT INTO t VALUES (1);");
        var log = new FileInfo(_journal.File + "-wal").Length;

        using var checkpoints = JournalSchema.ConnectForCheckpoints(_journal.File);
        Assert.Equal(log, new FileInfo(_journal.File + "-wal").Length);
        Assert.True(JournalReader.Checkpoint(checkpoints) > 0);
        Assert.Equal(1L, JournalSchema.Scalar(writer, "SELECT count(*) FROM t;"));
    }

    [Fact]
    public async Task Events_since_a_time_are_found()
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var store = _journal.Open(o => o with { RetainAge = TimeSpan.FromDays(36500) });
        for (var i = 0; i < 10; i++)
            store.Append(TemporaryJournal.Event() with { At = start.AddMinutes(i) });
        await store.FlushAsync();

        Assert.Equal(4, store.IdBefore(start.AddMinutes(4)));
        Assert.Equal(0, store.IdBefore(start));
        Assert.Equal(10, store.IdBefore(start.AddHours(1)));
    }

    [Fact]
    public async Task Watchers_see_only_committed_events_in_order_and_their_faults_harm_nobody()
    {
        using var store = _journal.Open();
        var seen = new List<long>();
        var missing = 0;
        store.Committed += events =>
        {
            seen.AddRange(events.Select(e => e.Id));
            if (store.Read(events[0].Id - 1, events.Count).Count != events.Count)
                missing++;
            throw new InvalidOperationException("a bad watcher");
        };
        for (var i = 0; i < 300; i++)
            store.Append(TemporaryJournal.Event());
        await store.FlushAsync();
        await store.FlushAsync();

        Assert.Equal(Enumerable.Range(1, 300).Select(i => (long)i), seen);
        Assert.Equal(0, missing);
        Assert.True(store.Counters.ObserverFaults > 0);
    }

    [Fact]
    public async Task Slots_intents_outbox_and_settings_come_back_after_a_restart()
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        string epoch;
        long outbox;
        using (var store = _journal.Open())
        {
            epoch = store.Epoch;
            outbox = store.NextOutboxId();
            await store.WriteIntentAsync("a", 1);
            await store.WriteIntentAsync("b", 7);
            await store.CommitAsync(new JournalBatch
            {
                Events = [TemporaryJournal.Event()],
                Slots = [TemporaryJournal.Slot("a", 1), TemporaryJournal.Slot("b", 6), TemporaryJournal.Slot("gone", 2)],
                Outbox = [new OutboxEntry(outbox, "ops", """{"rule":"died"}""", at, 2, at.AddMinutes(1))],
                Settings = [new("wanted", "yes")],
            });
            store.RemoveSlot("gone");
        }

        using var again = _journal.Open();
        Assert.Equal(epoch, again.Epoch);
        Assert.Equal([TemporaryJournal.Slot("a", 1), TemporaryJournal.Slot("b", 6)], TemporaryJournal.Comparable(again.Recovered.Slots));
        var intent = Assert.Single(again.Recovered.OpenIntents);
        Assert.Equal(("b", 7), (intent.Slot, intent.Generation));
        Assert.Equal(new OutboxEntry(outbox, "ops", """{"rule":"died"}""", at, 2, at.AddMinutes(1)), Assert.Single(again.Recovered.Outbox));
        Assert.Equal("yes", again.Recovered.Settings["wanted"]);
        Assert.True(again.NextOutboxId() > outbox);
    }

    [Fact]
    public async Task Saving_a_slot_many_times_keeps_the_newest()
    {
        using (var store = _journal.Open())
        {
            for (var i = 1; i <= 200; i++)
                store.SaveSlot(TemporaryJournal.Slot("a", i));
            await store.FlushAsync();
        }

        using var again = _journal.Open();
        Assert.Equal(200, Assert.Single(again.Recovered.Slots).Generation);
    }

    [Fact]
    public async Task Waiting_for_an_event_ends_with_its_commit()
    {
        using var store = _journal.Open();
        var wait = store.WaitForEventAsync(0);
        Assert.False(wait.IsCompleted);
        store.Append(TemporaryJournal.Event());
        await wait.WaitAsync(Deadline);
        await store.WaitForEventAsync(0).WaitAsync(Deadline);

        using var cancel = new CancellationTokenSource();
        var cancelled = store.WaitForEventAsync(1, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
    }

    [Fact]
    public async Task Events_beyond_the_mailbox_are_counted_and_told_where_the_gap_is()
    {
        using var store = _journal.Open(o => o with { MailboxEvents = 10 });
        using var hold = new ManualResetEventSlim();
        using var held = new ManualResetEventSlim();
        store.Committed += _ =>
        {
            held.Set();
            hold.Wait(Deadline);
        };
        store.Append(TemporaryJournal.Event());
        Assert.True(held.Wait(Deadline));
        for (var i = 0; i < 25; i++)
            store.Append(TemporaryJournal.Event());
        var refused = store.AppendAsync(TemporaryJournal.Event());
        await Assert.ThrowsAsync<JournalException>(() => refused);
        hold.Set();
        await store.FlushAsync();
        store.Append(TemporaryJournal.Event());
        await store.FlushAsync();

        var read = store.Read(0, 100);
        Assert.Equal(Enumerable.Range(1, 13).Select(i => (long)i), read.Select(e => e.Id));
        Assert.Equal("journal.lost", read[11].Kind);
        Assert.Equal("""{"count":16}""", read[11].DataJson);
        Assert.Equal(16, store.Counters.Lost);
    }

    [Fact]
    public async Task Data_that_is_too_long_is_replaced_by_its_length()
    {
        using var store = _journal.Open();
        var length = JournalEvent.MaxDataLength + 1;
        await store.AppendAsync(TemporaryJournal.Event(data: new string(' ', length)));
        Assert.Equal($$"""{"truncated":true,"length":{{length}}}""", store.Read(0, 1)[0].DataJson);
    }

    [Fact]
    public async Task A_closed_journal_refuses_clearly()
    {
        var store = _journal.Open();
        store.Append(TemporaryJournal.Event());
        store.Dispose();
        var error = await Assert.ThrowsAsync<JournalException>(() => store.AppendAsync(TemporaryJournal.Event()));
        Assert.Contains("closed", error.Message, StringComparison.Ordinal);
        using var again = _journal.Open();
        Assert.Equal(1, again.LastId);
    }
}
