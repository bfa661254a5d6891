using System.Diagnostics.Metrics;
using Lifeline.Contracts;

namespace Lifeline.Http;

/// <summary>The services as they are, one value for each: asked when somebody collects.</summary>
internal sealed class ServiceMeter
{
    private readonly HttpSources _sources;
    private readonly UsageTable _usage;
    private readonly Dictionary<string, (long Requests, long In, long Out)> _ipc = new(StringComparer.Ordinal);
    private readonly Dictionary<long, (long Requests, long In, long Out)> _sessions = [];
    private IReadOnlyList<ServiceSnapshot> _services = [];

    public ServiceMeter(Meter meter, HttpSources sources, UsageTable usage)
    {
        (_sources, _usage) = (sources, usage);
        Gauge(meter, "lifeline.service.state", null, "1 for the state that a service is in", s => 1, s => new("state", JsonNames.Of(s.State)));
        Gauge(meter, "lifeline.service.health", null, "1 for the health that a service reports", s => 1, s => new("health", JsonNames.Of(s.Health)));
        Gauge(meter, "lifeline.service.generation", null, "The generation of a service", s => s.Generation);
        Gauge(meter, "lifeline.service.start.time", "s", "When the present generation was executed, in seconds since 1970", s => Seconds(s.StartedAt));
        Gauge(meter, "lifeline.service.memory", "By", "Resident memory of all processes of a service", s => s.MemoryBytes);
        Gauge(meter, "lifeline.service.processes", null, "Processes of a service", s => s.Processes);
        Counter(meter, "lifeline.service.restarts", "{restart}", "Starts of a service after a death", s => s.Restarts);
        Counter(meter, "lifeline.service.cpu", "s", "Processor time of all processes of a service", s => s.CpuSeconds);
        Ipc(meter, "lifeline.service.ipc.requests", "{request}", "Requests of a service to the monitor over the IPC kit", sum => sum.Requests);
        Ipc(meter, "lifeline.service.ipc.received", "By", "Bytes of a service's requests to the monitor", sum => sum.In);
        Ipc(meter, "lifeline.service.ipc.sent", "By", "Bytes of the monitor's replies to a service", sum => sum.Out);
        Logs(meter, "lifeline.service.log.kept", "Bytes of a service's output that were kept", c => c.Kept);
        Logs(meter, "lifeline.service.log.lost", "Bytes of a service's output that were thrown away because the disk failed", c => c.Lost);
    }

    /// <summary>Takes the states that are given until the next time.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        await _usage.RefreshAsync(cancellation).ConfigureAwait(false);
        Take(await _sources.Supervisor.SnapshotsAsync([]).ConfigureAwait(false));
    }

    /// <summary>Takes these states until the next time.</summary>
    public void Take(IReadOnlyList<ServiceSnapshot> services)
    {
        _services = [.. services.Select(_usage.Fill)];
        lock (_ipc)
            AddUpIpc();
    }

    private static double? Seconds(DateTimeOffset? at) => at?.ToUnixTimeMilliseconds() / 1000.0;

    private void Gauge(
        Meter meter, string name, string? unit, string description, Func<ServiceSnapshot, double?> value, Func<ServiceSnapshot, KeyValuePair<string, object?>>? label = null) =>
        meter.CreateObservableGauge(name, () => Measure(value, label), unit, description);

    private void Counter(Meter meter, string name, string unit, string description, Func<ServiceSnapshot, double?> value) =>
        meter.CreateObservableCounter(name, () => Measure(value, null), unit, description);

    private void Ipc(Meter meter, string name, string unit, string description, Func<(long Requests, long In, long Out), long> value) =>
        meter.CreateObservableCounter(name, () => MeasureIpc(value), unit, description);

    private void Logs(Meter meter, string name, string description, Func<Logs.LogCounters, long> value) =>
        meter.CreateObservableCounter(name, () => MeasureLogs(value), "By", description);

    private List<Measurement<double>> Measure(Func<ServiceSnapshot, double?> value, Func<ServiceSnapshot, KeyValuePair<string, object?>>? label)
    {
        var services = _services;
        var measured = new List<Measurement<double>>(services.Count);
        foreach (var service in services)
        {
            if (value(service) is not { } number)
                continue;
            var name = new KeyValuePair<string, object?>("service", service.Name);
            measured.Add(label is null ? new Measurement<double>(number, name) : new Measurement<double>(number, name, label(service)));
        }

        return measured;
    }

    private List<Measurement<long>> MeasureIpc(Func<(long Requests, long In, long Out), long> value)
    {
        lock (_ipc)
            return [.. _ipc.Select(sum => new Measurement<long>(value(sum.Value), new KeyValuePair<string, object?>("service", sum.Key)))];
    }

    private List<Measurement<long>> MeasureLogs(Func<Logs.LogCounters, long> value)
    {
        var measured = new List<Measurement<long>>();
        foreach (var service in _services)
            if (_sources.LogCounters(service.Name) is { } counters)
                measured.Add(new Measurement<long>(value(counters), new KeyValuePair<string, object?>("service", service.Name)));
        return measured;
    }

    // Sessions end, what they did still counts: the sums only grow by what is new.
    private void AddUpIpc()
    {
        var now = new Dictionary<long, (long Requests, long In, long Out)>();
        foreach (var row in _sources.IpcStatistics())
        {
            var sum = now.GetValueOrDefault(row.SessionId);
            now[row.SessionId] = (sum.Requests + row.Requests, sum.In + row.BytesIn, sum.Out + row.BytesOut);
        }

        foreach (var (session, sum) in now)
        {
            if (_sources.ServiceOfSession(session) is not { } service)
                continue;
            var before = _sessions.GetValueOrDefault(session);
            var all = _ipc.GetValueOrDefault(service);
            _ipc[service] = (all.Requests + sum.Requests - before.Requests, all.In + sum.In - before.In, all.Out + sum.Out - before.Out);
        }

        _sessions.Clear();
        foreach (var (session, sum) in now)
            _sessions[session] = sum;
        var known = _services.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _ipc.Keys.Where(name => !known.Contains(name)).ToList())
            _ipc.Remove(gone);
    }
}
