using System.Globalization;
using System.Text;
using System.Text.Json;
using Lifeline.Journal;

namespace Lifeline.Alerting;

/// <summary>JSON with placeholders: <c>{"msg": "{{text}}", "n": {{count}}}</c>. What is filled in is escaped as the inside of a JSON string.</summary>
internal static class WebhookTemplate
{
    public static IReadOnlyList<string> Placeholders { get; } =
        ["id", "alert", "alert_id", "rule", "state", "service", "services", "generation", "title", "text", "count", "host", "at", "since"];

    /// <summary>What is wrong with a template; null: nothing.</summary>
    public static string? Check(string template)
    {
        foreach (var name in NamesIn(template))
            if (!Placeholders.Contains(name))
                return $"there is no placeholder {{{{{name}}}}}; there are {string.Join(", ", Placeholders)}";
        var sample = new Alert { Channel = "ops", Rule = "died", Service = "orders", Generation = 1, Text = "orders died", At = DateTimeOffset.UnixEpoch };
        var entry = new OutboxEntry(1, "ops", AlertPayload.Write(1, sample, "host"), sample.At, 0, sample.At);
        try
        {
            using var filled = JsonDocument.Parse(Fill(template, new AlertMessage([new AlertItem(entry, sample)])));
            return null;
        }
        catch (JsonException e)
        {
            return $"it is no JSON once it is filled in: {e.Message}";
        }
    }

    public static string Fill(string template, AlertMessage message)
    {
        var filled = new StringBuilder(template.Length + 256);
        var rest = template.AsSpan();
        while (rest.IndexOf("{{", StringComparison.Ordinal) is var start and >= 0 && rest[start..].IndexOf("}}", StringComparison.Ordinal) is var length and > 0)
        {
            filled.Append(rest[..start]);
            filled.Append(JsonEncodedText.Encode(ValueOf(rest.Slice(start + 2, length - 2).Trim().ToString(), message)).Value);
            rest = rest[(start + length + 2)..];
        }

        return filled.Append(rest).ToString();
    }

    private static IEnumerable<string> NamesIn(string template)
    {
        for (var from = 0; template.IndexOf("{{", from, StringComparison.Ordinal) is var start and >= 0;)
        {
            var end = template.IndexOf("}}", start, StringComparison.Ordinal);
            if (end < 0)
                yield break;
            yield return template[(start + 2)..end].Trim();
            from = end + 2;
        }
    }

    private static string ValueOf(string name, AlertMessage message) => name switch
    {
        "id" => Number(message.Id),
        "alert" => message.First.Channel,
        "alert_id" => Number(message.First.Number),
        "rule" => message.First.Rule,
        "state" => AlertPayload.StateOf(message.First),
        "service" => message.First.Service,
        "services" => string.Join(", ", message.Services.Take(AlertMessage.MaxNamed)),
        "generation" => Number(message.First.Generation),
        "title" => message.Title,
        "text" => message.Text,
        "count" => Number(message.Count),
        "host" => AlertPayload.HostOf(message.Items[0].Entry.Payload),
        "at" => AlertPayload.Spell(message.First.At),
        "since" => AlertPayload.Spell(message.First.Since ?? message.First.At),
        _ => "",
    };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
