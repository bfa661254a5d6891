using Lifeline.Ipc;

namespace Lifeline.Contracts;

/// <summary>
/// An operator's side of <c>lifeline.IServiceMonitor</c>. Thread-safe. Does not own the proxy. Every method throws
/// <see cref="IpcException"/>: with the monitor's own words when it refuses (<see cref="IpcError.NotFound"/> for no such service,
/// <see cref="IpcError.PermissionDenied"/>), with <see cref="IpcError.DeadObject"/> when it is gone.
/// </summary>
/// <param name="proxy">The monitor.</param>
public sealed class MonitorAdminProxy(IpcProxy proxy)
{
    /// <summary>The monitor.</summary>
    public IpcProxy Proxy { get; } = proxy;

    /// <summary>What is known of services, page after page.</summary>
    /// <param name="names">Which; null or none: all.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyList<ServiceSnapshot>> StatusAsync(IReadOnlyList<string>? names = null, CancellationToken cancellationToken = default)
    {
        var snapshots = new List<ServiceSnapshot>();
        for (var first = 0; first >= 0;)
        {
            var data = MonitorCall.NewRequest();
            data.WriteInt32(first);
            data.WriteNames(names ?? []);
            using var reply = await MonitorCall.CallAsync(Proxy, ServiceMonitorCodes.Status, data, null, cancellationToken).ConfigureAwait(false);
            first = SnapshotPage.Read(reply, first, snapshots);
        }

        return snapshots;
    }

    /// <summary>Events of the journal, one page.</summary>
    public async Task<EventPage> EventsAsync(EventQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var data = MonitorCall.NewRequest();
        EventCodec.WriteQuery(data, query);
        using var reply = await MonitorCall.CallAsync(Proxy, ServiceMonitorCodes.Events, data, query.Wait, cancellationToken).ConfigureAwait(false);
        return EventCodec.ReadPage(reply);
    }

    /// <summary>Orders services to be started; all if no name is given. Returns once the order is taken, not once it is done.</summary>
    public Task StartAsync(IReadOnlyList<string> names, CancellationToken cancellationToken = default) =>
        OrderAsync(ServiceMonitorCodes.Start, names, cancellationToken);

    /// <summary>Orders services to be stopped; all if no name is given. Returns once the order is taken, not once it is done.</summary>
    public Task StopAsync(IReadOnlyList<string> names, CancellationToken cancellationToken = default) =>
        OrderAsync(ServiceMonitorCodes.Stop, names, cancellationToken);

    /// <summary>Orders services to be restarted; all if no name is given. Returns once the order is taken, not once it is done.</summary>
    public Task RestartAsync(IReadOnlyList<string> names, CancellationToken cancellationToken = default) =>
        OrderAsync(ServiceMonitorCodes.Restart, names, cancellationToken);

    /// <summary>Sends a signal, 1 to 64, to a service's main process.</summary>
    public Task KillAsync(string name, int signal, CancellationToken cancellationToken = default)
    {
        var data = MonitorCall.NewRequest();
        RequestCodec.WriteKill(data, name, signal);
        return MonitorCall.CallWithoutAnswerAsync(Proxy, ServiceMonitorCodes.Kill, data, cancellationToken);
    }

    /// <summary>Orders everything to be stopped and the monitor to end. Returns once the order is taken; the end is seen by the proxy's death.</summary>
    public Task DownAsync(CancellationToken cancellationToken = default) =>
        MonitorCall.CallWithoutAnswerAsync(Proxy, ServiceMonitorCodes.Down, MonitorCall.NewRequest(), cancellationToken);

    /// <summary>Orders the configuration to be read again.</summary>
    /// <param name="dryRun">Only say what would change.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<ReloadResult> ReloadAsync(bool dryRun, CancellationToken cancellationToken = default)
    {
        var data = MonitorCall.NewRequest();
        data.WriteBoolean(dryRun);
        using var reply = await MonitorCall.CallAsync(Proxy, ServiceMonitorCodes.Reload, data, null, cancellationToken).ConfigureAwait(false);
        return AnswerCodec.ReadReload(reply);
    }

    /// <summary>Lines of a log, one chunk.</summary>
    public async Task<LogChunk> LogsAsync(LogQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var data = MonitorCall.NewRequest();
        LogCodec.WriteQuery(data, query);
        using var reply = await MonitorCall.CallAsync(Proxy, ServiceMonitorCodes.Logs, data, query.Wait, cancellationToken).ConfigureAwait(false);
        return LogCodec.ReadChunk(reply);
    }

    /// <summary>What the monitor says of itself.</summary>
    public async Task<MonitorInfo> InfoAsync(CancellationToken cancellationToken = default)
    {
        using var reply = await MonitorCall
            .CallAsync(Proxy, ServiceMonitorCodes.Info, MonitorCall.NewRequest(), null, cancellationToken)
            .ConfigureAwait(false);
        return AnswerCodec.ReadInfo(reply);
    }

    private Task OrderAsync(uint code, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(names);
        var data = MonitorCall.NewRequest();
        data.WriteNames(names);
        return MonitorCall.CallWithoutAnswerAsync(Proxy, code, data, cancellationToken);
    }
}
