using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Journal;
using Lifeline.Linux;
using Lifeline.Logs;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>
/// <c>lifeline.IServiceMonitor</c>: what services and people ask of the monitor. Runs on the IPC kit's workers; everything about
/// state goes through the decision loop.
/// </summary>
internal sealed class MonitorService(
    Supervisor supervisor,
    Reporters reporters,
    StatusIntake intake,
    CallerResolver callers,
    OrderDesk orders,
    Func<ConfigurationReloader> reloader,
    ServiceDirectory services,
    ServiceDetails details,
    ServiceLists lists,
    ControlGroups groups,
    JournalStore journal,
    IAlertDesk alerts,
    LogReader logs,
    LogCollector collector,
    Upgrader upgrader,
    StandingShutdown shutdown,
    Func<MonitorInfo> info,
    TimeProvider time) : ServiceMonitorStub
{
    protected override async ValueTask<RegistrationResult> RegisterAsync(RegistrationRequest request, CallContext context)
    {
        try
        {
            var session = context.Session ?? throw new IpcException(IpcError.CheckParam, "A registration needs a session.");
            var (service, generation) = await OwnerAsync(context.Caller).ConfigureAwait(false);
            var reporter = reporters.Add(service, generation, session, request);
            // Posted before anything that the reporter may send next.
            supervisor.Post(new SessionOpened(service, generation, session.Id));
            request.Reporter.AddDeathRecipient(notice => intake.Lost(reporter, notice.Reason));
            request.Reporter.AddDeathRecipient(notice => intake.Dying(reporter, notice), DeathTiming.Early);
            intake.Ring(reporter);
            return new RegistrationResult(SlotKeys.ServiceOf(service), generation, services.FindSlot(service)?.Heartbeat);
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    protected override ValueTask DoorbellAsync(CallContext context)
    {
        if (reporters.Find(context.Session) is { } reporter)
            intake.Ring(reporter);
        return ValueTask.CompletedTask;
    }

    protected override ValueTask BeatAsync(CallContext context)
    {
        if (reporters.Find(context.Session) is { } reporter)
            intake.Beat(reporter);
        return ValueTask.CompletedTask;
    }

    protected override async ValueTask ClaimAsync(ClaimKind kind, string what, CallContext context)
    {
        var (service, generation) = await OwnerAsync(context.Caller).ConfigureAwait(false);
        if (ClaimRules.Check(kind, what) is { } wrong)
            throw new IpcException(IpcError.CheckParam, wrong);
        var limit = new MonitorCoreOptions { BootId = "" }.MaxClaims;
        var taken = await supervisor.AskAsync(core =>
        {
            if (core.View(service) is not { } view || view.Claims >= limit)
                return false;
            supervisor.Handle(new ResourceClaimed(service, generation, kind, what));
            return true;
        }).ConfigureAwait(false);
        if (!taken)
            throw new IpcException(IpcError.LimitReached, $"{SlotKeys.ServiceOf(service)} has {limit} claims already, the limit.");
    }

    protected override async ValueTask UnclaimAsync(ClaimKind kind, string what, CallContext context)
    {
        var (service, generation) = await OwnerAsync(context.Caller).ConfigureAwait(false);
        await supervisor.AskAsync(_ =>
        {
            supervisor.Handle(new ResourceUnclaimed(service, generation, kind, what));
            return true;
        }).ConfigureAwait(false);
    }

    protected override async ValueTask ReportAsync(StatusReport report, string? service, int? generation, CallContext context)
    {
        var owner = await OwnerAsync(context.Caller).ConfigureAwait(false);
        await supervisor.AskAsync(core =>
        {
            // Numbered here: reports without a slot come from many short processes.
            var sequence = Math.Max((core.View(owner.Service)?.Status?.Sequence ?? 0) + 1, report.Sequence);
            supervisor.Handle(new StatusChanged(owner.Service, owner.Generation, report with { Sequence = sequence }));
            return true;
        }).ConfigureAwait(false);
        // Answered when it is kept: whoever asked may die at once.
        await journal.FlushAsync().ConfigureAwait(false);
    }

    protected override async ValueTask<ServicePage<ServiceSnapshot>> StatusAsync(IReadOnlyList<string> names, int first, CallContext context)
    {
        var page = names.Count == 0
            ? await lists.SnapshotsAsync(first).ConfigureAwait(false)
            : await details.PageAsync(Meant(names), first).ConfigureAwait(false);
        return page with { Services = [.. page.Services.Select(snapshot => ResourceUsage.Fill(snapshot, groups) with { Log = OutputOf(snapshot.Name) })] };
    }

    protected override async ValueTask<ServicePage<ServiceOutline>> ListAsync(IReadOnlyList<string> patterns, ServiceRelations relations, int first, CallContext context) =>
        await lists.OutlinesAsync(patterns, relations, first).ConfigureAwait(false);

    protected override async ValueTask<EventPage> EventsAsync(EventQuery query, CallContext context)
    {
        if (query.Service is { } asked)
            Meant([.. asked.Split(',').Where(service => !Glob.HasWildcard(service))]);
        var filter = new JournalFilter(query.Service, query.Kind, query.Until);
        if (filter.Excess is { } excess)
            throw new IpcException(IpcError.LimitReached, $"{excess}.");
        var newest = journal.LastId;
        if (query.Limit == 0)
            return new EventPage([], newest);
        // A stretch at a time: what somebody looks for in vain holds up nobody else.
        var search = new EventSearch(journal, context.Cancelled);
        if (query.AfterId is null && query.Since is null && search.Last(newest, query.Limit, filter) is { Count: > 0 } last)
            return new EventPage(last, newest);
        var after = query.Since is { } since ? Math.Max(journal.IdBefore(since), query.AfterId ?? 0) : query.AfterId ?? newest;
        var (events, seen) = search.First(after, newest, query.Limit, filter);
        if (events.Count == 0 && query.Wait > TimeSpan.Zero)
        {
            await WaitForEventAsync(seen, query.Wait, context.Cancelled).ConfigureAwait(false);
            (events, seen) = search.First(seen, journal.LastId, query.Limit, filter);
        }

        return new EventPage(events, seen);
    }

    protected override ValueTask StartAsync(IReadOnlyList<string> names, CallContext context) =>
        OrderAsync(names, context, (id, name) => new StartOrder(id, name));

    protected override ValueTask StopAsync(IReadOnlyList<string> names, CallContext context) =>
        OrderAsync(names, context, (id, name) => new StopOrder(id, name));

    protected override ValueTask RestartAsync(IReadOnlyList<string> names, CallContext context) =>
        OrderAsync(names, context, (id, name) => new RestartOrder(id, name));

    protected override ValueTask KillAsync(string name, int signal, CallContext context) =>
        OrderAsync([name], context, (id, service) => new KillOrder(id, service, signal));

    protected override async ValueTask ReloadServicesAsync(IReadOnlyList<string> names, CallContext context)
    {
        Allow(context.Caller, "give orders");
        var meant = Meant(names);
        var signals = new List<(string Name, int Signal)>();
        foreach (var name in meant)
            signals.Add((name, ReloadSignalOf(name)));
        var idle = await supervisor.AskAsync(core => meant.FirstOrDefault(name => core.ViewOfService(name)?.Pid is null)).ConfigureAwait(false);
        if (idle is not null)
            throw new IpcException(IpcError.CheckParam, $"{idle} has no process that could read its configuration again; nobody was told to.");
        foreach (var (name, signal) in signals)
            await OrderAsync([name], context, (id, service) => new KillOrder(id, service, signal)).ConfigureAwait(false);
    }

    protected override async ValueTask UpgradeAsync(IReadOnlyList<string> program, CallContext context)
    {
        await Task.Run(() => upgrader.Begin(program, context.Caller)).ConfigureAwait(false);
        await journal.FlushAsync().ConfigureAwait(false);
    }

    protected override ValueTask DownAsync(CallContext context)
    {
        Allow(context.Caller, "stop the monitor");
        supervisor.Post(() => shutdown.Begin("down"));
        return ValueTask.CompletedTask;
    }

    protected override async ValueTask<ReloadResult> ReloadAsync(bool dryRun, CallContext context)
    {
        Allow(context.Caller, "reload the configuration");
        return await reloader().ReloadAsync(dryRun).ConfigureAwait(false);
    }

    protected override async ValueTask<LogChunk> LogsAsync(LogQuery query, CallContext context)
    {
        Allow(context.Caller, "read logs");
        if (Meant([query.Service]) is { Count: > 1 } instances)
            throw new IpcException(IpcError.CheckParam, $"{query.Service} has {instances.Count} instances with a log each: name one, such as {instances[0]}.");
        try
        {
            return await logs.ReadAsync(query, context.Cancelled).ConfigureAwait(false);
        }
        catch (FormatException e)
        {
            throw new IpcException(IpcError.CheckParam, e.Message);
        }
    }

    protected override ValueTask<MonitorInfo> InfoAsync(CallContext context) => ValueTask.FromResult(info());

    private SnapshotLog? OutputOf(string service) => collector.Counters(service) is { } counters
        ? new SnapshotLog { KeptBytes = counters.Kept, LostBytes = counters.Lost, CutLines = counters.Cuts, Error = counters.LastError }
        : null;

    protected override async ValueTask<AlertOverview> AlertsAsync(CallContext context) => await alerts.OverviewAsync().ConfigureAwait(false);

    protected override async ValueTask AcknowledgeAlertAsync(string target, string? note, CallContext context)
    {
        Allow(context.Caller, "acknowledge alerts");
        await alerts.AcknowledgeAsync(target, NameOf(context.Caller), note).ConfigureAwait(false);
    }

    protected override async ValueTask UnacknowledgeAlertAsync(string target, CallContext context)
    {
        Allow(context.Caller, "acknowledge alerts");
        await alerts.UnacknowledgeAsync(target, NameOf(context.Caller)).ConfigureAwait(false);
    }

    protected override async ValueTask SilenceAlertsAsync(string target, TimeSpan duration, string? note, CallContext context)
    {
        Allow(context.Caller, "silence alerts");
        await alerts.SilenceAsync(target, duration, NameOf(context.Caller), note).ConfigureAwait(false);
    }

    protected override async ValueTask UnsilenceAlertsAsync(string target, CallContext context)
    {
        Allow(context.Caller, "silence alerts");
        await alerts.UnsilenceAsync(target, NameOf(context.Caller)).ConfigureAwait(false);
    }

    protected override async ValueTask<AlertTestResult> TestAlertAsync(string channel, CallContext context)
    {
        Allow(context.Caller, "test alerts");
        return await alerts.TestAsync(channel, NameOf(context.Caller), context.Cancelled).ConfigureAwait(false);
    }

    private static string NameOf(CallerIdentity caller) =>
        Users.Find(caller.Uid)?.Name ?? caller.Uid.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private int ReloadSignalOf(string name) => services.Find(name)?.ReloadSignal ?? throw new IpcException(
        IpcError.CheckParam,
        $"{name} has no reload_signal: say in [services.{services.Find(name)?.Family ?? name}] which signal makes it read its configuration again, for example reload_signal = \"HUP\".");

    private async ValueTask OrderAsync(IReadOnlyList<string> names, CallContext context, Func<long, string, OperatorOrder> make)
    {
        Allow(context.Caller, "give orders");
        var meant = Meant(names);
        var chosen = names.Count > 0 ? meant : [.. services.All.Select(s => s.Name)];
        var answers = new List<Task>(chosen.Count);
        foreach (var name in chosen)
        {
            var (id, answer) = orders.Open();
            supervisor.Post(make(id, name));
            answers.Add(answer);
        }

        await Task.WhenAll(answers).ConfigureAwait(false);
    }

    private async Task WaitForEventAsync(long after, TimeSpan wait, CancellationToken cancelled)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        using var timer = time.CreateTimer(_ => limit.Cancel(), null, wait, Timeout.InfiniteTimeSpan);
        try
        {
            await journal.WaitForEventAsync(after, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The wait is over without news, or the caller is gone: the answer is empty.
        }
    }

    private async ValueTask<(string Service, int Generation)> OwnerAsync(CallerIdentity caller) =>
        await callers.ResolveAsync(caller.Pid).ConfigureAwait(false)
        ?? throw new IpcException(IpcError.PermissionDenied, $"Process {caller.Pid} belongs to no service: only a service's own processes may report.");

    private void Allow(CallerIdentity caller, string what)
    {
        var allowed = reloader().Current.Monitor.AllowUsers;
        if (caller.Uid == 0 || caller.Uid == CurrentProcess.Uid || allowed.Contains(caller.Uid))
            return;
        throw new IpcException(
            IpcError.PermissionDenied,
            $"User {NameOf(caller)} may not {what}: only root, the monitor's own user and those in allow_users of [monitor] may.");
    }

    // The name of a service with several instances means all of them.
    private List<string> Meant(IReadOnlyList<string> names)
    {
        var slots = new List<string>(names.Count);
        foreach (var name in names)
        {
            var meant = services.Meant(name);
            if (meant.Count == 0)
                throw new IpcException(IpcError.NotFound, $"There is no service \"{name}\".");
            slots.AddRange(meant);
        }

        return names.Count > 1 ? [.. slots.Distinct()] : slots;
    }
}
