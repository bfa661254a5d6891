using System.Text;
using Lifeline.Linux;
using Lifeline.Supervision;

namespace Lifeline.Tests.Supervision;

public class NotifyInboxTests
{
    [Fact]
    public void A_flood_of_messages_is_one_look_with_the_latest_of_each()
    {
        var inbox = new NotifyInbox("a");
        Assert.True(inbox.Take(1, Message("STATUS=one\nREADY=1")));
        for (var i = 0; i < 10_000; i++)
            Assert.False(inbox.Take(1, Message($"STATUS=number {i}\nWATCHDOG=1\nREADY=1")));
        var news = inbox.Empty();
        Assert.Equal((1, true, "number 9999"), (news.Generation, news.Beat, news.Status));
        Assert.Equal([LifeWord.Ready], news.Lives);
        Assert.True(inbox.Empty().IsEmpty);
        Assert.True(inbox.Take(1, Message("WATCHDOG=1")));
    }

    [Fact]
    public void Messages_that_say_nothing_wake_nobody() =>
        Assert.False(new NotifyInbox("a").Take(1, Message("X=\n=\nREADY=10\nMONOTONIC_USEC=1\n")));

    [Fact]
    public void What_an_earlier_generation_told_does_not_count_for_the_next()
    {
        var inbox = new NotifyInbox("a");
        inbox.Take(1, Message("READY=1"));
        inbox.Take(2, Message("WATCHDOG=1"));
        var news = inbox.Empty();
        Assert.Equal((2, 0, true), (news.Generation, news.Lives.Count, news.Beat));
    }

    [Fact]
    public void A_reload_that_is_over_before_anybody_looked_is_still_seen()
    {
        var inbox = new NotifyInbox("a");
        foreach (var word in new[] { "READY=1", "RELOADING=1", "RELOADING=1", "READY=1", "STOPPING=1" })
            inbox.Take(1, Message(word));
        Assert.Equal([LifeWord.Ready, LifeWord.Reloading, LifeWord.Ready, LifeWord.Stopping], inbox.Empty().Lives);
    }

    [Fact]
    public void Endless_changes_of_life_are_bounded_and_the_last_is_kept()
    {
        var inbox = new NotifyInbox("a");
        for (var i = 0; i < 10_001; i++)
            inbox.Take(1, Message(i % 2 == 0 ? "RELOADING=1" : "READY=1"));
        var lives = inbox.Empty().Lives;
        Assert.True(lives.Count <= NotifyNews.MaxLives);
        Assert.Equal(LifeWord.Reloading, lives[^1]);
    }

    [Fact]
    public void Of_several_main_processes_the_last_counts_and_the_others_are_let_go()
    {
        var inbox = new NotifyInbox("a");
        var first = new MainCandidate(1, 1, PidFd.Open(CurrentProcess.Id));
        var second = new MainCandidate(2, 1, PidFd.Open(CurrentProcess.Id));
        Assert.True(inbox.Take(1, new NotifyMessage(), first));
        Assert.False(inbox.Take(1, new NotifyMessage(), second));
        Assert.True(first.Process.IsClosed);
        Assert.Same(second, inbox.Empty().Main);
        second.Process.Dispose();
    }

    private static NotifyMessage Message(string text) => NotifyParser.Parse(Encoding.UTF8.GetBytes(text), out _)!;
}
