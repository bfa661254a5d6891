using System.Diagnostics;
using System.Globalization;
using Lifeline.Journal;
using Xunit;

namespace Lifeline.Tests.Journal;

/// <summary>A real process writes and is killed; what it had been told was committed must be there.</summary>
public sealed class JournalKillTests
{
    private const string ChildVariable = "LIFELINE_TEST_JOURNAL";

    [Fact]
    public async Task Nothing_committed_is_lost_when_the_process_is_killed()
    {
        using var journal = new TemporaryJournal();
        long told = 0;
        for (var round = 0; round < 3; round++)
        {
            using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
            {
                ArgumentList = { "--filter-method", $"{typeof(JournalKillTests).FullName}.{nameof(Writer_for_the_kill_test)}", "--results-directory", journal.Folder },
                Environment = { [ChildVariable] = journal.File },
                RedirectStandardOutput = true,
            })!;
            var output = child.StandardOutput.ReadToEndAsync();
            var file = journal.File + ".told";
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (Told(file) < told + 50)
            {
                Assert.False(child.HasExited, "the writer ended by itself: " + (child.HasExited ? await output : ""));
                await Task.Delay(10, deadline.Token);
            }

            child.Kill();
            await child.WaitForExitAsync(deadline.Token);
            told = Told(file);
            using var store = journal.Open();
            Assert.True(store.LastId >= told, $"{told} was told, {store.LastId} is there");
            var ids = store.Read(0, JournalReader.MaxEvents).Select(e => e.Id).ToList();
            Assert.Equal(Enumerable.Range(1, ids.Count).Select(i => (long)i), ids);
        }
    }

    [Fact]
    public async Task Writer_for_the_kill_test()
    {
        var path = Environment.GetEnvironmentVariable(ChildVariable);
        if (path is null)
            return;
        using var store = JournalStore.Open(new JournalOptions { Path = path });
        await using var told = new FileStream(path + ".told", FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        while (store.LastId < JournalReader.MaxEvents - 10)
        {
            var id = await store.AppendAsync(TemporaryJournal.Event());
            told.Position = 0;
            await told.WriteAsync(BitConverter.GetBytes(id));
            await told.FlushAsync();
        }

        await Task.Delay(Timeout.Infinite);
    }

    private static long Told(string file)
    {
        if (!File.Exists(file))
            return 0;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[8];
        return stream.ReadAtLeast(bytes, 8, throwOnEndOfStream: false) == 8 ? BitConverter.ToInt64(bytes) : 0;
    }
}
