using System.Buffers;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Lifeline.Http;

/// <summary>One instrument's values by their labels. Safe for any thread.</summary>
internal sealed class MetricFamily
{
    /// <summary>Label combinations of one instrument; more are left out and counted.</summary>
    public const int MaxSeries = 50_000;

    private static readonly double[] DefaultBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly Instrument _instrument;
    private readonly Kind _kind;
    private readonly double[] _bounds = [];

    public MetricFamily(Instrument instrument)
    {
        _instrument = instrument;
        _kind = KindOf(instrument);
        if (_kind == Kind.Histogram)
            _bounds = instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { } advice } ? [.. advice] : DefaultBounds;
        Name = PrometheusName.Of(instrument.Name, instrument.Unit, _kind == Kind.Counter);
    }

    public string Name { get; }

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

                _series.Add(labels, series = new Series { Buckets = new long[_kind == Kind.Histogram ? _bounds.Length + 1 : 0] });
            }

            if (_kind == Kind.Histogram)
                Observe(series, value);
            // Observable ones say their whole value; several that are seen under the same labels belong together.
            else
                series.Value = _instrument is Gauge<long> or Gauge<double> ? value : series.Value + value;
        }
    }

    /// <summary>What an observable instrument said last is over: it is asked again.</summary>
    public void BeginCollection()
    {
        if (!_instrument.IsObservable)
            return;
        lock (_gate)
            _series.Clear();
    }

    public void Write(IBufferWriter<byte> target)
    {
        var text = new StringBuilder();
        lock (_gate)
        {
            if (_series.Count == 0)
                return;
            text.Append("# HELP ").Append(Name).Append(' ').Append(Escape(_instrument.Description ?? _instrument.Name, isLabel: false)).Append('\n');
            text.Append("# TYPE ").Append(Name).Append(' ').Append(_kind switch { Kind.Counter => "counter", Kind.Histogram => "histogram", _ => "gauge" }).Append('\n');
            foreach (var (labels, series) in _series)
            {
                if (_kind == Kind.Histogram)
                    WriteHistogram(text, labels, series);
                else
                    WriteLine(text, "", labels, Spell(series.Value));
                if (text.Length > 16 * 1024)
                    Flush(text, target);
            }
        }

        Flush(text, target);
    }

    private void Observe(Series series, double value)
    {
        var index = Array.BinarySearch(_bounds, value);
        series.Buckets[index < 0 ? ~index : index]++;
        series.Value += value;
    }

    private void WriteHistogram(StringBuilder text, string labels, Series series)
    {
        var below = 0L;
        for (var i = 0; i <= _bounds.Length; i++)
        {
            below += series.Buckets[i];
            var bound = i == _bounds.Length ? "+Inf" : Spell(_bounds[i]);
            WriteLine(text, "_bucket", labels.Length == 0 ? $"le=\"{bound}\"" : $"{labels},le=\"{bound}\"", below.ToString(CultureInfo.InvariantCulture));
        }

        WriteLine(text, "_sum", labels, Spell(series.Value));
        WriteLine(text, "_count", labels, below.ToString(CultureInfo.InvariantCulture));
    }

    private void WriteLine(StringBuilder text, string suffix, string labels, string value)
    {
        text.Append(Name).Append(suffix);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(value).Append('\n');
    }

    private static void Flush(StringBuilder text, IBufferWriter<byte> target)
    {
        foreach (var part in text.GetChunks())
            Encoding.UTF8.GetBytes(part.Span, target);
        text.Clear();
    }

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (text.Length > 0)
                text.Append(',');
            text.Append(name.Replace('.', '_')).Append("=\"")
                .Append(Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", isLabel: true)).Append('"');
        }

        return text.ToString();
    }

    private static string Escape(string text, bool isLabel)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return isLabel ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private static string Spell(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static Kind KindOf(Instrument instrument)
    {
        var type = instrument.GetType();
        var generic = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        if (generic == typeof(Counter<>) || generic == typeof(ObservableCounter<>))
            return Kind.Counter;
        return generic == typeof(Histogram<>) ? Kind.Histogram : Kind.Gauge;
    }

    private enum Kind
    {
        Gauge,
        Counter,
        Histogram,
    }

    private sealed class Series
    {
        public double Value { get; set; }

        public required long[] Buckets { get; init; }
    }
}
