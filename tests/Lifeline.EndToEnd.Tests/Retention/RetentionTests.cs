using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Retention;

/// <summary>The journal holds what its settings say: old events go, ids go on, and whoever reads meanwhile misses nothing new.</summary>
public class RetentionTests
{
    [Fact]
    public async Task What_is_too_old_goes_and_numbers_go_on()
    {
        await using var daemon = await new Daemon("""
            [monitor]
            http = "127.0.0.1:0"
            journal_max_age = "1h"
            [services.a]
            command = ["sleep", "1000"]
            """).UpAsync();
        await daemon.RunningAsync("a");
        (await daemon.RunAsync("restart", "a")).MustSucceed();
        (await daemon.RunAsync("down")).MustSucceed();

        // Two hours pass while nothing runs, but for the last event.
        var old = long.Parse(await SqlAsync(daemon, "SELECT max(id) FROM events"), CultureInfo.InvariantCulture) - 1;
        await SqlAsync(daemon, $"UPDATE events SET at = at - 2 * 3600 * 1000000 WHERE id <= {old}");
        await daemon.UpAsync();
        await Eventually.TrueAsync(async () => (await daemon.EventsAsync())[0].Id() == old + 1, () => "the old events are still there\n" + daemon.Describe());

        Processes.Kill((await daemon.RunningAsync("a")).Pid());
        await daemon.RunningAsync("a", 4);
        var kept = await daemon.EventsAsync();
        Assert.Equal(Enumerable.Range(0, kept.Length).Select(i => old + 1 + i), kept.Select(happened => happened.Id()));
        // Who asks from a place that is gone gets what there is; a stream says that it cannot go on from there.
        Assert.Equal(kept[0].Id(), JsonDocument.Parse((await daemon.RunAsync("events", "--json", "--since", "1")).MustSucceed().Output.Split('\n')[0]).RootElement.Id());
        using var web = Web.Of(daemon);
        using var end = new CancellationTokenSource(Eventually.Patience);
        var now = await PositionAsync(web);
        await foreach (var sent in web.StreamAsync("/api/v1/events/stream", $"{now[..now.LastIndexOf('-')]}-1", end.Token))
        {
            Assert.Equal("reset", sent.Kind);
            break;
        }
    }

    [Fact]
    public async Task What_is_too_much_goes_and_readers_of_the_new_are_not_upset()
    {
        await using var daemon = await new Daemon("""
            [monitor]
            http = "127.0.0.1:0"
            journal_max_size = "1MiB"
            [services.talker]
            command = ["/usr/bin/python3", "talk.py"]
            status_events = "0s"
            """).With("talk.py", """
            import os, socket, time
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.connect(os.environ['NOTIFY_SOCKET'])
            for n in range(1 << 30):
                s.send(b'STATUS=%d %s' % (n, b'x' * 900))
                time.sleep(0.002)
            """).UpAsync();
        using var web = Web.Of(daemon);
        using var end = new CancellationTokenSource();
        var streamed = new ConcurrentQueue<long>();
        var reader = StreamAsync(web, await PositionAsync(web), streamed, end.Token);
        using var follower = Background.Start(Places.Executable, "events", "-f", "--json", "--since", "0", "--run-dir", daemon.RunFolder, "--state-dir", daemon.StateFolder);
        await Eventually.TrueAsync(() => streamed.LastOrDefault() > 2500, "there were no 2500 events");

        // A monitor looks at the size when it begins, and once a minute.
        var monitor = daemon.MonitorPid;
        Processes.Kill(monitor);
        await Eventually.TrueAsync(async () => FirstId((await daemon.RunAsync("events", "--json", "--since", "0", "--until", "0s")).Output) > 500, () => "nothing went\n" + daemon.Describe());
        var then = streamed.Last();
        await Eventually.TrueAsync(() => streamed.Last() > then + 300 && Ids(follower.Output).LastOrDefault() > then + 300, "the readers go on");
        await end.CancelAsync();
        await reader;

        foreach (var ids in new[] { [.. streamed], Ids(follower.Output) })
            Assert.Equal(Enumerable.Range(0, ids.Length).Select(i => ids[0] + i), ids);
        Assert.Equal(1, Ids(follower.Output)[0]);
    }

    private static async Task<string> PositionAsync(Web web)
    {
        using var newest = await web.SendAsync(HttpMethod.Get, "/api/v1/events?limit=1");
        return newest.Headers.GetValues("Lifeline-Position").Single();
    }

    private static long FirstId(string lines) => lines.Split('\n', 2)[0] is { Length: > 0 } line ? JsonDocument.Parse(line).RootElement.Id() : 0;

    // The last line may not be whole yet.
    private static long[] Ids(string lines) =>
        [.. lines.Split('\n').SkipLast(1).Where(line => line.StartsWith('{')).Select(line => JsonDocument.Parse(line).RootElement.Id())];

    private static async Task StreamAsync(Web web, string position, ConcurrentQueue<long> ids, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await foreach (var sent in web.StreamAsync("/api/v1/events/stream", position, end))
                {
                    if (sent.Kind != "message") Assert.Fail($"A reader at {position} got {sent.Kind}: {sent.Data}");
                    ids.Enqueue(sent.Data.Id());
                    position = sent.Id!;
                }
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException)
            {
                // The monitor was killed; its successor takes over the socket.
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    private static async Task<string> SqlAsync(Daemon daemon, string sql) => (await Shell.RunAsync("/usr/bin/python3",
        ["-c", "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as db: print(*[r[0] for r in db.execute(sys.argv[2])])", Path.Combine(daemon.StateFolder, "journal.db"), sql])).MustSucceed().Output.Trim();
}
