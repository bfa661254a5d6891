using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Lifeline.Alerting;

/// <summary>The JSON that chat rooms expect of a webhook. Every text is cut to what they take.</summary>
internal static class WebhookBody
{
    /// <summary>Discord's limit of a description.</summary>
    private const int MaxDescription = 4096;

    /// <summary>Slack's limit of a section; Teams has none of its own.</summary>
    private const int MaxSection = 3000;

    private const int MaxTitle = 250;

    public static Func<AlertMessage, string> For(AlertChannel channel) => channel switch
    {
        { Template: { } template } => message => WebhookTemplate.Fill(template, message),
        { Format: WebhookFormat.Slack } => Slack,
        { Format: WebhookFormat.Teams } => Teams,
        { Format: WebhookFormat.Discord } => Discord,
        _ => AlertPayload.Of,
    };

    private static string Slack(AlertMessage message) => Write(json =>
    {
        var title = Cut(EscapeSlack($"{Mark(message)} {message.Title}"), MaxTitle);
        json.WriteString("text", $"{title}: {Cut(EscapeSlack(message.Text), MaxSection)}");
        json.WriteStartArray("attachments");
        json.WriteStartObject();
        json.WriteString("color", "#" + ColorOf(message).ToString("x6", CultureInfo.InvariantCulture));
        json.WriteStartArray("blocks");
        json.WriteStartObject();
        json.WriteString("type", "section");
        json.WriteStartObject("text");
        json.WriteString("type", "mrkdwn");
        json.WriteString("text", $"*{title}*\n{Cut(EscapeSlack(message.Text), MaxSection - MaxTitle - 3)}");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject();
        json.WriteString("type", "context");
        json.WriteStartArray("elements");
        json.WriteStartObject();
        json.WriteString("type", "mrkdwn");
        json.WriteString("text", Cut(EscapeSlack(Footer(message)), MaxSection));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private static string Teams(AlertMessage message) => Write(json =>
    {
        json.WriteString("type", "message");
        json.WriteStartArray("attachments");
        json.WriteStartObject();
        json.WriteString("contentType", "application/vnd.microsoft.card.adaptive");
        json.WriteStartObject("content");
        json.WriteString("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
        json.WriteString("type", "AdaptiveCard");
        json.WriteString("version", "1.4");
        json.WriteStartArray("body");
        WriteTextBlock(json, message.Title, "Large", "Bolder", message.First.Resolved ? "Good" : "Attention");
        WriteTextBlock(json, message.Text, "Default", "Default", "Default");
        WriteTextBlock(json, Footer(message), "Small", "Lighter", "Default");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private static void WriteTextBlock(Utf8JsonWriter json, string text, string size, string weight, string color)
    {
        json.WriteStartObject();
        json.WriteString("type", "TextBlock");
        json.WriteString("text", Cut(text, MaxSection));
        json.WriteString("size", size);
        json.WriteString("weight", weight);
        json.WriteString("color", color);
        json.WriteBoolean("wrap", true);
        json.WriteEndObject();
    }

    private static string Discord(AlertMessage message) => Write(json =>
    {
        json.WriteStartArray("embeds");
        json.WriteStartObject();
        json.WriteString("title", Cut(message.Title, MaxTitle));
        json.WriteString("description", Cut(message.Text, MaxDescription));
        json.WriteNumber("color", ColorOf(message));
        json.WriteString("timestamp", AlertPayload.Spell(message.First.At));
        json.WriteStartObject("footer");
        json.WriteString("text", Cut(Footer(message), MaxTitle));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();

        // A service's own words must not call everybody.
        json.WriteStartObject("allowed_mentions");
        json.WriteStartArray("parse");
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static string Footer(AlertMessage message) =>
        $"{AlertPayload.HostOf(message.Items[0].Entry.Payload)} · alert {message.First.Channel} · {AlertPayload.Spell(message.First.At)}";

    private static string Mark(AlertMessage message) => message.First.Resolved ? ":white_check_mark:" : ":rotating_light:";

    private static int ColorOf(AlertMessage message) => message.First switch
    {
        { Resolved: true } => 0x2EB886,
        { Rule: "failed" or "reclaim_failed" } => 0xD00000,
        { Rule: "test" } => 0x439FE0,
        _ => 0xDAA038,
    };

    private static string EscapeSlack(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static string Cut(string text, int length) => text.Length <= length ? text : string.Concat(text.AsSpan(0, length - 1), "…");

    private static string Write(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
