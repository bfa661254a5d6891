using System.Threading.Channels;
using Lifeline.Journal;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Lifeline.Tests.Journal;

public sealed class JournalFailureTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly TemporaryJournal _journal = new();

    public void Dispose() => _journal.Dispose();

    [Fact]
    public async Task A_copy_taken_at_any_moment_opens_and_holds_everything_committed_before()
    {
        using var store = _journal.Open();
        long committed = 0;
        store.Committed += events => Interlocked.Exchange(ref committed, events[^1].Id);
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
                await store.CommitAsync(new JournalBatch { Events = [TemporaryJournal.Event()], Slots = [TemporaryJournal.Slot("a", i)] });
        });

        for (var round = 0; round < 10; round++)
        {
            await store.WaitForEventAsync(store.LastId + 20).WaitAsync(Deadline);
            using var copy = new TemporaryJournal();
            var before = Interlocked.Read(ref committed);
            CopyAsAKillWouldLeaveIt(copy);
            using var opened = copy.Open();
            Assert.True(opened.LastId >= before, $"{before} was committed, {opened.LastId} survived");
            var ids = opened.Read(0, JournalReader.MaxEvents).Select(e => e.Id).ToList();
            Assert.Equal(Enumerable.Range(1, ids.Count).Select(i => (long)i), ids);
            Assert.Equal(opened.LastId - 1, opened.Recovered.Slots.Single().Generation);
        }

        await stop.CancelAsync();
        await writing.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Between_two_attempts_on_a_full_disk_nobody_waits_for_the_next_one_and_nothing_is_lost()
    {
        var store = _journal.Open(o => o with { RetryFirst = TimeSpan.FromHours(1), RetryMax = TimeSpan.FromHours(1) });
        await store.CommitAsync(new JournalBatch { Events = [TemporaryJournal.Event()] });
        store.LimitPages(1);
        var large = $$"""{"x":"{{new string('x', 200_000)}}"}""";
        var sent = 2;
        while (await TellAsync(store, TemporaryJournal.Event(data: large)).WaitAsync(Deadline))
            sent++;
        for (var i = 0; i < 20; i++)
            Assert.False(await TellAsync(store, TemporaryJournal.Event()).WaitAsync(Deadline));

        // The disk has room again when the journal is closed, which tries once more.
        store.LimitPages(1_000_000);
        store.Dispose();
        using var again = _journal.Open();
        Assert.Equal(sent + 20, again.LastId);
    }

    [Fact]
    public async Task A_disk_that_stays_full_is_told_once_and_so_is_its_end_and_in_between_it_is_shown()
    {
        using var store = _journal.Open(o => o with { TroubleAfter = TimeSpan.Zero });
        var told = Channel.CreateUnbounded<JournalTrouble?>();
        store.Troubled = trouble => told.Writer.TryWrite(trouble);
        await store.CommitAsync(new JournalBatch { Events = [TemporaryJournal.Event()] });
        Assert.Null(store.Trouble);

        await FillAsync(store);
        var trouble = await told.Reader.ReadAsync().AsTask().WaitAsync(Deadline);
        Assert.Contains("full", trouble!.Message, StringComparison.Ordinal);
        Assert.Equal(trouble.Since, store.Trouble!.Since);

        store.LimitPages(1_000_000);
        Assert.Null(await told.Reader.ReadAsync().AsTask().WaitAsync(Deadline));
        Assert.Null(store.Trouble);
        Assert.False(told.Reader.TryRead(out _), "told twice");
    }

    [Fact]
    public async Task A_disk_that_stumbles_for_a_moment_is_no_news()
    {
        using var store = _journal.Open(o => o with { TroubleAfter = TimeSpan.FromHours(1) });
        var told = 0;
        store.Troubled = _ => told++;
        await FillAsync(store);
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store.Committed += _ => written.TrySetResult();
        store.LimitPages(1_000_000);
        await written.Task.WaitAsync(Deadline);
        Assert.Null(store.Trouble);
        Assert.Equal(0, told);
    }

    // As long as there is room in the pages that the file has already, more is taken.
    private static async Task FillAsync(JournalStore store)
    {
        store.LimitPages(1);
        var large = $$"""{"x":"{{new string('x', 200_000)}}"}""";
        while (await TellAsync(store, TemporaryJournal.Event(data: large)).WaitAsync(Deadline))
        {
        }
    }

    private static Task<bool> TellAsync(JournalStore store, Lifeline.Journal.JournalEvent e)
    {
        var told = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        store.Commit(new JournalBatch { Events = [e] }, told.SetResult);
        return told.Task;
    }

    [Fact]
    public async Task Numbers_are_not_used_again_after_all_events_were_deleted()
    {
        var now = new FixedTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using (var store = _journal.Open(time: now))
        {
            for (var i = 0; i < 1200; i++)
                store.Append(TemporaryJournal.Event());
            await store.FlushAsync();
        }

        now.Now += TimeSpan.FromDays(31);
        using var again = _journal.Open(time: now);
        await Eventually(() => again.FirstId == 0 || again.FirstId > 1200, again);
        var next = await again.AppendAsync(TemporaryJournal.Event());
        Assert.True(next > 1200);
        Assert.Equal([next], again.Read(1200, 10).Where(e => e.Id == next).Select(e => e.Id));
    }

    [Fact]
    public async Task The_oldest_events_go_when_the_file_is_too_large()
    {
        using var store = _journal.Open(o => o with { RetainBytes = 512 * 1024, RetentionInterval = TimeSpan.FromMilliseconds(20) });
        var data = $$"""{"x":"{{new string('x', 1000)}}"}""";
        for (var i = 0; i < 4000; i++)
        {
            store.Append(TemporaryJournal.Event(data: data));
            if (i % 200 == 0)
                await store.FlushAsync();
        }

        await store.FlushAsync();
        await Eventually(() => store.FirstId > 3000, store);
        Assert.Equal(store.LastId, store.Read(store.LastId - 1, 1).Single().Id);
        Assert.Equal(4000, store.LastId);
    }

    [Fact]
    public async Task A_full_disk_faults_those_who_wait_counts_what_is_lost_and_ends_when_there_is_room_again()
    {
        using var store = _journal.Open(o => o with { MailboxEvents = 100 });
        await store.AppendAsync(TemporaryJournal.Event());
        store.LimitPages(1);
        var data = new string('x', 8000);
        var refused = await Assert.ThrowsAsync<JournalException>(() => store.AppendAsync(TemporaryJournal.Event(data: data)));
        Assert.Contains("full", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<JournalException>(() => store.WriteIntentAsync("orders", 9));
        for (var i = 0; i < 200; i++)
            store.Append(TemporaryJournal.Event(data: data));
        Assert.True(store.Counters.Lost >= 100);

        store.LimitPages(1_000_000);
        await store.WaitForEventAsync(1).WaitAsync(Deadline);
        await store.AppendAsync(TemporaryJournal.Event(kind: "after"));
        var read = store.Read(0, 1000);
        Assert.Equal(Enumerable.Range(1, read.Count).Select(i => (long)i), read.Select(e => e.Id));
        Assert.Equal("after", read[^1].Kind);
        Assert.Contains(read, e => e.Kind == "journal.lost");
        store.Dispose();
        using var again = _journal.Open();
        Assert.Equal(9, Assert.Single(again.Recovered.OpenIntents).Generation);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_set_aside_and_the_first_event_says_so()
    {
        string epoch;
        using (var store = _journal.Open())
        {
            epoch = store.Epoch;
            await store.AppendAsync(TemporaryJournal.Event());
        }

        await File.WriteAllBytesAsync(_journal.File, [.. Enumerable.Repeat((byte)0x5a, 8192)]);
        using var again = _journal.Open();
        Assert.NotEqual(epoch, again.Epoch);
        var first = again.Read(0, 10).Single();
        Assert.Equal("journal.reset", first.Kind);
        var aside = Assert.Single(Directory.GetFiles(_journal.Folder, "journal.db.damaged-*"), f => !f.EndsWith("-wal", StringComparison.Ordinal));
        Assert.Contains(Path.GetFileName(aside), first.DataJson, StringComparison.Ordinal);
        Assert.Equal(8192, new FileInfo(aside).Length);
        Assert.Equal(2, await again.AppendAsync(TemporaryJournal.Event()));
    }

    [Fact]
    public async Task Slots_are_saved_from_a_journal_whose_events_are_damaged()
    {
        using (var store = _journal.Open())
        {
            for (var i = 0; i < 3000; i++)
                store.Append(TemporaryJournal.Event(data: $$"""{"x":"{{new string('x', 500)}}"}"""));
            store.SaveSlot(TemporaryJournal.Slot("orders", 3));
            await store.FlushAsync();
        }

        await using (var file = File.OpenWrite(_journal.File))
        {
            file.Seek(file.Length / 2, SeekOrigin.Begin);
            await file.WriteAsync(new byte[file.Length / 4]);
        }

        using var again = _journal.Open(o => o with { BootId = "the next boot" });
        Assert.Equal("journal.reset", again.Read(0, 10)[0].Kind);
        Assert.Equal(TemporaryJournal.Slot("orders", 3), Assert.Single(TemporaryJournal.Comparable(again.Recovered.Slots)));
    }

    [Fact]
    public void Only_a_few_damaged_copies_are_kept()
    {
        for (var i = 0; i < 6; i++)
        {
            File.WriteAllText(_journal.File, new string('?', 5000));
            File.Delete(_journal.File + "-wal");
            _journal.Open().Dispose();
        }

        Assert.Equal(_journal.Options.DamagedCopies, Directory.GetFiles(_journal.Folder, "journal.db.damaged-*").Count(f => !f.EndsWith("-wal", StringComparison.Ordinal) && !f.EndsWith("-shm", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_newer_schema_is_refused_by_name()
    {
        _journal.Open().Dispose();
        using (var connection = new SqliteConnection($"Data Source={_journal.File};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version=99;";
            command.ExecuteNonQuery();
        }

        var error = Assert.Throws<JournalException>(() => _journal.Open());
        Assert.Contains("newer lifeline (schema 99, this one knows 1)", error.Message, StringComparison.Ordinal);
        Assert.Contains(_journal.File, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_a_clear_error()
    {
        var error = Assert.Throws<JournalException>(() => JournalStore.Open(new JournalOptions { Path = Path.Combine(_journal.Folder, "no", "journal.db") }));
        Assert.Contains("cannot be opened", error.Message, StringComparison.Ordinal);
    }

    private void CopyAsAKillWouldLeaveIt(TemporaryJournal copy)
    {
        // A checkpoint between the two copies would make a state no kill can leave: log first, and again if the file moved on.
        while (true)
        {
            var main = File.ReadAllBytes(_journal.File);
            if (File.Exists(_journal.File + "-wal"))
                File.Copy(_journal.File + "-wal", copy.File + "-wal", overwrite: true);
            if (!File.ReadAllBytes(_journal.File).AsSpan().SequenceEqual(main))
                continue;
            File.WriteAllBytes(copy.File, main);
            return;
        }
    }

    private static async Task Eventually(Func<bool> condition, JournalStore store)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!condition())
        {
            store.SaveSlot(TemporaryJournal.Slot("tick", 1));
            await store.FlushAsync();
            Assert.False(deadline.IsCancellationRequested, $"{store.Counters}, first {store.FirstId}");
            await Task.Delay(10);
        }
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
