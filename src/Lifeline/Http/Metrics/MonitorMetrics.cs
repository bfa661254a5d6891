using System.Diagnostics.Metrics;
using Lifeline.Contracts;

namespace Lifeline.Http;

/// <summary>
/// Everything that is measured, from when somebody first wants it: <c>/metrics</c>, whichever server shows it, or OTLP. Safe for any thread.
/// </summary>
internal sealed class MonitorMetrics : IDisposable
{
    private readonly Meter _meter = new("Lifeline.Monitor");
    private readonly EventMeter _events;
    private readonly ServiceMeter _services;
    private readonly Lazy<OtlpMeter> _otlp;

    public MonitorMetrics(HttpSources sources)
    {
        Begin = sources.Time.GetUtcNow();
        Collector = new MetricsCollector();
        Usage = new UsageTable(sources.Supervisor, sources.Groups, sources.Time);
        _events = new EventMeter(_meter, sources.Journal, sources.Time);
        _services = new ServiceMeter(_meter, sources, Usage);
        _otlp = new Lazy<OtlpMeter>(() => new OtlpMeter(_meter));
        MonitorMeter.AddTo(_meter, sources);
    }

    /// <summary>Since when it is counted.</summary>
    public DateTimeOffset Begin { get; }

    public MetricsCollector Collector { get; }

    /// <summary>What the services use, for all who look.</summary>
    public UsageTable Usage { get; }

    /// <summary>How it is sent; among what is measured once somebody asks for it.</summary>
    public OtlpMeter Otlp => _otlp.Value;

    /// <summary>Has the services say how they are: what is collected then is as it is now.</summary>
    public Task RefreshAsync(CancellationToken cancellation) => _services.RefreshAsync(cancellation);

    /// <summary>The same when nobody can be asked any more.</summary>
    public void Refresh(IReadOnlyList<ServiceSnapshot> services) => _services.Take(services);

    public void Dispose()
    {
        _events.Dispose();
        _meter.Dispose();
        Collector.Dispose();
    }
}
