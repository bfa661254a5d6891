using System.Diagnostics.Metrics;

namespace Lifeline.Http;

/// <summary>What is counted from the monitor's start on, whichever server shows it.</summary>
internal sealed class HttpMetrics : IDisposable
{
    private readonly Meter _meter = new("Lifeline.Monitor");
    private readonly EventMeter _events;

    public HttpMetrics(HttpSources sources)
    {
        Collector = new MetricsCollector();
        _events = new EventMeter(_meter, sources.Journal, sources.Time);
    }

    public MetricsCollector Collector { get; }

    public void Dispose()
    {
        _events.Dispose();
        _meter.Dispose();
        Collector.Dispose();
    }
}
