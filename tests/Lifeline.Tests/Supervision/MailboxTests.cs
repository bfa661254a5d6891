using Lifeline.Supervision;

namespace Lifeline.Tests.Supervision;

public class MailboxTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void What_is_put_in_comes_out_in_order()
    {
        var mailbox = new Mailbox();
        var seen = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            var number = i;
            mailbox.Post(() => seen.Add(number));
        }

        var items = mailbox.Take(Patience);
        while (items.TryDequeue(out var item))
            item();
        Assert.Equal([0, 1, 2, 3, 4], seen);
    }

    [Fact]
    public void An_empty_one_gives_nothing_after_the_timeout() =>
        Assert.Empty(new Mailbox().Take(TimeSpan.FromMilliseconds(1)));

    [Fact]
    public async Task A_post_wakes_the_one_who_waits()
    {
        var mailbox = new Mailbox();
        var taken = Task.Run(() => mailbox.Take(Patience).Count);
        mailbox.Post(() => { });
        Assert.Equal(1, await taken.WaitAsync(Patience));
    }

    [Fact]
    public async Task Nothing_is_lost_among_many_senders()
    {
        const int senders = 4, each = 20_000;
        var mailbox = new Mailbox();
        var sum = 0;
        var sending = Enumerable.Range(0, senders).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < each; i++)
                mailbox.Post(() => sum++);
        })).ToArray();
        var taking = Task.Run(() =>
        {
            while (sum < senders * each)
            {
                var items = mailbox.Take(Patience);
                Assert.NotEmpty(items);
                while (items.TryDequeue(out var item))
                    item();
            }
        });
        await Task.WhenAll(sending).WaitAsync(Patience);
        await taking.WaitAsync(Patience);
        Assert.Equal(senders * each, sum);
    }
}
