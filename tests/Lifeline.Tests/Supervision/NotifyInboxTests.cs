using Lifeline.Supervision;

namespace Lifeline.Tests.Supervision;

public class NotifyInboxTests
{
    [Fact]
    public void A_flood_of_lines_is_one_look_with_the_latest_of_each()
    {
        var inbox = new NotifyInbox("a");
        Assert.True(inbox.Take(1, "STATUS=one\nREADY=1"));
        for (var i = 0; i < 10_000; i++)
            Assert.False(inbox.Take(1, $"STATUS=number {i}\nWATCHDOG=1"));
        Assert.Equal((1, true, true, "number 9999"), inbox.Empty());
        Assert.Equal((1, false, false, null), inbox.Empty());
        Assert.True(inbox.Take(1, "WATCHDOG=1"));
    }

    [Fact]
    public void Lines_that_nobody_knows_wake_nobody() =>
        Assert.False(new NotifyInbox("a").Take(1, "MAINPID=12\nX=\n=\nREADY=10\n"));

    [Fact]
    public void What_an_earlier_generation_told_does_not_count_for_the_next()
    {
        var inbox = new NotifyInbox("a");
        inbox.Take(1, "READY=1");
        inbox.Take(2, "WATCHDOG=1");
        Assert.Equal((2, false, true, null), inbox.Empty());
    }
}
