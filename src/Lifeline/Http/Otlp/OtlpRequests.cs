using System.Globalization;

namespace Lifeline.Http;

/// <summary>
/// Writes families as requests of OTLP (ExportMetricsServiceRequest of opentelemetry-proto 1.x, in protobuf: the encoding that every receiver
/// must take). What is more than one request may hold goes on in the next one. Numbers of fields are those of the .proto files.
/// </summary>
/// <param name="sent">What was sent before: what of it is no more is told to be no more.</param>
/// <param name="resource">Who measured.</param>
/// <param name="version">Of Lifeline.</param>
/// <param name="start">Since when it is counted, in nanoseconds since 1970.</param>
/// <param name="now">When the values were read, in nanoseconds since 1970.</param>
/// <param name="maxBytes">A request that has grown to so much is closed.</param>
internal sealed class OtlpRequests(OtlpSent sent, IReadOnlyList<KeyValuePair<string, string>> resource, string version, ulong start, ulong now, int maxBytes)
{
    private const ulong Cumulative = 2;
    private const ulong NoRecordedValue = 1;

    private readonly ProtobufWriter _writer = new();
    private readonly List<byte[]> _requests = [];
    private readonly Stack<int> _open = new();
    private string? _scope;
    private bool _isMetricOpen;

    /// <summary>The requests of all values as they are now.</summary>
    public static IReadOnlyList<byte[]> Of(MetricsCollector collector, OtlpRequests requests)
    {
        // Families of one meter stand together.
        collector.Collect(families =>
        {
            foreach (var family in families.OrderBy(family => family.Instrument.Meter.Name, StringComparer.Ordinal))
                requests.Add(family);
        });
        return requests.Finish();
    }

    public void Add(MetricFamily family)
    {
        var present = sent.Begin(family);
        family.ForEach(series =>
        {
            present?.Add(series.Labels, series);
            Add(family, series, isGone: false);
        });
        foreach (var gone in sent.End(family, present))
            Add(family, gone, isGone: true);
        if (_isMetricOpen)
            CloseMetric();
    }

    public IReadOnlyList<byte[]> Finish()
    {
        if (_writer.Length > 0)
            Close();
        return _requests;
    }

    private void Add(MetricFamily family, MetricSeries series, bool isGone)
    {
        if (!_isMetricOpen)
            OpenMetric(family);
        WritePoint(family, series, isGone);
        if (_writer.Length >= maxBytes)
            Close();
    }

    private void OpenMetric(MetricFamily family)
    {
        var scope = family.Instrument.Meter.Name;
        if (_scope is null)
            OpenRequest();
        else if (_scope != scope)
            End();
        if (_scope != scope)
            OpenScope(scope);
        _scope = scope;
        _isMetricOpen = true;
        Begin(2);
        _writer.WriteText(1, family.Instrument.Name);
        if (family.Instrument.Description is { Length: > 0 } description)
            _writer.WriteText(2, description);
        if (family.Instrument.Unit is { Length: > 0 } unit)
            _writer.WriteText(3, unit);
        Begin(family.Kind switch { MetricKind.Counter => 7, MetricKind.Histogram => 9, _ => 5 });
        if (family.Kind != MetricKind.Gauge)
            _writer.WriteVarint(2, Cumulative);
        if (family.Kind == MetricKind.Counter)
            _writer.WriteVarint(3, 1UL);
    }

    // ResourceMetrics with its Resource.
    private void OpenRequest()
    {
        Begin(1);
        Begin(1);
        foreach (var (key, value) in resource)
            WriteAttribute(1, key, value);
        End();
    }

    // ScopeMetrics with its InstrumentationScope.
    private void OpenScope(string name)
    {
        Begin(2);
        Begin(1);
        _writer.WriteText(1, name);
        _writer.WriteText(2, version);
        End();
    }

    // Of the same number in Gauge, Sum and Histogram; what a histogram's point has is not numbered as in the others.
    private void WritePoint(MetricFamily family, MetricSeries series, bool isGone)
    {
        Begin(1);
        if (family.Kind != MetricKind.Gauge)
            _writer.WriteFixed(2, start);
        _writer.WriteFixed(3, now);
        if (isGone)
            _writer.WriteVarint(8, NoRecordedValue);
        else if (family.Kind == MetricKind.Histogram)
        {
            _writer.WriteFixed(4, (ulong)series.Buckets.Sum());
            _writer.WriteFixed(5, series.Value);
            _writer.WritePacked(6, series.Buckets);
            _writer.WritePacked(7, family.Bounds);
        }
        else if (family.IsWhole)
            _writer.WriteFixed(6, (ulong)(long)series.Value);
        else
            _writer.WriteFixed(4, series.Value);
        foreach (var (key, value) in series.Tags)
            WriteAttribute(family.Kind == MetricKind.Histogram ? 9 : 7, key, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        End();
    }

    private void WriteAttribute(int field, string key, string value)
    {
        Begin(field);
        _writer.WriteText(1, key);
        Begin(2);
        _writer.WriteText(1, value);
        End();
        End();
    }

    private void CloseMetric()
    {
        End();
        End();
        _isMetricOpen = false;
    }

    private void Close()
    {
        _isMetricOpen = false;
        while (_open.Count > 0)
            End();
        _requests.Add(_writer.Take());
        _scope = null;
    }

    private void Begin(int field) => _open.Push(_writer.Begin(field));

    private void End() => _writer.End(_open.Pop());
}
