using System.Globalization;
using System.Text.Json;
using Lifeline.Configuration;
using Lifeline.Contracts;

namespace Lifeline.Cli.Rendering;

/// <summary>The data of each kind of event in words.</summary>
internal static class EventWords
{
    private const int MaximumSteps = 6;

    public static IEnumerable<string> Of(string kind, EventData data)
    {
        var words = kind switch
        {
            EventKinds.ServiceStatus => Status(data),
            EventKinds.ServiceStarting => data.Number("restarts") is { } restarts and not 0 ? [Count(restarts, "restart")] : [],
            EventKinds.ServiceWaiting => Waiting(data),
            EventKinds.ServiceHealth => [$"{data.Text("from") ?? "unknown"} → {data.Text("to") ?? "unknown"}"],
            EventKinds.ServiceDied => Died(data),
            EventKinds.ServiceReclaimed => Reclaimed(data),
            EventKinds.ServiceBackoff => Backoff(data),
            EventKinds.ServiceHung => WatchWords.Hung(data),
            EventKinds.ServiceExtended => WatchWords.Extended(data),
            EventKinds.ServiceProbe => WatchWords.Probe(data),
            EventKinds.ServiceOverLimit => WatchWords.OverLimit(data),
            EventKinds.ServiceFailed => Failed(data),
            EventKinds.ServiceStopping => Stopping(data),
            EventKinds.ServiceStopped => Stopped(data),
            EventKinds.AlertRaised or EventKinds.AlertDelivered or EventKinds.AlertFailed or EventKinds.AlertResolved => Alert(data),
            EventKinds.LogLost => LogLost(data),
            EventKinds.ServiceHeartbeat => [data.Number("heartbeat_ms") is { } limit ? $"it is watched by {Durations.Format(limit)} now" : "it is not watched any more"],
            EventKinds.JournalLost => [Number(data, "count", "events were lost")],
            _ => Plain(data),
        };
        // Evaluated here, so that what the words used is known before the rest is asked for.
        return [.. words, .. data.Rest()];
    }

    private static List<string> Plain(EventData data)
    {
        var words = new List<string>();
        if (data.Number("pid") is { } pid) words.Add(string.Create(CultureInfo.InvariantCulture, $"pid {pid}"));
        return words;
    }

    private static List<string> Status(EventData data)
    {
        var words = new List<string>();
        if (data.Text("text") is { Length: > 0 } text) words.Add(text);
        if (data.Number("code") is { } code and not 0) words.Add(string.Create(CultureInfo.InvariantCulture, $"code {code}"));
        if (data.Element("fields") is { ValueKind: JsonValueKind.Object } fields)
            words.AddRange(fields.EnumerateObject().Select(field => $"{field.Name}={EventData.Plain(field.Value)}"));
        return words;
    }

    private static List<string> Waiting(EventData data)
    {
        var (what, state) = (data.Text("for") ?? "a dependency", data.Text("state"));
        return [data.Text("group") is { } group ? $"until the rest of the group {group} has stopped" : $"for {what}, which is {state ?? "not configured"}"];
    }

    private static List<string> Died(EventData data)
    {
        var words = new List<string> { Words.Death(data.Text("reason") ?? "died", (int?)data.Number("signal"), (int?)data.Number("exit_code")) };
        if (data.Text("error") is { Length: > 0 } error) words.Add(error);
        if (data.Flag("core_dumped") == true) words.Add("core dumped");
        if (data.Number("pid") is { } pid) words.Add(string.Create(CultureInfo.InvariantCulture, $"pid {pid}"));
        if (data.Number("detect_us") is { } detect) words.Add($"seen after {Words.Microseconds(detect)}");
        return words;
    }

    private static List<string> Failed(EventData data)
    {
        var words = new List<string>();
        if (data.Text("because") is { Length: > 0 } because) words.Add(because);
        words.Add(data.Number("retry_ms") is { } retry ? $"tried again in {Time(retry)}" : "not tried again by itself");
        return words;
    }

    private static List<string> Stopping(EventData data)
    {
        var words = new List<string>();
        if (data.Text("cause") is { } cause) words.Add($"by {cause}");
        if (data.Number("signal") is { } signal) words.Add(Words.Signal((int)signal));
        if (data.Number("timeout_ms") is { } timeout) words.Add($"for at most {Durations.Format(timeout)}");
        return words;
    }

    private static List<string> Stopped(EventData data)
    {
        var words = new List<string>();
        if (data.Text("state") is { } state and not "stopped") words.Add(state);
        if (data.Number("exit_code") is { } code) words.Add(string.Create(CultureInfo.InvariantCulture, $"exit code {code}"));
        return words;
    }

    private static List<string> Reclaimed(EventData data)
    {
        var words = new List<string>();
        if (data.Element("steps") is { ValueKind: JsonValueKind.Array } steps) words.AddRange(Steps([.. steps.EnumerateArray()]));
        if (words.Count == 0) words.Add("nothing was left");
        if (data.Flag("tree_empty") == false) words.Add("processes may still live");
        if (data.Number("attempt") is { } attempt and not 1) words.Add(string.Create(CultureInfo.InvariantCulture, $"attempt {attempt}"));
        if (data.Number("took_us") is { } took) words.Add($"took {Words.Microseconds(took)}");
        return words;
    }

    private static IEnumerable<string> Steps(JsonElement[] steps)
    {
        foreach (var step in steps.Take(MaximumSteps))
        {
            var what = $"{Of(step, "kind")} {Of(step, "what")} {Of(step, "outcome")}";
            yield return Of(step, "reason") is { Length: > 0 } reason ? $"{what} ({reason})" : what;
        }
        if (steps.Length > MaximumSteps) yield return string.Create(CultureInfo.InvariantCulture, $"{steps.Length - MaximumSteps} more");
    }

    private static List<string> Backoff(EventData data)
    {
        var words = new List<string>();
        if (data.Number("delay_ms") is { } delay) words.Add(delay == 0 ? "restart at once" : $"restart in {Time(delay)}");
        if (data.Number("attempt") is { } attempt) words.Add(string.Create(CultureInfo.InvariantCulture, $"attempt {attempt}"));
        return words;
    }

    private static List<string> LogLost(EventData data)
    {
        var words = new List<string> { Number(data, "bytes", "bytes of output were dropped") };
        if (data.Text("because") is { Length: > 0 } because) words.Add(because);
        return words;
    }

    private static List<string> Alert(EventData data)
    {
        var alert = data.Text("alert");
        var rule = data.Text("rule");
        return [(alert, rule) switch { (null, null) => "alert", (null, _) => rule, (_, null) => alert, _ => $"{alert}: {rule}" }];
    }

    // A delay that jitter made uneven: nobody reads 299348ms.
    private static string Time(long milliseconds) => milliseconds < 10_000 || milliseconds % 1000 == 0
        ? Durations.Format(milliseconds)
        : Words.Uptime(TimeSpan.FromMilliseconds(milliseconds));

    private static string Count(long number, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number == 1 ? "" : "s")}");

    private static string Number(EventData data, string name, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{data.Number(name) ?? 0} {what}");

    private static string Of(JsonElement step, string name) =>
        step.ValueKind == JsonValueKind.Object && step.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
