using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Lifeline.Http;

/// <summary>How the values of an instrument are to be read.</summary>
internal enum MetricKind
{
    Gauge,
    Counter,
    Histogram,
}

/// <summary>One instrument's values by their labels. Safe for any thread.</summary>
internal sealed class MetricFamily
{
    /// <summary>Label combinations of one instrument; more are left out and counted.</summary>
    public const int MaxSeries = 50_000;

    private static readonly double[] DefaultBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, MetricSeries> _series = new(StringComparer.Ordinal);

    public MetricFamily(Instrument instrument)
    {
        Instrument = instrument;
        Kind = KindOf(instrument);
        if (Kind == MetricKind.Histogram)
            Bounds = instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { } advice } ? [.. advice] : DefaultBounds;
        IsWhole = instrument is Instrument<long> or Instrument<int> or ObservableInstrument<long> or ObservableInstrument<int>;
        Name = PrometheusName.Of(instrument.Name, instrument.Unit, Kind == MetricKind.Counter);
    }

    /// <summary>The name in Prometheus.</summary>
    public string Name { get; }

    public Instrument Instrument { get; }

    public MetricKind Kind { get; }

    /// <summary>Upper bounds of a histogram's buckets, all but the last.</summary>
    public double[] Bounds { get; } = [];

    /// <summary>It counts in whole numbers.</summary>
    public bool IsWhole { get; }

    /// <summary>Values left out because there were too many.</summary>
    public long LeftOut { get; private set; }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = tags.IsEmpty ? "" : LabelsOf(tags);
        lock (_gate)
        {
            if (!_series.TryGetValue(labels, out var series))
            {
                if (_series.Count >= MaxSeries)
                {
                    LeftOut++;
                    return;
                }

                var buckets = new long[Kind == MetricKind.Histogram ? Bounds.Length + 1 : 0];
                _series.Add(labels, series = new MetricSeries { Labels = labels, Tags = tags.ToArray(), Buckets = buckets });
            }

            if (Kind == MetricKind.Histogram)
                Observe(series, value);
            // Observable ones say their whole value; several that are seen under the same labels belong together.
            else
                series.Value = Instrument is Gauge<long> or Gauge<double> ? value : series.Value + value;
        }
    }

    /// <summary>What an observable instrument said last is over: it is asked again.</summary>
    public void BeginCollection()
    {
        if (!Instrument.IsObservable)
            return;
        lock (_gate)
            _series.Clear();
    }

    /// <summary>Shows each series, ordered by labels; nothing is recorded meanwhile.</summary>
    public void ForEach(Action<MetricSeries> look)
    {
        lock (_gate)
            foreach (var series in _series.Values)
                look(series);
    }

    private void Observe(MetricSeries series, double value)
    {
        var index = Array.BinarySearch(Bounds, value);
        series.Buckets[index < 0 ? ~index : index]++;
        series.Value += value;
    }

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (text.Length > 0)
                text.Append(',');
            text.Append(name.Replace('.', '_')).Append("=\"")
                .Append(PrometheusText.Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", isLabel: true)).Append('"');
        }

        return text.ToString();
    }

    private static MetricKind KindOf(Instrument instrument)
    {
        var type = instrument.GetType();
        var generic = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        if (generic == typeof(Counter<>) || generic == typeof(ObservableCounter<>))
            return MetricKind.Counter;
        return generic == typeof(Histogram<>) ? MetricKind.Histogram : MetricKind.Gauge;
    }
}
