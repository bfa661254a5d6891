using Lifeline.Alerting;
using Lifeline.Cli;
using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Hangs;
using Lifeline.Http;
using Lifeline.Ipc;
using Lifeline.Journal;
using Lifeline.Keeper;
using Lifeline.Limits;
using Lifeline.Linux;
using Lifeline.Logs;
using Lifeline.Monitor;
using Lifeline.Probing;
using Lifeline.Reclaim;

namespace Lifeline.Supervision;

/// <summary>The monitor put together: its parts, in the order in which they depend on each other, and its life from start to end.</summary>
internal sealed class MonitorHost : IDisposable
{
    private static readonly TimeSpan LastCommit = TimeSpan.FromSeconds(5);

    private readonly KeeperLink _keeper;
    private readonly KeeperOptions _options;
    private readonly LifelineConfiguration _configuration;
    private readonly Places _places;
    private readonly TimeProvider _time;
    private readonly MonitorLog _log;
    private readonly JournalStore _journal;
    private readonly ControlGroups _groups;
    private readonly PrivateFolders _folders;
    private readonly CallerResolver _callers;
    private readonly KeeperIdentity _keeperIdentity;
    private readonly StandingShutdown _shutdown;
    private readonly ServiceDirectory _services = new();
    private readonly OrderDesk _orders = new();
    private readonly Reporters _reporters;
    private readonly LogCollector _logs;
    private readonly LogPipes _pipes;
    private readonly LogOptions _logOptions;
    private readonly HoldingWatch _holdings;
    private readonly LimitWatch _limits;
    private readonly ReclaimRunner _reclaimer;
    private readonly AlertDispatcher _alerts;
    private readonly IAlertDesk _alertDesk;
    private readonly BoardPublisher _board;
    private readonly Supervisor _supervisor;
    private readonly StatusIntake _intake;
    private readonly NotifySockets _notifications;
    private readonly HangWatch _hangs;
    private readonly ProbeFactory _probes;
    private readonly Prober _prober;
    private readonly DescriptorStore _store;
    private readonly ListenSockets _sockets;
    private readonly ServiceDetails _details;
    private readonly KeptThings _kept;
    private readonly ConfigurationReloader _reloader;
    private readonly IpcEndpoint _endpoint;
    private readonly IpcRegistry _registry;
    private readonly DateTimeOffset _startedAt;
    private Task _httpStart = Task.CompletedTask;
    private readonly StartWatch _startWatch;
    private readonly LaunchPlanner _launches;
    private readonly HttpDesk _http;
    private readonly ExitWatch _exitWatch;
    private int _left;

    private MonitorHost(KeeperLink keeper, KeeperOptions options, LifelineConfiguration configuration, TimeProvider time, MonitorLog log)
    {
        (_keeper, _options, _configuration, _time, _log) = (keeper, options, configuration, time, log);
        _startedAt = time.GetUtcNow();
        _places = new Places { RunFolder = options.RunDirectory, StateFolder = options.StateDirectory };
        _journal = new DiskReserve(options.StateDirectory).OpenJournal(JournalOptions.For(_places.Journal, configuration.Monitor), time);
        _groups = ControlGroups.Open(_journal, options.RunDirectory);
        _groups.Announce(keeper, configuration.Services, log.Write);
        _folders = new PrivateFolders(_journal, Path.GetTempPath());
        PrepareFolders(configuration);
        _callers = new CallerResolver(_groups);
        _keeperIdentity = new KeeperIdentity(keeper.State.KeeperPid);
        _reporters = new Reporters(keeper);
        _logOptions = new LogOptions { Folder = _places.LogsFolder };
        _logs = new LogCollector(_logOptions, time)
        {
            Lost = loss => _journal.Append(new JournalEvent(EventKinds.LogLost, loss.Service, loss.Generation, MonitorEvents.OutputLost(loss.Bytes, loss.Because))),
        };
        _holdings = new HoldingWatch(_services.FindSlot, _groups, time);
        _limits = new LimitWatch(_services, _groups, time);
        _pipes = new LogPipes(keeper, _logs);
        _reclaimer = new ReclaimRunner(time);
        _alerts = new AlertDispatcher(_journal, Settled, time: time, trouble: log.Write)
        {
            OpenIn = channel => _supervisor!.AskAsync(core => core.OpenAlerts(channel)),
        };
        _endpoint = new IpcEndpoint(new IpcEndpointOptions { Name = "monitor", TimeProvider = time, Logger = log, MaxSessionsPerUid = SupervisionLimits.MaxSessionsPerUser });
        _registry = new IpcRegistry(new RegistryOptions { TimeProvider = time });
        var sessions = new SessionRemains(_endpoint, _registry, _callers);
        var launches = _launches = new LaunchPlanner(_places, _groups, _folders, ConfigurationLoader.CurrentEnvironment());
        var reclaims = new ReclaimPlanner(_places, _groups, _folders, launches, new AfterStopRunner(keeper, SelfCommand.Current()), _services, () => _keeperIdentity.Pid, Spared);
        var mains = new MainProcesses(keeper, _callers);
        _store = new DescriptorStore(keeper);
        _sockets = new ListenSockets(keeper, _callers);
        _kept = new KeptThings(_pipes, new LaunchDescriptors(_sockets, _store), _sockets, _store, mains, _services);
        var clock = new WallClock(time);
        var effects = new EffectRunner(
            keeper, _journal, _groups, launches, reclaims, _reclaimer, _reporters, sessions, _logs, _holdings, _orders, new AlertRouter(_alerts, time), _services, _kept)
        {
            ShutDown = complete => _supervisor!.Post(() => End(complete)),
            LastLine = new LastOutput(_logs, new LogReader(_logOptions), time).OfAsync,
        };
        var core = new MonitorCore(new MonitorCoreOptions
        {
            BootId = ProcFs.BootId,
            MonotonicZero = clock.MonotonicZero,
            Seed = (ulong)MonotonicClock.Nanoseconds,
        });
        _board = new BoardPublisher(_places.Board, time, log.Write);
        _supervisor = new Supervisor(core, effects, keeper, clock) { Board = _board, Trim = new MemoryTrim() };
        effects.Attach(_supervisor);
        _details = new ServiceDetails(_supervisor, _services, _sockets, _store);
        _alertDesk = new AlertDesk(_supervisor, _orders, _alerts, new JournalNews(_journal, _supervisor, log.Write), time);
        _holdings.Found = found => _supervisor.Post(found);
        _holdings.View = names => _supervisor.AskAsync(core =>
        {
            // What such a look leaves behind is given back as well.
            _supervisor.NoteWork();
            return (IReadOnlyList<SlotView?>)[.. names.Select(core.View)];
        });
        _limits.Attach(_supervisor);
        _intake = new StatusIntake(_supervisor, _reporters, time);
        _notifications = _kept.Notifications = new NotifySockets(keeper, _places, _callers, _supervisor, mains, _store, new NotifyLog(log.Write, time));
        _hangs = new HangWatch(new HangInspector(new LogReader(_logOptions)), _notifications, _intake, _supervisor, time);
        _probes = new ProbeFactory(launches, time);
        _prober = new Prober(_probes.Find(_services.FindSlot), new ProbeReports(_supervisor).Tell, time);
        effects.Watch = Watch;
        _reloader = new ConfigurationReloader(_supervisor, _services, _alerts, _journal, _logs, options.StateDirectory, Adapt, ServeAsync);
        _http = MakeHttp();
        _reloader.Begin(configuration);
        _services.Update(configuration.Services);
        _services.Forgotten = Forget;
        _startWatch = new StartWatch(keeper.Settled);
        _shutdown = new StandingShutdown(_journal, _keeperIdentity, _supervisor);
        _exitWatch = new ExitWatch(() => _reloader.Current, _shutdown.Begin);
        if (keeper.State.KeeperVersion >= KeeperProtocol.HooksVersion)
            keeper.Present(configuration.Monitor.PresentAs);
    }

    public static MonitorHost Build(
        KeeperLink keeper, KeeperOptions options, LifelineConfiguration configuration, TimeProvider time, MonitorLog log) =>
        new(keeper, options, configuration, time, log);

    /// <summary>Runs until everything is stopped.</summary>
    /// <returns>The exit code of the process.</returns>
    public int Run()
    {
        using var console = _options.Foreground ? new ConsoleEvents(_time) : null;
        if (console is not null)
            _journal.Committed += console.Post;
        _journal.Append(new JournalEvent(
            EventKinds.MonitorStarted, null, 0, MonitorEvents.Started(Cli.ProductVersion.Text, _keeperIdentity.Pid, _groups.Description)));
        // First: an address that cannot be had is a failed start, and nothing shall run by then.
        OpenHttp();
        Recover();
        Serve();
        _keeper.Ready();
        _keeper.Start(new KeeperEvents(_supervisor, _intake, _callers, _groups, _keeperIdentity, _reloader, _notifications, _limits).Receive);
        _limits.Begin();
        _journal.Committed += _ => _supervisor.Post(LookAtAll);
        _supervisor.Post(LookAtAll);
        _httpStart = Task.Run(_http.StartAsync);
        _ = _httpStart.ContinueWith(_ => _supervisor.Post(LookAtAll), TaskScheduler.Default);
        _http.Otlp.Use(_configuration.Monitor.Otlp);
        _supervisor.Run();
        return Finish();
    }

    private void LookAtAll()
    {
        // Who started us is told when everything is there, the address too.
        if (_httpStart.IsCompleted)
            _startWatch.Look(_supervisor.Core);
        _exitWatch.Look(_supervisor.Core);
    }

    public void Dispose()
    {
        _http.DisposeAsync().AsTask().Wait(LastCommit);
        _endpoint.DisposeAsync().AsTask().Wait(LastCommit);
        _prober.Dispose();
        _probes.Dispose();
        _hangs.Dispose();
        _notifications.Dispose();
        _store.Dispose();
        _board.Dispose();
        _alerts.DisposeAsync().AsTask().Wait(LastCommit);
        _holdings.Dispose();
        _limits.Dispose();
        _reclaimer.Dispose();
        _logs.Dispose();
        _journal.Dispose();
    }

    private void Recover()
    {
        var recovery = new Recovery(_keeper, _journal, _callers, _groups, _limits);
        _reporters.TakeHeldSlots(_keeper.State.Descriptors);
        var instances = recovery.List();
        new StrayGroups(_keeper.State, _groups, _log.Write).End(recovery.Unknown);
        var bySlot = instances.ToLookup(i => i.Service, StringComparer.Ordinal);
        var begun = _configuration.Services.Where(recovery.HasBegun(instances)).ToList();
        foreach (var (index, service) in begun.Index())
        {
            if (index % SupervisionLimits.ServicesForASign == 0) _keeper.ReportAlive();
            foreach (var (slot, generation, adoptedPid) in recovery.OutputsOf(service, bySlot))
            {
                _pipes.OpenAsync(service, slot, generation, adoptedPid).GetAwaiter().GetResult();
                _sockets.TakeBack(service, adoptedPid);
            }
        }

        foreach (var folder in _folders.SetAsideUnknown([.. instances.Select(i => (i.Service, i.Generation)), .. recovery.Records.Select(r => (r.Service, r.Generation))]))
            _reclaimer.RemoveRest(folder);

        // What was reported before the end of the last monitor, or while there was none, comes before anything that follows from it.
        var known = instances.Select(i => (i.Service, i.Generation)).ToList();
        _supervisor.Post(() =>
        {
            _supervisor.Handle(new MonitorStarted(CoreConfiguration.Of(_configuration), recovery.Records, instances)
            {
                Alerts = AlertDeskRecordCodec.Decode(_journal.Recovered.Settings.GetValueOrDefault(AlertRouter.DeskSetting)),
                Shutdown = _shutdown.Of(_keeper.State),
            });
            foreach (var (service, generation) in known)
                _intake.ReadAll(service, generation);
        });

        // Only now: whatever waited in the sockets and the outbox comes after the core's first event.
        foreach (var service in begun)
            foreach (var slot in ServiceDirectory.SlotsOf(service))
                _notifications.Open(service, slot, bySlot[slot].Select(i => i.Generation).DefaultIfEmpty().Max());
        _alerts.Start(AlertRouter.ChannelsOf(_configuration, ConfigurationLoader.CurrentEnvironment()));
    }

    // Before a changed configuration counts.
    private void Adapt(LifelineConfiguration next)
    {
        PrepareFolders(next);
        _groups.Update(_keeper, next.Services, _log.Write);
    }

    private void PrepareFolders(LifelineConfiguration configuration)
    {
        if (_folders.Prepare(configuration.Services) is { } problem)
            _log.Write($"there are no folders for private_tmp: {problem}");
    }

    private void Serve()
    {
        const string name = "ipc.sock";
        UnixSocket listener;
        using (var held = _keeper.Duplicate(name))
            listener = held is not null ? UnixSocket.FromDescriptor(held) : MakeSocket();
        if (!_keeper.State.Descriptors.Contains(name))
            _keeper.Put(name, listener);
        var service = new MonitorService(
            _supervisor, _reporters, _intake, _callers, _orders, () => _reloader, _services, _details, new ServiceLists(_supervisor, _services), _groups, _journal, _alertDesk,
            new LogReader(_logOptions, _logs), _logs, new Upgrader(_keeper, _time, _log.Write), _shutdown, Describe, _time);
        _registry.Add(ServiceMonitorCodes.RegistryName, service);
        _endpoint.Listen(listener, _registry, _places.Socket);
    }

    private void OpenHttp()
    {
        _http.Open(HttpOf(_configuration));
        if (_http.Url is { } url && _options.Foreground && _keeper.State.MonitorStarts == 1)
            StandardStream.Output.WriteLine($"dashboard and API: {url} (\"lifeline dashboard\" prints a link that may change things)");
    }

    private async Task ServeAsync(LifelineConfiguration next)
    {
        await _http.ReplaceAsync(HttpOf(next)).ConfigureAwait(false);
        _http.Otlp.Use(next.Monitor.Otlp);
    }

    private HttpDesk MakeHttp() => new(new HttpSources
    {
        Supervisor = _supervisor,
        Keeper = _keeper,
        Orders = _orders,
        Services = _services,
        Details = _details,
        Groups = _groups,
        Journal = _journal,
        Logs = new LogReader(_logOptions, _logs),
        Alerts = _alerts,
        AlertDesk = _alertDesk,
        Launches = _launches,
        Reloader = _reloader,
        Places = _places,
        LogCounters = _logs.Counters,
        IpcStatistics = _endpoint.GetStatistics,
        ServiceOfSession = _reporters.ServiceOf,
        Info = Describe,
        Time = _time,
        Log = _log,
    });

    // What the command line says wins over the file.
    private HttpSettings? HttpOf(LifelineConfiguration configuration) => _options.HttpAddress is not { } address ? configuration.Monitor.Http
        : AddressReader.ParseHttp(address) is { } at
            ? (configuration.Monitor.Http ?? new HttpSettings("", 0, false)) with { Address = at.Host, Port = at.Port, IsDefault = false }
            : null;

    private UnixSocket MakeSocket() => UnixSocket.Listen(
        _places.Socket, UnixSocketType.SeqPacket, backlog: 1024,
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);

    private MonitorInfo Describe() => new()
    {
        Version = Cli.ProductVersion.Text,
        Pid = CurrentProcess.Id,
        KeeperPid = _keeperIdentity.Pid,
        StartedAt = _startedAt,
        ConfigurationFile = _reloader.Current.File,
        RunDirectory = _places.RunFolder,
        StateDirectory = _places.StateFolder,
        JournalEpoch = _journal.Epoch,
    };

    // Whatever is not of the dead generation but might look like it to a scan without control groups.
    private IReadOnlySet<int> Spared()
    {
        var spared = new HashSet<int>(_keeper.LauncherPids) { CurrentProcess.Id, _keeperIdentity.Pid };
        spared.UnionWith(_supervisor.Core.Pids);
        if (!_groups.Available)
            spared.UnionWith(Orphans.Launchers(_keeperIdentity.Pid));
        return spared;
    }

    private void Settled(AlertDelivery delivery)
    {
        if (AlertRouter.OutcomeOf(delivery) is { } outcome)
            _supervisor.Post(outcome);
    }

    private void Watch(Effect effect)
    {
        switch (effect)
        {
            case WatchSilence silence: _hangs.Watch(silence); break;
            case Diagnose diagnose: _hangs.Diagnose(diagnose); break;
            case StartProbing start: _prober.Start(start); break;
            case StopProbing stop: _prober.Stop(stop); break;
        }
    }

    private void Forget(string service)
    {
        _hangs.Forget(service);
        _store.Drop(service);
        _kept.Close(service);
    }

    private void End(ShutdownComplete complete)
    {
        _left = complete.Left.Count;
        foreach (var left in complete.Left)
            _log.Write($"{left.Service} (generation {left.Generation}, process {left.Pid?.ToString() ?? "unknown"}) could not be ended");
        _supervisor.End();
    }

    private int Finish()
    {
        var code = _left == 0 ? _exitWatch.ExitCode ?? 0 : 1;
        Task.WaitAll([.. _services.All.Select(service => _logs.FlushAsync(service.Name))], LastCommit);
        // The last events must be on disk before the keeper is told that all is over.
        try
        {
            _journal.FlushAsync().Wait(LastCommit);
        }
        catch (AggregateException)
        {
            _log.Write("the last events could not be written to the journal");
        }

        // All that happened is counted by now. The loop has ended, and the core is ours.
        _http.Otlp.Finish(() => [.. _supervisor.Core.Services.Select(_supervisor.Core.Snapshot).OfType<ServiceSnapshot>()]);
        if (!_groups.Available)
            new Orphans(_keeperIdentity.Pid, _log.Write).End(Orphans.Launchers(_keeperIdentity.Pid));
        if (_left == 0)
        {
            _groups.RemoveRoot();
            _folders.RemoveHome();
            SocketFiles.Remove(_places, _services.All, _log.Write);
        }

        _keeper.Finish(code);
        return code;
    }
}
