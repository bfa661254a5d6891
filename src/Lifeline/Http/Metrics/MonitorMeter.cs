using System.Diagnostics.Metrics;
using System.Globalization;
using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Http;

/// <summary>The monitor itself: its queues, its losses, its memory.</summary>
internal static class MonitorMeter
{
    public static void AddTo(Meter meter, HttpSources sources)
    {
        var info = sources.Info();
        meter.CreateObservableGauge(
            "lifeline.monitor.info", () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", info.Version)), null, "1, with the version of the monitor");
        meter.CreateObservableGauge("lifeline.monitor.start.time", () => info.StartedAt.ToUnixTimeMilliseconds() / 1000.0, "s", "When the monitor started, in seconds since 1970");
        meter.CreateObservableGauge("lifeline.monitor.resident.memory", () => Resident(), "By", "Resident memory of the monitor");
        meter.CreateObservableGauge("lifeline.monitor.heap", () => GC.GetTotalMemory(false), "By", "Managed memory of the monitor");
        meter.CreateObservableCounter("lifeline.monitor.cpu", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time of the monitor");
        meter.CreateObservableCounter("lifeline.monitor.garbage.collections", () => GC.CollectionCount(0), "{collection}", "Garbage collections of the monitor");
        meter.CreateObservableGauge("lifeline.monitor.threads", () => ThreadPool.ThreadCount, null, "Threads of the monitor's pool");
        meter.CreateObservableGauge("lifeline.monitor.open.descriptors", OpenDescriptors, null, "Descriptors that the monitor has open");

        meter.CreateObservableGauge("lifeline.journal.waiting.events", () => sources.Journal.Counters.Waiting, null, "Events that wait for the disk");
        meter.CreateObservableGauge("lifeline.journal.last.event.id", () => sources.Journal.LastId, null, "The newest event's id");
        meter.CreateObservableCounter("lifeline.journal.lost.events", () => sources.Journal.Counters.Lost, "{event}", "Events that could not be kept");
        meter.CreateObservableCounter("lifeline.journal.commit.failures", () => sources.Journal.Counters.Failures, "{commit}", "Commits that failed and are tried again");
        meter.CreateObservableCounter("lifeline.journal.commits", () => sources.Journal.Counters.Groups, "{commit}", "Commits, each of all events that waited");
        meter.CreateObservableGauge("lifeline.alert.pending", () => Pending(sources), null, "Alerts that are not delivered yet");
    }

    private static IEnumerable<Measurement<int>> Pending(HttpSources sources) =>
        [.. sources.Alerts.Channels().Select(channel => new Measurement<int>(channel.Pending, new KeyValuePair<string, object?>("alert", channel.Name)))];

    private static long Resident()
    {
        var pages = (ProcFs.TryReadText("/proc/self/statm") ?? "").Split(' ');
        return pages.Length > 1 && long.TryParse(pages[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count * Environment.SystemPageSize : 0;
    }

    private static int OpenDescriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;
}
