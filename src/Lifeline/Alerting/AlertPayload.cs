using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Lifeline.Alerting;

/// <summary>An alert as JSON: what is kept in the outbox and what receivers get.</summary>
internal static class AlertPayload
{
    public static string Write(long id, Alert alert, string host)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteFields(json, id, alert, host);
            json.WriteNumber("count", 1);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>What receivers get: the alert as it is kept, or the first of a crowd with the text of all and a list of them.</summary>
    public static string Of(AlertMessage message)
    {
        if (message.Count == 1)
            return message.Items[0].Entry.Payload;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteFields(json, message.Id, message.First with { Text = message.Text }, HostOf(message.Items[0].Entry.Payload));
            json.WriteNumber("count", message.Count);
            json.WriteStartArray("alerts");
            foreach (var item in message.Items)
                json.WriteRawValue(item.Entry.Payload, skipInputValidation: true);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Name of the machine that an alert was kept with.</summary>
    public static string HostOf(string payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            return Text(document.RootElement, "host");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
    }

    /// <summary>Reads what <see cref="Write"/> made, also by another version: what is missing is empty.</summary>
    public static Alert Read(string payload, string channel)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            var root = document.RootElement;
            return new Alert
            {
                Channel = channel,
                Rule = Text(root, "rule"),
                Service = Text(root, "service"),
                Generation = Number(root, "generation"),
                Resolved = Text(root, "state") == "resolved",
                Text = Text(root, "text"),
                Suppressed = Number(root, "suppressed"),
                Number = Number(root, "alert_id"),
                Since = Time(root, "since"),
                At = Time(root, "at") ?? default,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new Alert { Channel = channel, Rule = "", Service = "", Text = payload, At = default };
        }
    }

    private static void WriteFields(Utf8JsonWriter json, long id, Alert alert, string host)
    {
        json.WriteNumber("id", id);
        json.WriteString("alert", alert.Channel);
        json.WriteString("rule", alert.Rule);
        json.WriteString("state", StateOf(alert));
        json.WriteString("service", alert.Service);
        json.WriteNumber("generation", alert.Generation);
        json.WriteString("text", alert.Text);
        json.WriteNumber("suppressed", alert.Suppressed);
        json.WriteString("at", Spell(alert.At));
        json.WriteString("host", host);
        json.WriteNumber("alert_id", alert.Number);
        json.WriteString("since", Spell(alert.Since ?? alert.At));
    }

    public static string StateOf(Alert alert) => alert.Resolved ? "resolved" : "raised";

    /// <summary>A time as it is spelled everywhere.</summary>
    public static string Spell(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset? Time(JsonElement root, string name) =>
        DateTimeOffset.TryParse(Text(root, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static string Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static int Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : 0;
}
