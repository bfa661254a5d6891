using Lifeline.Configuration;
using Lifeline.Contracts;

namespace Lifeline.Http;

/// <summary>The export by OTLP as the configuration wants it. Nothing is made of it while there is none. Safe for any thread.</summary>
internal sealed class OtlpDesk(Lazy<MonitorMetrics> metrics, Func<MonitorInfo> info, TimeProvider time, Action<string> log) : IDisposable
{
    private readonly Lock _gate = new();
    private OtlpSettings? _settings;
    private OtlpExporter? _exporter;
    private OtlpSent _sent = new();
    private bool _finished;

    /// <summary>Sends there from now on, and to the former place no more; null: nowhere.</summary>
    public void Use(OtlpSettings? settings)
    {
        lock (_gate)
        {
            if (_finished || (settings is null ? _settings is null : _settings is not null && settings.IsSameAs(_settings)))
                return;
            _exporter?.Dispose();
            _settings = settings;
            _sent = new OtlpSent();
            _exporter = settings is null ? null : Exporter(settings, _sent);
        }
    }

    /// <summary>Sends for the last time, how the services ended. Takes <see cref="OtlpLimits.LastExport"/> at most.</summary>
    public void Finish(Func<IReadOnlyList<ServiceSnapshot>> services)
    {
        OtlpExporter? exporter;
        OtlpSent sent;
        lock (_gate)
            (exporter, sent, _finished) = (_exporter, _sent, true);
        exporter?.FinishAsync(() =>
        {
            metrics.Value.Refresh(services());
            return Requests(sent);
        }).Wait(OtlpLimits.LastExport);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _finished = true;
            _exporter?.Dispose();
        }
    }

    private OtlpExporter Exporter(OtlpSettings settings, OtlpSent sent) => new(
        settings.Interval,
        new OtlpSender(settings, time),
        async cancellation =>
        {
            await metrics.Value.RefreshAsync(cancellation).ConfigureAwait(false);
            return Requests(sent);
        },
        sent.NoteTaken, metrics.Value.Otlp, time, log);

    private IReadOnlyList<byte[]> Requests(OtlpSent sent)
    {
        var about = info();
        var requests = new OtlpRequests(sent, ResourceOf(about), about.Version, Nanoseconds(metrics.Value.Begin), Nanoseconds(time.GetUtcNow()), OtlpLimits.MaxRequestBytes);
        var written = OtlpRequests.Of(metrics.Value.Collector, requests);
        sent.NoteTried();
        return written;
    }

    // The instance: what makes the values of one Lifeline those of no other, also on the same machine.
    private static KeyValuePair<string, string>[] ResourceOf(MonitorInfo about) =>
    [
        new("service.name", "lifeline"),
        new("service.instance.id", $"{Environment.MachineName}:{about.RunDirectory}"),
        new("service.version", about.Version),
        new("host.name", Environment.MachineName),
    ];

    private static ulong Nanoseconds(DateTimeOffset at) => (ulong)(at - DateTimeOffset.UnixEpoch).Ticks * 100;
}
