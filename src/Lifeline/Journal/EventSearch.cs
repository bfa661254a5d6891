using Lifeline.Contracts;

namespace Lifeline.Journal;

/// <summary>
/// Looks for events in the journal, a stretch of numbers at a time: between two stretches others read, however rare what is looked for.
/// </summary>
internal sealed class EventSearch(JournalStore journal, CancellationToken cancellation)
{
    /// <summary>Numbers that one query looks at.</summary>
    internal const int Stretch = 20_000;

    /// <summary>The first that match after a number, and the number up to which was looked.</summary>
    /// <param name="after">Begin after this number.</param>
    /// <param name="upTo">Look no further than this number.</param>
    /// <param name="limit">No more than these.</param>
    /// <param name="filter">What matches.</param>
    public (List<ServiceEvent> Events, long Last) First(long after, long upTo, int limit, JournalFilter filter)
    {
        var found = new List<ServiceEvent>();
        // Nothing is below the oldest.
        var from = Math.Max(after, Math.Min(journal.FirstId - 1, upTo));
        while (from < upTo)
        {
            cancellation.ThrowIfCancellationRequested();
            var end = Math.Min(from + Stretch, upTo);
            found.AddRange(journal.Read(from, limit - found.Count, filter with { UpTo = end }));
            if (found.Count == limit)
                return (found, found[^1].Id);
            from = end;
        }

        return (found, Math.Max(after, from));
    }

    /// <summary>The last that match up to a number, oldest first.</summary>
    public List<ServiceEvent> Last(long upTo, int limit, JournalFilter filter)
    {
        var found = new List<ServiceEvent>();
        var first = journal.FirstId;
        for (var end = upTo; end >= first && end > 0 && found.Count < limit; end -= Stretch)
        {
            cancellation.ThrowIfCancellationRequested();
            found.InsertRange(0, journal.ReadLast(Math.Max(end - Stretch, 0), limit - found.Count, filter with { UpTo = end }));
        }

        return found;
    }
}
