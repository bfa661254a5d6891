using System.Text.Json;
using Lifeline.Alerting;
using Lifeline.Journal;
using Xunit;

namespace Lifeline.Tests.Alerting;

/// <summary>What chats and templates get.</summary>
public sealed class WebhookShapeTests
{
    private static readonly Alert Sample = new()
    {
        Channel = "ops",
        Rule = "failed",
        Service = "orders",
        Generation = 3,
        Number = 12,
        Text = "orders failed: <!channel> \"quoted\" & @everyone",
        At = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
    };

    [Fact]
    public void Slack_gets_text_and_a_coloured_section_and_nobody_is_called()
    {
        var json = Body(new AlertChannel { Name = "ops", Format = WebhookFormat.Slack });
        Assert.Contains("orders: failed", json.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("<!channel>", json.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("&lt;!channel&gt;", json.GetProperty("text").GetString(), StringComparison.Ordinal);
        var attachment = json.GetProperty("attachments")[0];
        Assert.Equal("#d00000", attachment.GetProperty("color").GetString());
        Assert.Equal("section", attachment.GetProperty("blocks")[0].GetProperty("type").GetString());
    }

    [Fact]
    public void Teams_gets_an_adaptive_card()
    {
        var content = Body(new AlertChannel { Name = "ops", Format = WebhookFormat.Teams }).GetProperty("attachments")[0];
        Assert.Equal("application/vnd.microsoft.card.adaptive", content.GetProperty("contentType").GetString());
        var body = content.GetProperty("content").GetProperty("body");
        Assert.Equal(["orders: failed", Sample.Text], body.EnumerateArray().Take(2).Select(block => block.GetProperty("text").GetString()));
    }

    [Fact]
    public void Discord_gets_an_embed_and_nobody_is_mentioned()
    {
        var json = Body(new AlertChannel { Name = "ops", Format = WebhookFormat.Discord }, Sample with { Text = new string('x', 10_000), Resolved = true });
        var embed = json.GetProperty("embeds")[0];
        Assert.Equal("over: orders (failed)", embed.GetProperty("title").GetString());
        Assert.Equal(4096, embed.GetProperty("description").GetString()!.Length);
        Assert.Equal(0, json.GetProperty("allowed_mentions").GetProperty("parse").GetArrayLength());
    }

    [Fact]
    public void A_template_is_filled_with_escaped_values()
    {
        var channel = new AlertChannel { Name = "ops", Template = """{"msg": "{{title}}: {{ text }}", "n": {{count}}, "who": ["{{service}}", "{{host}}", "{{alert_id}}"]}""" };
        Assert.Null(WebhookTemplate.Check(channel.Template));
        var json = Body(channel);
        Assert.Equal($"orders: failed: {Sample.Text}", json.GetProperty("msg").GetString());
        Assert.Equal(1, json.GetProperty("n").GetInt32());
        Assert.Equal("12", json.GetProperty("who")[2].GetString());
    }

    [Theory]
    [InlineData("{\"a\": {{nothing}}}", "no placeholder")]
    [InlineData("{\"a\": {{text}}}", "no JSON")]
    [InlineData("{\"a\": \"{{text\"}", null)]
    [InlineData("plain", "no JSON")]
    public void A_wrong_template_is_told_at_load(string template, string? wrong)
    {
        if (wrong is null) Assert.Null(WebhookTemplate.Check(template));
        else Assert.Contains(wrong, WebhookTemplate.Check(template), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mail_says_what_why_and_what_to_do()
    {
        var target = new EmailTarget("a@example.org, b@example.org", "lifeline@example.org", "h", 25, MailTls.Auto) { Password = "secret" };
        Assert.DoesNotContain("secret", target.ToString(), StringComparison.Ordinal);
        var mail = EmailSender.Compose(target, Message(Sample));
        Assert.Equal("[lifeline] host1: orders: failed", mail.Subject);
        Assert.Equal(2, mail.To.Count);
        Assert.Contains("lifeline alert ack 12", mail.TextBody, StringComparison.Ordinal);
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        Assert.Equal(mail.MessageId, EmailSender.Compose(target, Message(Sample)).MessageId);
        var crowd = EmailSender.Compose(target, Message([.. Enumerable.Range(0, 300).Select(i => Sample with { Service = $"s{i}", Text = $"s{i} failed" })]));
        Assert.Equal("[lifeline] host1: 300 services: failed", crowd.Subject);
        Assert.Contains("and 100 more", crowd.TextBody, StringComparison.Ordinal);
    }

    private static JsonElement Body(AlertChannel channel, Alert? alert = null) => JsonDocument.Parse(WebhookBody.For(channel)(Message(alert ?? Sample))).RootElement;

    private static AlertMessage Message(params Alert[] alerts) =>
        new([.. alerts.Select((alert, i) => new AlertItem(new OutboxEntry(i + 1, "ops", AlertPayload.Write(i + 1, alert, "host1"), alert.At, 0, alert.At), alert))]);
}
