using System.Text;
using Lifeline.Http;
using Lifeline.Journal;
using Lifeline.Tests.Journal;

namespace Lifeline.Tests.Http;

public sealed class EventFeedTests
{
    private static readonly EventFilter Everything = new(null, []);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_reader_gets_what_was_before_it_from_the_journal_and_the_rest_as_it_comes()
    {
        using var place = new TemporaryJournal();
        using var journal = place.Open();
        await AppendAsync(journal, 700);
        using var feed = new EventFeed(journal, TimeProvider.System);
        using var membership = feed.Join();
        var position = new StreamPosition(journal.Epoch, 3);

        var ids = await ReadAsync(feed, position, 700);
        await AppendAsync(journal, 50);
        ids.AddRange(await ReadAsync(feed, position with { Id = 700 }, 750));

        Assert.Equal(Enumerable.Range(4, 747).Select(i => (long)i), ids);
    }

    [Fact]
    public async Task Readers_that_come_back_together_share_what_is_spelled()
    {
        using var place = new TemporaryJournal();
        using var journal = place.Open();
        await AppendAsync(journal, 600);
        using var feed = new EventFeed(journal, TimeProvider.System);
        using var membership = feed.Join();

        var (one, _) = feed.TryRead(new StreamPosition(journal.Epoch, 10));
        var (another, _) = feed.TryRead(new StreamPosition(journal.Epoch, 200));

        Assert.Same(one, another);
    }

    [Fact]
    public async Task A_crowd_of_readers_that_stand_still_keeps_a_bounded_number_of_events()
    {
        using var place = new TemporaryJournal();
        using var journal = place.Open();
        using var feed = new EventFeed(journal, TimeProvider.System);
        using var membership = feed.Join();
        var position = feed.Head;

        await AppendAsync(journal, HttpLimits.MaxWaitingEvents + 5000);

        Assert.Equal(Enumerable.Range(1, (int)journal.LastId).Select(i => (long)i), await ReadAsync(feed, position, journal.LastId));
    }

    [Fact]
    public void A_place_of_another_journal_or_of_the_future_cannot_be_gone_on_from()
    {
        using var place = new TemporaryJournal();
        using var journal = place.Open();
        using var feed = new EventFeed(journal, TimeProvider.System);

        Assert.True(feed.CanResume(feed.Head));
        Assert.False(feed.CanResume(feed.Head with { Id = feed.Head.Id + 1 }));
        Assert.False(feed.CanResume(feed.Head with { Epoch = "another" }));
    }

    [Fact]
    public void A_filter_takes_a_service_kinds_and_families_of_kinds()
    {
        Assert.True(new EventFilter("a", ["service.*"]).Takes("a", "service.died"));
        Assert.False(new EventFilter("a", ["service.*"]).Takes("b", "service.died"));
        Assert.True(new EventFilter("web*", []).Takes("web.1", "service.died"));
        Assert.False(new EventFilter("web*", []).Takes("aweb", "service.died"));
        Assert.False(new EventFilter("*", []).Takes(null, "monitor.started"));
        Assert.False(new EventFilter(null, ["service.died", "alert.*"]).Takes("a", "service.ready"));
        Assert.True(new EventFilter(null, ["service.died", "alert.*"]).Takes(null, "alert.raised"));
    }

    private static async Task AppendAsync(JournalStore journal, int count)
    {
        for (var i = 0; i < count; i++)
        {
            journal.Append(TemporaryJournal.Event());
            if (i % 1000 == 999)
                await journal.FlushAsync();
        }

        await journal.FlushAsync();
    }

    private static async Task<List<long>> ReadAsync(EventFeed feed, StreamPosition position, long last)
    {
        var ids = new List<long>();
        while (position.Id < last)
        {
            var (chunk, news) = feed.TryRead(position);
            if (chunk is null)
            {
                await news.WaitAsync(Patience);
                continue;
            }

            ids.AddRange(IdsOf(chunk.After(position.Id, Everything)));
            position = position with { Id = chunk.LastId };
        }

        return ids;
    }

    private static IEnumerable<long> IdsOf(ReadOnlyMemory<byte> bytes) =>
        Encoding.UTF8.GetString(bytes.Span).Split('\n').Where(line => line.StartsWith("id: ", StringComparison.Ordinal))
            .Select(line => StreamPosition.TryParse(line[4..])!.Value.Id);
}
