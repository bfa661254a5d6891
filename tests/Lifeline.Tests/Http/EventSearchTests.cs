using Lifeline.Http;
using Lifeline.Journal;
using Lifeline.Tests.Journal;
using Xunit;

namespace Lifeline.Tests.Http;

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
