using System.Diagnostics;
using System.Globalization;

namespace Lifeline.Dashboard.Tests;

/// <summary>Measures, asserts little: run by <c>bench/dashboard/run</c> only.</summary>
public sealed class LoadBench(Browser browser, ITestOutputHelper output) : IClassFixture<Browser>
{
    private static readonly int Count = Setting("LIFELINE_BENCH_COUNT", 1000);
    private static readonly int Rate = Setting("LIFELINE_BENCH_RATE", 1000);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(Setting("LIFELINE_BENCH_SECONDS", 20));

    [Fact(Explicit = true)]
    public async Task Many_services_that_change_often_before_one_browser()
    {
        await using var daemon = new Daemon($"""
            [monitor]
            http = "127.0.0.1:0"
            [services.s]
            command = ["{"{folder}"}/teller", "{1000L * Count / Rate}"]
            instances = {Count}
            status_events = "{Math.Max(1, 500L * Count / Rate)}ms"
            """);
        (await Shell.RunAsync("gcc", ["-O2", "-static", "-o", Path.Combine(daemon.Folder, "teller"), Path.Combine(Places.Repository, "bench/dashboard/teller.c")])).MustSucceed();
        await daemon.UpAsync();
        await Task.Delay(TimeSpan.FromSeconds(10));
        var alone = await MeasureAsync(daemon, "without a browser", () => Task.Delay(Duration));
        await using var visit = await Visit.BeginAsync(browser, daemon);
        await visit.CellAsync("s.1", "text", "queue");
        await Task.Delay(TimeSpan.FromSeconds(3));
        FrameTrace? trace = null;
        var seen = await MeasureAsync(daemon, "with the table of services open", async () => trace = await FrameTrace.TakeAsync(visit.Page, Duration));
        output.WriteLine(trace!.ToString());
        output.WriteLine($"HTTP: {(seen - alone) * 100:0.0} % of a core more than without a browser, at most {seen * 100:0.0}");
        await visit.OpenAsync("#/events");
        seen = await MeasureAsync(daemon, "with the page of events open", async () => trace = await FrameTrace.TakeAsync(visit.Page, Duration));
        output.WriteLine(trace!.ToString());
        output.WriteLine($"HTTP: {(seen - alone) * 100:0.0} % of a core more than without a browser, at most {seen * 100:0.0}");
        Assert.Empty(visit.Complaints);
    }

    private async Task<double> MeasureAsync(Daemon daemon, string what, Func<Task> meanwhile)
    {
        var pid = daemon.MonitorPid;
        var (before, events, sent, clock) = (ProcessorTime.Of(pid), await LastEventAsync(daemon), Written(pid), Stopwatch.StartNew());
        await meanwhile();
        var (after, seconds) = (ProcessorTime.Of(pid), clock.Elapsed.TotalSeconds);
        var rate = (await LastEventAsync(daemon) - events) / seconds;
        output.WriteLine($"{what}: {rate:0} events/s; monitor {after.Since(before, seconds)}; writes {(Written(pid) - sent) / seconds / 1024:0} KiB/s in all");
        // The look at what services hold comes and goes with its own rhythm; it is no thread of these.
        return after.Serving(before, seconds);
    }

    private static async Task<long> LastEventAsync(Daemon daemon)
    {
        using var web = Web.Of(daemon);
        return (await web.GetAsync("/api/v1/monitor")).GetProperty("last_event_id").GetInt64();
    }

    // Everything that it writes: journal and streams.
    private static long Written(int pid) =>
        long.Parse(File.ReadLines($"/proc/{pid}/io").Single(line => line.StartsWith("wchar", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);

    private static int Setting(string name, int otherwise) =>
        int.Parse(Environment.GetEnvironmentVariable(name) ?? otherwise.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
