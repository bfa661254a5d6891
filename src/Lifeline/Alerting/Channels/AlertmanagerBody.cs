using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lifeline.Contracts;

namespace Lifeline.Alerting;

/// <summary>
/// The JSON of Alertmanager's API. An alert is known by its labels: the same for its beginning, its end, and what is told in between.
/// </summary>
internal static class AlertmanagerBody
{
    /// <remarks><paramref name="hold"/>: how long after it was raised the alert counts as open if nobody tells of it again. An old one that
    /// was delivered late is thus over at once, unless it is told again.</remarks>
    public static string Of(AlertMessage message, TimeSpan hold) => Write(json =>
    {
        foreach (var (entry, alert) in message.Items)
        {
            WriteAlert(json, alert.Rule, alert.Service, AlertPayload.HostOf(entry.Payload), alert.Text, () =>
            {
                json.WriteString("startsAt", AlertPayload.Spell(alert.Since ?? alert.At));
                json.WriteString("endsAt", AlertPayload.Spell(alert.Resolved ? alert.At : alert.At + hold));
            });
        }
    });

    public static string Of(IReadOnlyList<OpenAlert> open, string host, DateTimeOffset until) => Write(json =>
    {
        foreach (var alert in open)
        {
            WriteAlert(json, alert.Rule, alert.Service, host, alert.Text, () =>
            {
                if (alert.Since is { } since)
                    json.WriteString("startsAt", AlertPayload.Spell(since));
                json.WriteString("endsAt", AlertPayload.Spell(until));
            });
        }
    });

    private static void WriteAlert(Utf8JsonWriter json, string rule, string service, string host, string text, Action times)
    {
        json.WriteStartObject();
        json.WriteStartObject("labels");
        json.WriteString("alertname", "Lifeline" + Pascal(rule));
        json.WriteString("rule", rule);
        if (service.Length > 0)
            json.WriteString("service", service);
        json.WriteString("host", host);
        json.WriteString("severity", rule is "failed" or "reclaim_failed" ? "critical" : "warning");
        json.WriteEndObject();
        json.WriteStartObject("annotations");
        json.WriteString("summary", text);
        json.WriteEndObject();
        times();
        json.WriteEndObject();
    }

    private static string Pascal(string rule) =>
        string.Concat(rule.Split('_').Where(word => word.Length > 0).Select(word => char.ToUpper(word[0], CultureInfo.InvariantCulture) + word[1..]));

    private static string Write(Action<Utf8JsonWriter> alerts)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            alerts(json);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
