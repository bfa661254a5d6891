using System.Globalization;
using Lifeline.Contracts;

namespace Lifeline.Cli.Rendering;

/// <summary>What is told of one service that was asked for by name, as people say it.</summary>
internal static class DetailWords
{
    /// <summary>What happens next, and when.</summary>
    public static string Due(SnapshotDue due, DateTimeOffset now)
    {
        var time = Words.Uptime(due.At - now);
        return due.What switch
        {
            "restart" => $"started again in {time} (backoff)",
            "retry" => $"tried again in {time} (failed_retry)",
            "launch_timeout" => $"given up unless it is executed within {time}",
            "ready_timeout" => $"killed unless it is ready within {time} (ready_timeout)",
            "stop_timeout" => $"killed unless it has ended within {time} (stop.timeout)",
            "reclaim_timeout" => $"the cleanup may take {time} more (reclaim.timeout)",
            "hung" => $"counts as hung without a sign of life within {time} (heartbeat)",
            "kill" => $"killed again in {time}",
            "reclaim" => $"cleaned up again in {time}",
            _ => $"{due.What} in {time}",
        };
    }

    /// <summary>"nofile 4096, memory 512.0 MiB, processes 100, core 0".</summary>
    public static string Limits(SnapshotLimits limits)
    {
        List<string> parts = [];
        if (limits.Nofile is { } files) parts.Add(string.Create(CultureInfo.InvariantCulture, $"nofile {files}"));
        if (limits.MemoryBytes is { } memory) parts.Add("memory " + Mebibytes(memory));
        if (limits.Processes is { } processes) parts.Add(string.Create(CultureInfo.InvariantCulture, $"processes {processes}"));
        if (limits.CoreBytes is { } core) parts.Add("core " + (core == 0 ? "0" : Mebibytes(core)));
        return string.Join(", ", parts);
    }

    /// <summary>"http at tcp 127.0.0.1:8080 (not open)".</summary>
    public static string Socket(SnapshotSocket socket) => $"{socket.Name} at {socket.Kind} {socket.Address}{(socket.IsOpen ? "" : " (not open)")}";

    /// <summary>The state, and what of it is past or about to be.</summary>
    public static string State(ServiceSnapshot service) =>
        JsonNames.Of(service.State) + (service.Dying ? " (dying)" : "") + (service.Stale ? " (stale)" : "");

    private static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.0} MiB");
}
