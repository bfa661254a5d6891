using System.Buffers;
using System.Diagnostics.Metrics;

namespace Lifeline.Http;

/// <summary>
/// Listens to Lifeline's instruments and shows their values to those who write them somewhere (decision 0008 says why it is our own). Safe
/// for any thread; one collection at a time.
/// </summary>
internal sealed class MetricsCollector : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);

    public MetricsCollector()
    {
        _listener.InstrumentPublished = Publish;
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>All values as they are now, as Prometheus text.</summary>
    public ReadOnlyMemory<byte> Collect()
    {
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        Collect(families =>
        {
            foreach (var family in families)
                PrometheusText.Write(family, buffer);
        });
        return buffer.WrittenMemory;
    }

    /// <summary>Shows all values as they are now, ordered by name.</summary>
    public void Collect(Action<IEnumerable<MetricFamily>> look)
    {
        lock (_gate)
        {
            foreach (var family in _families.Values)
                family.BeginCollection();
            _listener.RecordObservableInstruments();
            look(_families.Values);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Publish(Instrument instrument, MeterListener listener)
    {
        if (!instrument.Meter.Name.StartsWith("Lifeline.", StringComparison.Ordinal))
            return;
        MetricFamily family;
        lock (_gate)
        {
            var fresh = new MetricFamily(instrument);
            // Meters of one name (in tests: several monitors of one process) add up.
            if (!_families.TryGetValue(fresh.Name, out family!))
                _families.Add(fresh.Name, family = fresh);
        }

        listener.EnableMeasurementEvents(instrument, family);
    }
}
