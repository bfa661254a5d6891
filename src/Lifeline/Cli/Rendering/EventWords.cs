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
            EventKinds.ServiceHealth => [$"{data.Text("from") ?? "unknown"} → {data.Text("to") ?? "unknown"}"],
            EventKinds.ServiceDied => Died(data),
            EventKinds.ServiceReclaimed => Reclaimed(data),
            EventKinds.ServiceBackoff => Backoff(data),
            EventKinds.AlertRaised or EventKinds.AlertDelivered or EventKinds.AlertFailed or EventKinds.AlertResolved => Alert(data),
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

    private static List<string> Died(EventData data)
    {
        var words = new List<string> { Words.Death(data.Text("reason") ?? "died", (int?)data.Number("signal"), (int?)data.Number("exit_code")) };
        if (data.Number("detect_us") is { } detect) words.Add($"seen after {Words.Microseconds(detect)}");
        return words;
    }

    private static List<string> Reclaimed(EventData data)
    {
        var words = new List<string>();
        if (data.Element("steps") is { ValueKind: JsonValueKind.Array } steps) words.AddRange(Steps([.. steps.EnumerateArray()]));
        if (words.Count == 0) words.Add("nothing was left");
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
        if (data.Number("delay_ms") is { } delay) words.Add(delay == 0 ? "restart at once" : $"restart in {Durations.Format(delay)}");
        if (data.Number("attempt") is { } attempt) words.Add(string.Create(CultureInfo.InvariantCulture, $"attempt {attempt}"));
        return words;
    }

    private static List<string> Alert(EventData data)
    {
        var alert = data.Text("alert");
        var rule = data.Text("rule");
        return [(alert, rule) switch { (null, null) => "alert", (null, _) => rule, (_, null) => alert, _ => $"{alert}: {rule}" }];
    }

    private static string Number(EventData data, string name, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{data.Number(name) ?? 0} {what}");

    private static string Of(JsonElement step, string name) =>
        step.ValueKind == JsonValueKind.Object && step.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
