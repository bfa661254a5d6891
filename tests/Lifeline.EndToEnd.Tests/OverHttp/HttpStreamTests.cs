using System.Collections.Concurrent;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.OverHttp;

/// <summary>Readers of the event stream miss nothing and see nothing twice, whatever happens to the monitor.</summary>
public sealed class HttpStreamTests
{
    private static readonly int Readers = int.Parse(Environment.GetEnvironmentVariable("LIFELINE_TEST_READERS") ?? "200", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task Every_reader_sees_every_event_once_and_in_order_while_the_monitor_is_killed_under_load()
    {
        const int rounds = 3;
        await using var daemon = await new Daemon(Busy).UpAsync();
        using var web = Web.Of(daemon);
        using var end = new CancellationTokenSource();
        var seen = Enumerable.Range(0, Readers).Select(_ => new ConcurrentQueue<long>()).ToArray();
        var start = (await web.SendAsync(HttpMethod.Get, "/api/v1/events?limit=1")).Headers.GetValues("Lifeline-Position").Single();
        var readers = seen.Select(ids => Task.Run(() => ReadAsync(web, start, ids, end.Token))).ToArray();

        for (var round = 0; round < rounds; round++)
        {
            var before = seen.Max(ids => ids.LastOrDefault());
            await Eventually.TrueAsync(() => seen.All(ids => ids.LastOrDefault() > before + 20), "the readers see new events");
            var monitor = daemon.MonitorPid;
            Processes.Kill(monitor);
            await Eventually.TrueAsync(() => daemon.MonitorPid != monitor && Processes.IsAlive(daemon.MonitorPid), "another monitor serves");
        }

        var last = (await daemon.EventsAsync())[^1].Id();
        await Eventually.TrueAsync(() => seen.All(ids => ids.LastOrDefault() >= last), $"every reader comes to event {last}");
        await end.CancelAsync();
        await Task.WhenAll(readers);

        var first = long.Parse(start[(start.LastIndexOf('-') + 1)..], System.Globalization.CultureInfo.InvariantCulture) + 1;
        foreach (var ids in seen)
            Assert.Equal(Enumerable.Range(0, ids.Count).Select(i => first + i), ids);
    }

    [Fact]
    public async Task A_place_that_is_unknown_is_answered_by_reset()
    {
        await using var daemon = await new Daemon(Busy).UpAsync();
        using var web = Web.Of(daemon);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        foreach (var place in new[] { "another-5", "nonsense", await FutureAsync(web) })
        {
            await foreach (var e in web.StreamAsync("/api/v1/events/stream", place, end.Token))
            {
                Assert.Equal("reset", e.Kind);
                break;
            }
        }
    }

    [Fact]
    public async Task A_filter_gives_only_what_was_asked_for()
    {
        await using var daemon = await new Daemon(Busy).UpAsync();
        using var web = Web.Of(daemon);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var epoch = (await web.GetAsync("/api/v1/monitor")).GetProperty("journal_epoch").GetString();
        var kinds = new List<string>();

        await foreach (var e in web.StreamAsync("/api/v1/events/stream?service=dying.1&kind=service.died,service.started", $"{epoch}-0", end.Token))
        {
            Assert.Equal("dying.1", e.Data.Service());
            kinds.Add(e.Data.Kind());
            if (kinds.Count == 4)
                break;
        }

        Assert.Equal(["service.started", "service.died", "service.started", "service.died"], kinds);
    }

    // Dies at once, again and again: several events each time.
    private const string Busy = """
        [monitor]
        http = "127.0.0.1:0"

        [services.dying]
        command = ["sleep", "0.1"]
        instances = 4
        max_restarts = 100000
        backoff = { initial = "50ms", max = "100ms" }
        """;

    private static async Task<string> FutureAsync(Web web) =>
        $"{(await web.GetAsync("/api/v1/monitor")).GetProperty("journal_epoch").GetString()}-1000000";

    // As a browser does it: reconnects, and says what it had last.
    private static async Task ReadAsync(Web web, string position, ConcurrentQueue<long> ids, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await foreach (var e in web.StreamAsync("/api/v1/events/stream", position, end))
                {
                    if (e.Kind != "message")
                        Assert.Fail($"A reader at {position} got {e.Kind}: {e.Data}");
                    ids.Enqueue(e.Data.Id());
                    position = e.Id!;
                }
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException)
            {
                // The monitor was killed; its successor takes over the socket.
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }
}
