using System.Collections.Concurrent;
using System.Globalization;
using Lifeline.Journal;

namespace Lifeline.Alerting;

/// <summary>
/// How many alerts of each channel were given up since the last one that was delivered. Kept in the journal: what nobody was told must not
/// be forgotten with the monitor. Safe for any thread.
/// </summary>
internal sealed class UndeliveredCount
{
    private const string Prefix = "undelivered.";

    private readonly JournalStore _journal;
    private readonly ConcurrentDictionary<string, (int Count, string? Error)> _counts = new(StringComparer.Ordinal);

    public UndeliveredCount(JournalStore journal)
    {
        _journal = journal;
        foreach (var (name, value) in journal.Recovered.Settings)
        {
            if (!name.StartsWith(Prefix, StringComparison.Ordinal))
                continue;
            var parts = value.Split('\n', 2);
            if (int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                _counts[name[Prefix.Length..]] = (count, parts.Length > 1 ? parts[1] : null);
        }
    }

    public (int Count, string? Error) Of(string channel) => _counts.GetValueOrDefault(channel);

    public void Add(string channel, string? error)
    {
        var (count, last) = _counts.AddOrUpdate(channel, (1, error), (_, old) => (old.Count + 1, error ?? old.Error));
        Save(channel, string.Create(CultureInfo.InvariantCulture, $"{count}\n{last}"));
    }

    public void Clear(string channel)
    {
        if (_counts.TryRemove(channel, out _))
            Save(channel, null);
    }

    private void Save(string channel, string? value) => _journal.Commit(new JournalBatch { Settings = [new(Prefix + channel, value)] });
}
