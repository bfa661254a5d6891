using Lifeline.Http;
using Lifeline.Journal;
using Xunit;

namespace Lifeline.Tests.Journal;

public sealed class EventSearchTests : IDisposable
{
    private const int Rare = 7;
    private readonly TemporaryJournal _journal = new();

    public void Dispose() => _journal.Dispose();

    [Fact]
    public async Task What_is_rare_is_found_over_many_stretches_from_either_end()
    {
        using var store = await FilledAsync();
        var search = new EventSearch(store, CancellationToken.None);
        var died = new JournalFilter(Kind: "service.died");

        var (all, looked) = search.First(0, store.LastId, 100, died);
        var (first, place) = search.First(0, store.LastId, 2, died);
        var (rest, _) = search.First(place, store.LastId, 100, died);

        Assert.Equal(Rare, all.Count);
        Assert.Equal(store.LastId, looked);
        Assert.Equal(all.Take(2).Select(e => e.Id), first.Select(e => e.Id));
        Assert.Equal(all[1].Id, place);
        Assert.Equal(all.Skip(2).Select(e => e.Id), rest.Select(e => e.Id));
        Assert.Equal(all.TakeLast(3).Select(e => e.Id), search.Last(store.LastId, 3, died).Select(e => e.Id));
        Assert.Equal(all.Select(e => e.Id), search.Last(store.LastId, 100, died).Select(e => e.Id));
    }

    [Fact]
    public async Task Nothing_after_the_end_is_found()
    {
        using var store = await FilledAsync();
        var search = new EventSearch(store, CancellationToken.None);
        var died = new JournalFilter(Kind: "service.died");
        var all = search.Last(store.LastId, 100, died);

        var (found, last) = search.First(0, all[3].Id, 100, died);

        Assert.Equal(all.Take(4).Select(e => e.Id), found.Select(e => e.Id));
        Assert.Equal(all[3].Id, last);
        Assert.Equal(all.Skip(1).Take(2).Select(e => e.Id), search.Last(all[2].Id, 2, died).Select(e => e.Id));
    }

    [Theory]
    [InlineData("service.died,alert.*", Rare + 1)]
    [InlineData("service.d?ed", Rare)]
    [InlineData(" alert.raised , ", 1)]
    [InlineData("service", 0)]
    public async Task Kinds_are_told_apart_by_the_journal_as_by_the_stream(string kinds, int count)
    {
        using var store = await FilledAsync();

        var found = new EventSearch(store, CancellationToken.None).First(0, store.LastId, 100, new JournalFilter(Kind: kinds)).Events;

        Assert.Equal(count, found.Count);
        var stream = new EventFilter(null, kinds.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        Assert.All(found, e => Assert.True(stream.Takes(e.Service, e.Kind)));
        Assert.False(stream.Takes("orders", "service.status"));
    }

    [Fact]
    public async Task As_many_names_may_be_asked_for_as_there_are_and_patterns_have_a_limit()
    {
        using var store = _journal.Open();
        await store.AppendAsync(TemporaryJournal.Event("service.died", "s1999"));
        await store.AppendAsync(TemporaryJournal.Event("service.died", "orders.2"));
        string List(Func<int, string> one, int count) => string.Join(',', Enumerable.Range(0, count).Select(one));

        var filter = new JournalFilter("orders," + List(i => $"s{i}", 2000), "service.died," + List(i => $"k{i}", 2000));
        Assert.Equal(["s1999", "orders.2"], store.Read(0, 10, filter).Select(e => e.Service));
        Assert.Null(filter.Excess);
        Assert.Null(new JournalFilter(Kind: List(i => $"k{i}*", JournalFilter.MaxPatterns)).Excess);
        Assert.Equal("there are 33 patterns in the list of kinds; 32 are possible, names of kinds count for nothing", new JournalFilter(Kind: List(i => $"k{i}*", 33)).Excess);
        Assert.StartsWith("there are 33 patterns in the list of services", new JournalFilter(List(i => $"k{i}?", 33)).Excess, StringComparison.Ordinal);
    }

    private async Task<JournalStore> FilledAsync()
    {
        var store = _journal.Open();
        const int every = EventSearch.Stretch / 2;
        for (var i = 0; i < Rare; i++)
        {
            store.Commit(new JournalBatch { Events = [.. Enumerable.Repeat(TemporaryJournal.Event("service.status"), every)] });
            await store.AppendAsync(TemporaryJournal.Event("service.died"));
        }

        await store.AppendAsync(TemporaryJournal.Event("alert.raised"));
        return store;
    }
}
