using Lifeline.Alerting;

namespace Lifeline.Tests.Alerting;

public sealed class AnswerTextTests
{
    [Fact]
    public async Task Why_a_webhook_refused_is_told_on_one_line_and_without_what_its_address_keeps_secret()
    {
        await using var receiver = new HttpReceiver(_ => "403 Forbidden\r\n\r\n{\n  \"error\": \"\u001b[31mno such hook\",\r\n\"path\": \"/hook/secret-path?token=Secret-Token\"}");
        using var sender = new WebhookSender(receiver.Url, _ => "{}", new AlertOptions(), TimeProvider.System);
        var attempt = await sender.PostAsync(1, "{}", TestContext.Current.CancellationToken);
        Assert.True(attempt.Final);
        Assert.EndsWith("answered 403: { \"error\": \" [31mno such hook\", \"path\": \"/hook/••••••?token=••••••\"}", attempt.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no hook at /long-sec", true, "no hook at …")]
    [InlineData("no hook at /long-secret", false, "no hook at /••••••")]
    [InlineData(" \t\r\n", false, "")]
    [InlineData("oneword", true, "")]
    public void A_secret_is_not_shown_either_where_a_long_answer_is_cut_in_the_middle_of_it(string text, bool isCut, string shown) =>
        Assert.Equal(shown, new AnswerText(new Uri("http://a/long-secret")).Show(text, isCut));
}
