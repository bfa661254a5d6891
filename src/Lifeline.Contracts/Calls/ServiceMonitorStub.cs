using Lifeline.Ipc;

namespace Lifeline.Contracts;

/// <summary>
/// The monitor's side of <c>lifeline.IServiceMonitor</c>: reads requests, checks their limits, and writes answers.
/// Methods are called on the IPC kit's workers, several at a time. An <see cref="IpcException"/> thrown by one reaches the caller
/// with its error and message: <see cref="IpcError.NotFound"/> for no such service, <see cref="IpcError.PermissionDenied"/>, and so on.
/// Who calls is in the <see cref="CallContext"/>.
/// </summary>
public abstract class ServiceMonitorStub : IpcStub
{
    /// <summary>Makes the stub.</summary>
    protected ServiceMonitorStub() : base(ServiceMonitorCodes.Descriptor)
    {
    }

    /// <summary>A reporter makes itself known. From here on the implementation owns the request, also when it throws.</summary>
    protected abstract ValueTask<RegistrationResult> RegisterAsync(RegistrationRequest request, CallContext context);

    /// <summary>The caller's status slot changed.</summary>
    protected abstract ValueTask DoorbellAsync(CallContext context);

    /// <summary>The caller lives.</summary>
    protected abstract ValueTask BeatAsync(CallContext context);

    /// <summary>The caller claims something.</summary>
    protected abstract ValueTask ClaimAsync(ClaimKind kind, string what, CallContext context);

    /// <summary>The caller gives a claim up; one that it does not have is no error.</summary>
    protected abstract ValueTask UnclaimAsync(ClaimKind kind, string what, CallContext context);

    /// <summary>A status from somebody without a slot.</summary>
    /// <param name="report">The status.</param>
    /// <param name="service">Which service the caller believes to be: no proof.</param>
    /// <param name="generation">Which generation it believes to be: no proof.</param>
    /// <param name="context">Who calls.</param>
    protected abstract ValueTask ReportAsync(StatusReport report, string? service, int? generation, CallContext context);

    /// <summary>What is known of the named services, or of all if no name is given, in the order of the configuration. Called once for each page.</summary>
    /// <param name="names">Which; none: all.</param>
    /// <param name="first">With how many left out the page begins. What does not fit into it is asked for again: a few hundred fill it.</param>
    /// <param name="context">Who calls.</param>
    protected abstract ValueTask<ServicePage<ServiceSnapshot>> StatusAsync(IReadOnlyList<string> names, int first, CallContext context);

    /// <summary>Who there is and where each stands. Called once for each page.</summary>
    /// <param name="patterns">Names and patterns; none: all. One that means nothing is no error.</param>
    /// <param name="relations">Who else is told of.</param>
    /// <param name="first">With how many left out the page begins. What does not fit into it is asked for again: a thousand fill it.</param>
    /// <param name="context">Who calls.</param>
    protected virtual ValueTask<ServicePage<ServiceOutline>> ListAsync(IReadOnlyList<string> patterns, ServiceRelations relations, int first, CallContext context) =>
        throw Unknown(ServiceMonitorCodes.List);

    /// <summary>Events of the journal. What does not fit into the answer is left out and asked for again.</summary>
    protected abstract ValueTask<EventPage> EventsAsync(EventQuery query, CallContext context);

    /// <summary>Order to start services; all if no name is given. Returns once the order is taken.</summary>
    protected abstract ValueTask StartAsync(IReadOnlyList<string> names, CallContext context);

    /// <summary>Order to stop services; all if no name is given. Returns once the order is taken.</summary>
    protected abstract ValueTask StopAsync(IReadOnlyList<string> names, CallContext context);

    /// <summary>Order to restart services; all if no name is given. Returns once the order is taken.</summary>
    protected abstract ValueTask RestartAsync(IReadOnlyList<string> names, CallContext context);

    /// <summary>Order to send a signal, 1 to 64, to a service's main process.</summary>
    protected abstract ValueTask KillAsync(string name, int signal, CallContext context);

    /// <summary>Order to stop everything and end. Returns once the order is taken.</summary>
    protected abstract ValueTask DownAsync(CallContext context);

    /// <summary>Order to go over to another program: its path, and arguments before a command. Returns once the program was tried and the order is taken.</summary>
    protected virtual ValueTask UpgradeAsync(IReadOnlyList<string> program, CallContext context) => throw Unknown(ServiceMonitorCodes.Upgrade);

    /// <summary>Order to read the configuration again; a dry run only says what would change.</summary>
    protected abstract ValueTask<ReloadResult> ReloadAsync(bool dryRun, CallContext context);

    /// <summary>Order to have services read their own configuration again.</summary>
    protected abstract ValueTask ReloadServicesAsync(IReadOnlyList<string> names, CallContext context);

    /// <summary>Lines of a log, within <see cref="LogQuery.MaxBytes"/>.</summary>
    protected abstract ValueTask<LogChunk> LogsAsync(LogQuery query, CallContext context);

    /// <summary>What the monitor says of itself.</summary>
    protected abstract ValueTask<MonitorInfo> InfoAsync(CallContext context);

    /// <summary>What is wrong, who is not told, how channels do. Called once for each page.</summary>
    protected virtual ValueTask<AlertOverview> AlertsAsync(CallContext context) =>
        throw Unknown(ServiceMonitorCodes.Alerts);

    /// <summary>Order: somebody takes care of an alert, named by its number, or of all of a service.</summary>
    protected virtual ValueTask AcknowledgeAlertAsync(string target, string? note, CallContext context) =>
        throw Unknown(ServiceMonitorCodes.AcknowledgeAlert);

    /// <summary>Order: nobody takes care any more of an alert, named by its number, or of all of a service.</summary>
    protected virtual ValueTask UnacknowledgeAlertAsync(string target, CallContext context) =>
        throw Unknown(ServiceMonitorCodes.UnacknowledgeAlert);

    /// <summary>Order: nobody is told of a service, or by a channel, for a while.</summary>
    protected virtual ValueTask SilenceAlertsAsync(string target, TimeSpan duration, string? note, CallContext context) =>
        throw Unknown(ServiceMonitorCodes.SilenceAlerts);

    /// <summary>Order: people are told again.</summary>
    protected virtual ValueTask UnsilenceAlertsAsync(string target, CallContext context) =>
        throw Unknown(ServiceMonitorCodes.UnsilenceAlerts);

    /// <summary>Order: a test alert through the real channel, within <see cref="CallLimits.MaxWait"/>.</summary>
    protected virtual ValueTask<AlertTestResult> TestAlertAsync(string channel, CallContext context) =>
        throw Unknown(ServiceMonitorCodes.TestAlert);

    /// <inheritdoc/>
    protected sealed override ValueTask OnRequestAsync(uint code, Parcel data, Parcel reply, CallContext context)
    {
        ArgumentNullException.ThrowIfNull(data);
        data.EnforceInterface(ServiceMonitorCodes.Descriptor);
        return code switch
        {
            ServiceMonitorCodes.Doorbell => DoorbellAsync(context),
            ServiceMonitorCodes.Beat => BeatAsync(context),
            < ServiceMonitorCodes.Status => HandleReporterAsync(code, data, reply, context),
            >= ServiceMonitorCodes.Alerts and <= ServiceMonitorCodes.UnacknowledgeAlert => HandleAlertsAsync(code, data, reply, context),
            _ => HandleAdminAsync(code, data, reply, context),
        };
    }

    private async ValueTask HandleReporterAsync(uint code, Parcel data, Parcel reply, CallContext context)
    {
        switch (code)
        {
            case ServiceMonitorCodes.Register:
                AnswerCodec.WriteRegistration(reply, await RegisterAsync(RequestCodec.ReadRegistration(data), context).ConfigureAwait(false));
                break;
            case ServiceMonitorCodes.Claim:
                var (kind, what) = RequestCodec.ReadClaim(data);
                await ClaimAsync(kind, what, context).ConfigureAwait(false);
                break;
            case ServiceMonitorCodes.Unclaim:
                (kind, what) = RequestCodec.ReadClaim(data);
                await UnclaimAsync(kind, what, context).ConfigureAwait(false);
                break;
            case ServiceMonitorCodes.Report:
                var (report, service, generation) = RequestCodec.ReadReport(data);
                await ReportAsync(report, service, generation, context).ConfigureAwait(false);
                break;
            default:
                throw Unknown(code);
        }
    }

    private async ValueTask HandleAdminAsync(uint code, Parcel data, Parcel reply, CallContext context)
    {
        switch (code)
        {
            case ServiceMonitorCodes.Status or ServiceMonitorCodes.List:
                await HandleListAsync(code, data, reply, context).ConfigureAwait(false);
                break;
            case ServiceMonitorCodes.Events:
                EventCodec.WritePage(reply, await EventsAsync(EventCodec.ReadQuery(data), context).ConfigureAwait(false));
                break;
            case ServiceMonitorCodes.Start:
                await StartAsync(data.ReadNames(), context).ConfigureAwait(false);
                break;
            case ServiceMonitorCodes.Stop:
                await StopAsync(data.ReadNames(), context).ConfigureAwait(false);
                break;
            case ServiceMonitorCodes.Restart:
                await RestartAsync(data.ReadNames(), context).ConfigureAwait(false);
                break;
            case ServiceMonitorCodes.Kill:
                var (name, signal) = RequestCodec.ReadKill(data);
                await KillAsync(name, signal, context).ConfigureAwait(false);
                break;
            case ServiceMonitorCodes.Down:
                await DownAsync(context).ConfigureAwait(false);
                break;
            case ServiceMonitorCodes.Upgrade:
                await UpgradeAsync(RequestCodec.ReadProgram(data), context).ConfigureAwait(false);
                break;
            case ServiceMonitorCodes.Reload:
                AnswerCodec.WriteReload(reply, await ReloadAsync(data.ReadBoolean(), context).ConfigureAwait(false));
                break;
            case ServiceMonitorCodes.ReloadServices:
                await ReloadServicesAsync(data.ReadNames(), context).ConfigureAwait(false);
                break;
            case ServiceMonitorCodes.Logs:
                var query = LogCodec.ReadQuery(data);
                LogCodec.WriteChunk(reply, CheckSize(await LogsAsync(query, context).ConfigureAwait(false), query));
                break;
            case ServiceMonitorCodes.Info:
                AnswerCodec.WriteInfo(reply, await InfoAsync(context).ConfigureAwait(false));
                break;
            default:
                throw Unknown(code);
        }
    }

    private async ValueTask HandleListAsync(uint code, Parcel data, Parcel reply, CallContext context)
    {
        var first = data.ReadCount(PageCodec.MaxServices, "The first service of a page");
        var names = data.ReadNames();
        if (code == ServiceMonitorCodes.Status)
        {
            PageCodec.Write(reply, await StatusAsync(names, first, context).ConfigureAwait(false), first);
            return;
        }

        // A relation that only a later version knows is left out.
        var relations = (ServiceRelations)data.ReadInt32() & (ServiceRelations.Dependencies | ServiceRelations.Dependents);
        PageCodec.Write(reply, await ListAsync(names, relations, first, context).ConfigureAwait(false), first);
    }

    private async ValueTask HandleAlertsAsync(uint code, Parcel data, Parcel reply, CallContext context)
    {
        if (code == ServiceMonitorCodes.Alerts)
        {
            var first = data.ReadCount(int.MaxValue, "The first alert of a page");
            AlertCodec.WriteOverview(reply, await AlertsAsync(context).ConfigureAwait(false), first);
            return;
        }

        var (target, note) = AlertCodec.ReadTarget(data);
        switch (code)
        {
            case ServiceMonitorCodes.AcknowledgeAlert: await AcknowledgeAlertAsync(target, note, context).ConfigureAwait(false); break;
            case ServiceMonitorCodes.UnacknowledgeAlert: await UnacknowledgeAlertAsync(target, context).ConfigureAwait(false); break;
            case ServiceMonitorCodes.SilenceAlerts: await SilenceAlertsAsync(target, data.ReadDuration(), note, context).ConfigureAwait(false); break;
            case ServiceMonitorCodes.UnsilenceAlerts: await UnsilenceAlertsAsync(target, context).ConfigureAwait(false); break;
            default: AlertCodec.WriteTestResult(reply, await TestAlertAsync(target, context).ConfigureAwait(false)); break;
        }
    }

    private static LogChunk CheckSize(LogChunk chunk, LogQuery query)
    {
        var bytes = LogCodec.Measure(chunk);
        return bytes <= query.MaxBytes || chunk.Lines.Count == 1
            ? chunk
            : throw new IpcException(IpcError.TooLarge, $"The log lines of the answer take {bytes} bytes, and the limit is {query.MaxBytes}.");
    }

    private static IpcException Unknown(uint code) =>
        new(IpcError.CodeOutOfRange, $"{ServiceMonitorCodes.Descriptor} has no request {code}.");
}
