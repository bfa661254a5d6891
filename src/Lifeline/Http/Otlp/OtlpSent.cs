namespace Lifeline.Http;

/// <summary>
/// Which series the receiver has. A series that is no more, such as the state that a service is no longer in, must be told to be no more:
/// else the receiver shows its last value beside the new one for minutes. One caller at a time.
/// </summary>
internal sealed class OtlpSent
{
    private readonly Dictionary<MetricFamily, Dictionary<string, MetricSeries>> _sent = [];
    private readonly Dictionary<MetricFamily, Dictionary<string, MetricSeries>> _present = [];

    /// <summary>Takes what a family has now; null: its series never end.</summary>
    public Dictionary<string, MetricSeries>? Begin(MetricFamily family) => family.Instrument.IsObservable ? new Dictionary<string, MetricSeries>(StringComparer.Ordinal) : null;

    /// <summary>What the receiver has of a family and is no more.</summary>
    public IReadOnlyList<MetricSeries> End(MetricFamily family, Dictionary<string, MetricSeries>? present)
    {
        if (present is null)
            return [];
        _present[family] = present;
        if (!_sent.TryGetValue(family, out var sent))
            return [];
        return [.. sent.Where(series => !present.ContainsKey(series.Key)).Select(series => series.Value)];
    }

    /// <summary>The receiver may have some of what was written last, or all of it.</summary>
    public void NoteTried()
    {
        foreach (var (family, present) in _present)
        {
            if (!_sent.TryGetValue(family, out var sent))
                _sent.Add(family, sent = new Dictionary<string, MetricSeries>(StringComparer.Ordinal));
            foreach (var (labels, series) in present)
                sent[labels] = series;
        }
    }

    /// <summary>The receiver has what was written last, and knows what is no more.</summary>
    public void NoteTaken()
    {
        foreach (var (family, present) in _present)
            _sent[family] = present;
    }
}
