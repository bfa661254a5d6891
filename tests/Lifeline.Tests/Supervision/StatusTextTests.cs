using System.Text;
using Lifeline.Contracts;
using Lifeline.Supervision;

namespace Lifeline.Tests.Supervision;

public class StatusTextTests
{
    [Theory]
    [InlineData("short", 1)]
    [InlineData("x", 5000)]
    [InlineData("ä", 3000)]
    [InlineData("🙂", 2000)]
    public void A_text_is_cut_to_what_a_status_may_hold_and_stays_whole(string part, int times)
    {
        var text = string.Concat(Enumerable.Repeat(part, times));
        var fit = StatusText.Fit(text);
        Assert.InRange(Encoding.UTF8.GetByteCount(fit), 0, StatusLimits.MaxTextBytes);
        Assert.StartsWith(fit, text, StringComparison.Ordinal);
        Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(fit)));
    }
}
