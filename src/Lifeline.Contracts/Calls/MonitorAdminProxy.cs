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
            first = PageCodec.Read(reply, first, snapshots, ContractsJson.Snapshot);
        }

        return snapshots;
    }

    /// <summary>
    /// Who there is and where each stands, page after page, without a look at any process: cheap also with many services.
    /// A monitor of an earlier version answers with <see cref="IpcError.CodeOutOfRange"/>.
    /// </summary>
    /// <param name="patterns">Names of services, names of all instances of one, or patterns of these with <c>*</c>, <c>?</c> and <c>[a-z]</c>, at most
    /// <see cref="CallLimits.MaxNames"/>; one that means nothing is no error. Null or none: all.</param>
    /// <param name="relations">Who else is told of.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>In the order of the configuration.</returns>
    public async Task<IReadOnlyList<ServiceOutline>> ListAsync(
        IReadOnlyList<string>? patterns = null, ServiceRelations relations = ServiceRelations.None, CancellationToken cancellationToken = default)
    {
        var outlines = new List<ServiceOutline>();
        for (var first = 0; first >= 0;)
        {
            var data = MonitorCall.NewRequest();
            data.WriteInt32(first);
            data.WriteNames(patterns ?? []);
            data.WriteInt32((int)relations);
            using var reply = await MonitorCall.CallAsync(Proxy, ServiceMonitorCodes.List, data, null, cancellationToken).ConfigureAwait(false);
            first = PageCodec.Read(reply, first, outlines, ContractsJson.Outline);
        }

        return outlines;
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

    /// <summary>
    /// Has services read their own configuration again: sends each its <c>reload_signal</c>. If one of them has none, or has no process,
    /// none is told.
    /// </summary>
    public Task ReloadServicesAsync(IReadOnlyList<string> names, CancellationToken cancellationToken = default) =>
        OrderAsync(ServiceMonitorCodes.ReloadServices, names, cancellationToken);

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

    /// <summary>Orders monitor and keeper to go over to another program. Returns once that program was tried and the order is taken; the monitor dies then.</summary>
    /// <param name="program">Its absolute path, and arguments that stand before a command.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task UpgradeAsync(IReadOnlyList<string> program, CancellationToken cancellationToken = default)
    {
        var data = MonitorCall.NewRequest();
        RequestCodec.WriteProgram(data, program);
        return MonitorCall.CallWithoutAnswerAsync(Proxy, ServiceMonitorCodes.Upgrade, data, cancellationToken);
    }

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

    /// <summary>What is wrong, who is not told, how channels do.</summary>
    public async Task<AlertOverview> AlertsAsync(CancellationToken cancellationToken = default)
    {
        var alerts = new List<OpenAlert>();
        for (var first = 0; ;)
        {
            var data = MonitorCall.NewRequest();
            data.WriteInt32(first);
            using var reply = await MonitorCall.CallAsync(Proxy, ServiceMonitorCodes.Alerts, data, null, cancellationToken).ConfigureAwait(false);
            var next = AlertCodec.ReadOverview(reply, alerts, out var silences, out var channels);
            if (next <= first)
                return new AlertOverview(alerts, silences, channels);
            first = next;
        }
    }

    /// <summary>Somebody takes care: what is open is told no more until it is over.</summary>
    /// <param name="target">The number of an alert, or the name of a service: all of its alerts.</param>
    /// <param name="note">What to remember about it.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task AcknowledgeAlertAsync(string target, string? note = null, CancellationToken cancellationToken = default)
    {
        var data = MonitorCall.NewRequest();
        AlertCodec.WriteTarget(data, target, note);
        return MonitorCall.CallWithoutAnswerAsync(Proxy, ServiceMonitorCodes.AcknowledgeAlert, data, cancellationToken);
    }

    /// <summary>Nobody takes care any more: people are told again.</summary>
    /// <param name="target">The number of an alert, or the name of a service: all of its alerts.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task UnacknowledgeAlertAsync(string target, CancellationToken cancellationToken = default)
    {
        var data = MonitorCall.NewRequest();
        AlertCodec.WriteTarget(data, target, null);
        return MonitorCall.CallWithoutAnswerAsync(Proxy, ServiceMonitorCodes.UnacknowledgeAlert, data, cancellationToken);
    }

    /// <summary>Nobody is told of a service, or by a channel, for a while.</summary>
    /// <param name="target">The name of a channel, or a pattern of services' names.</param>
    /// <param name="duration">How long.</param>
    /// <param name="note">Why.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task SilenceAlertsAsync(string target, TimeSpan duration, string? note = null, CancellationToken cancellationToken = default)
    {
        var data = MonitorCall.NewRequest();
        AlertCodec.WriteTarget(data, target, note);
        data.WriteDuration(duration);
        return MonitorCall.CallWithoutAnswerAsync(Proxy, ServiceMonitorCodes.SilenceAlerts, data, cancellationToken);
    }

    /// <summary>Ends a silence before its time.</summary>
    /// <param name="target">As it was given.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task UnsilenceAlertsAsync(string target, CancellationToken cancellationToken = default)
    {
        var data = MonitorCall.NewRequest();
        AlertCodec.WriteTarget(data, target, null);
        return MonitorCall.CallWithoutAnswerAsync(Proxy, ServiceMonitorCodes.UnsilenceAlerts, data, cancellationToken);
    }

    /// <summary>Sends a test alert through the real channel and tells what the other side said. Tried once.</summary>
    /// <param name="channel">The channel's name.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<AlertTestResult> TestAlertAsync(string channel, CancellationToken cancellationToken = default)
    {
        var data = MonitorCall.NewRequest();
        AlertCodec.WriteTarget(data, channel, null);
        using var reply = await MonitorCall
            .CallAsync(Proxy, ServiceMonitorCodes.TestAlert, data, CallLimits.MaxWait, cancellationToken)
            .ConfigureAwait(false);
        return AlertCodec.ReadTestResult(reply);
    }

    private Task OrderAsync(uint code, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(names);
        var data = MonitorCall.NewRequest();
        data.WriteNames(names);
        return MonitorCall.CallWithoutAnswerAsync(Proxy, code, data, cancellationToken);
    }
}
