using System.Globalization;
using Lifeline.Configuration;
using Lifeline.Contracts;

namespace Lifeline.Cli.Rendering;

/// <summary>What is known of one service beyond its line in the table; only what there is.</summary>
internal static class StatusDetail
{
    private const int LabelWidth = 12;

    public static void Write(ServiceSnapshot service, Places places, CliContext context)
    {
        foreach (var (label, text) in Lines(service, places, context.Time.GetUtcNow()))
            context.Output.WriteLine(Wrapping.Below($"  {label.PadRight(LabelWidth)}", Words.Line(text), context.TextWidth));
    }

    private static IEnumerable<(string Label, string Text)> Lines(ServiceSnapshot service, Places places, DateTimeOffset now)
    {
        if (service.Because is { } because) yield return ("because", because);
        if (service.Due is { } due) yield return ("next", DetailWords.Due(due, now));
        if (service.Pid is not null && service.ReadyAt is { } ready) yield return ("ready", $"{Words.Uptime(now - ready)} ago");
        if (service.Status is { } status)
        {
            yield return ("reported", $"{(status.Text.Length > 0 ? $"\"{status.Text}\", " : "")}code {status.Code.ToString(CultureInfo.InvariantCulture)}, {Words.Uptime(now - status.At)} ago");
            if (status.Fields is { Count: > 0 } fields) yield return ("fields", string.Join(", ", fields.Select(field => $"{field.Key}={field.Value}")));
        }
        if (Used(service) is { Length: > 0 } used) yield return ("uses", used);
        if (service.Limits is { } limits) yield return ("limits", DetailWords.Limits(limits));
        if (service.Listen is { } sockets) yield return ("listens", string.Join(", ", sockets.Select(DetailWords.Socket)));
        if (service.Stored is { } stored) yield return ("keeps", string.Join(", ", stored));
        if (service.LastDeath is { } death)
        {
            yield return ("last death", $"{Words.Uptime(now - death.At)} ago: {Words.Death(death)}{Times(death)}");
            yield return ("cleaned up", death.Reclaimed is { Count: > 0 } steps ? string.Join(", ", steps.Select(step => $"{JsonNames.Of(step.Kind)} {step.What} {JsonNames.Of(step.Outcome)}")) : "nothing was left");
        }
        if (service.DependsOn is { Count: > 0 } others) yield return ("needs", string.Join(", ", others));
        if (service.Group is { } group) yield return ("group", group);
        yield return ("log", Path.Combine(places.StateFolder, "logs", service.Name) + Log(service.Log));
    }

    private static string Used(ServiceSnapshot service)
    {
        List<string> parts = [];
        if (service.MemoryBytes is { } bytes) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.0} MiB of memory"));
        if (service.CpuSeconds is { } seconds) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s of a processor"));
        if (service.Processes is { } count) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "process" : "processes")}"));
        return string.Join(", ", parts);
    }

    private static string Times(SnapshotDeath death)
    {
        List<string> parts = [];
        if (death.DetectUs is { } seen) parts.Add($"seen after {Words.Microseconds(seen)}");
        if (death.ReclaimUs is { } clean) parts.Add($"cleaned up in {Words.Microseconds(clean)}");
        if (death.RestartUs is { } again) parts.Add($"running again after {Words.Microseconds(again)}");
        return parts.Count > 0 ? "; " + string.Join(", ", parts) : "";
    }

    private static string Log(SnapshotLog? log) => log switch
    {
        { Error: { } error } => $" ({error})",
        { LostBytes: > 0 } => string.Create(CultureInfo.InvariantCulture, $" ({log.LostBytes} bytes LOST)"),
        _ => "",
    };
}
