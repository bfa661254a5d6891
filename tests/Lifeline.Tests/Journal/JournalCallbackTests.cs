using Lifeline.Journal;

namespace Lifeline.Tests.Journal;

public class JournalCallbackTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task What_waits_for_the_disk_runs_in_order_and_after_its_commit()
    {
        var folder = Directory.CreateTempSubdirectory("lifeline-callback-").FullName;
        try
        {
            using var journal = JournalStore.Open(new JournalOptions { Path = Path.Combine(folder, "journal.db") });
            var order = new List<(int Number, long LastId)>();
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            for (var i = 1; i <= 100; i++)
            {
                var number = i;
                journal.Commit(new JournalBatch { Events = [new JournalEvent("service.started", "a", number, "{}")] }, onDisk =>
                {
                    Assert.True(onDisk);
                    order.Add((number, journal.LastId));
                    if (number == 100)
                        done.SetResult();
                });
            }

            await done.Task.WaitAsync(Patience);
            Assert.Equal(Enumerable.Range(1, 100), order.Select(o => o.Number));
            Assert.All(order, o => Assert.True(o.LastId >= o.Number, $"{o.Number} ran when only {o.LastId} was on disk."));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_does_not_hold_up_what_waits()
    {
        var folder = Directory.CreateTempSubdirectory("lifeline-callback-").FullName;
        try
        {
            using var journal = JournalStore.Open(new JournalOptions { Path = Path.Combine(folder, "journal.db") });
            await journal.FlushAsync();
            journal.LimitPages(1);
            var outcome = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            var events = Enumerable.Range(0, 200).Select(i => new JournalEvent("service.started", "a", i, $"{{\"text\":\"{new string('x', 4000)}\"}}")).ToList();
            journal.Commit(new JournalBatch { Events = events }, outcome.SetResult);
            Assert.False(await outcome.Task.WaitAsync(Patience));
            journal.LimitPages(1_000_000);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
