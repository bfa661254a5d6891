using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Processes;

public class SignalTests
{
    [Theory]
    [InlineData("TERM", 15)]
    [InlineData("SIGTERM", 15)]
    [InlineData("sigterm", 15)]
    [InlineData("15", 15)]
    [InlineData("64", 64)]
    [InlineData("HUP", 1)]
    [InlineData("SYS", 31)]
    [InlineData("0", null)]
    [InlineData("65", null)]
    [InlineData("-1", null)]
    [InlineData("", null)]
    [InlineData("SIG", null)]
    [InlineData("TERMINATE", null)]
    [InlineData(" 15", null)]
    public void A_signal_is_understood_by_name_and_number(string text, int? signal) => Assert.Equal(signal, Signals.TryParse(text));

    [Fact]
    public void Every_name_leads_back_to_its_number()
    {
        Assert.Equal(31, Signals.AllNames.Count());
        for (var signal = 1; signal <= Signals.Max; signal++)
            Assert.Equal(signal, Signals.TryParse(Signals.NameOf(signal)));
        Assert.Equal(("KILL", "40", "0"), (Signals.NameOf(9), Signals.NameOf(40), Signals.NameOf(0)));
    }

    [Fact]
    public void Signals_arrive_as_readiness_and_are_taken_once()
    {
        using var self = PidFd.Open(CurrentProcess.Id);
        using (var inbox = new SignalInbox(10, 12, Signals.Hangup))
        {
            Assert.False(Poller.IsReady(inbox.Ready, PollEvents.In));
            Assert.Equal(0, inbox.Take());
            self.Signal(10);
            self.Signal(Signals.Hangup);
            var seen = 0L;
            Patience.Until(() => (seen |= inbox.Take()) is var set && SignalInbox.Contains(set, 10) && SignalInbox.Contains(set, 1), "a signal did not arrive");
            Assert.False(SignalInbox.Contains(seen, 12));
            self.Signal(12);
            Patience.ForReadiness(inbox.Ready);
            Patience.Until(() => SignalInbox.Contains(inbox.Take(), 12), "a signal did not arrive");
            Assert.Equal(0, inbox.Take());
        }
    }

    [Fact]
    public void A_signal_that_cannot_be_caught_is_refused_and_nothing_is_left_behind()
    {
        var before = OpenNumbers.CountInto("anon_inode:[eventfd]");
        Assert.ThrowsAny<Exception>(() => new SignalInbox(10, Signals.Kill));
        Assert.ThrowsAny<Exception>(() => new SignalInbox(64));
        Assert.ThrowsAny<Exception>(() => new SignalInbox(0));
        Assert.Equal(before, OpenNumbers.CountInto("anon_inode:[eventfd]"));
    }
}
