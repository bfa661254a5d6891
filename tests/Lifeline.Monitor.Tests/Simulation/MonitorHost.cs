using Lifeline.Contracts;

namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>
/// The simulated shell: feeds a core, commits its batches late and in order, carries out its effects, and dies between any two of
/// them.
/// </summary>
internal sealed class MonitorHost(World world, Machine machine, Keeper keeper, InvariantChecker checker, HostFault fault)
{
    private const double DeathPerEffect = 0.002;
    private const double EffectFails = 0.02;

    private readonly List<Effect> _effects = [];
    private readonly Dictionary<string, long> _reclaimBusyUntil = [];
    private readonly HashSet<(string Service, int Generation)> _launchesToCome = [];
    private Journal _journal = new(checker, throughBytes: world.Seed % 8 == 0);
    private MonitorCore? _core;
    private OrderWatch? _decided;
    private OrderWatch? _kept;
    private long _lastCommit;
    private long _lastToKeeper;
    private long _lastFromKeeper;
    private long _tickAt = long.MaxValue;

    /// <summary>What was decided, whether it is committed or not: a monitor that dies takes the rest with it.</summary>
    public OrderWatch Decided => _decided ??= new() { IsWanted = IsWanted };

    public OrderWatch Kept => _kept ??= new() { IsWanted = IsWanted };

    public int Epoch { get; private set; }

    /// <summary>The keeper has still to become the program that the monitor is.</summary>
    public bool IsUpgrading { get; private set; }

    public bool IsAlive => _core is not null;

    public MonitorCore Core => _core!;

    public MonitorConfiguration Configuration { get; set; } = new([], []);

    /// <summary>What people were told that they would get.</summary>
    public Wishes Wishes { get; } = new();

    public SlotTable Table { get; init; } = SlotTable.Default;

    public string BootId { get; set; } = "boot-0";

    public bool IsShuttingDown { get; private set; }

    /// <summary>The answer within the last batch, if there was one.</summary>
    public AnswerOrder? LastAnswer { get; private set; }

    public Prober Prober { get; set; } = null!;

    /// <summary>Called after a <see cref="ShutdownComplete"/> was carried out.</summary>
    public Action<ShutdownComplete> ShutDown { get; set; } = _ => { };

    /// <summary>Called when the monitor died, for someone to start another.</summary>
    public Action Died { get; set; } = () => { };

    public IReadOnlyCollection<SlotRecord> Records => _journal.Records;

    public void Start()
    {
        var options = new MonitorCoreOptions
        {
            BootId = BootId,
            Seed = (ulong)world.Seed,
            LaunchTimeout = TimeSpan.FromMilliseconds(200),
            KillRepeat = TimeSpan.FromMilliseconds(200),
            KillAttempts = 3,
            ReclaimRetry = TimeSpan.FromMilliseconds(100),
            ReclaimRetryMax = TimeSpan.FromSeconds(2),
            SessionGrace = TimeSpan.FromMilliseconds(50),
            RecoveryGrace = TimeSpan.FromMilliseconds(500),
            DiagnosisTimeout = TimeSpan.FromMilliseconds(100),
            ShutdownKillGrace = TimeSpan.FromSeconds(1),
        };
        _core = new MonitorCore(options, Table);
        Configure(Configuration);
        if (IsShuttingDown) Decided.ForgetRounds();
        IsShuttingDown = false;
        world.Note($"monitor: starts, epoch {Epoch}");
        Handle(new MonitorStarted(Shown(Configuration), _journal.Read(), List()) { Alerts = _journal.Alerts });
        if (IsUpgrading) Follow(Epoch);
    }

    /// <summary>Another program: first the monitor is ended, and when the next one serves, the keeper follows.</summary>
    public void Upgrade()
    {
        if (_core is null || IsShuttingDown || IsUpgrading || !keeper.IsAlive) return;
        IsUpgrading = true;
        keeper.Changed = () =>
        {
            IsUpgrading = false;
            Handle(new KeeperChanged(keeper.Epoch));
        };
        Die("for an upgrade");
    }

    // As soon as nothing is being launched.
    private void Follow(int epoch)
    {
        if (epoch == Epoch && IsUpgrading && !keeper.TryChange()) world.After(world.Between(1, 20), () => Follow(epoch));
    }

    /// <summary>Another configuration, for this monitor or for the next one.</summary>
    public void Reload(MonitorConfiguration configuration)
    {
        Configuration = configuration;
        if (_core is null || IsShuttingDown) return;
        Configure(configuration);
        Handle(new ConfigurationChanged(Shown(configuration)));
    }

    private void Configure(MonitorConfiguration configuration)
    {
        Decided.Configure(configuration);
        checker.MayOverlap.UnionWith(configuration.Services.Where(spec => spec.Overlaps).Select(spec => spec.Name));
    }

    /// <summary>Tells the core, unless the monitor is dead.</summary>
    public void Handle(MonitorEvent e)
    {
        if (_core is null) return;
        var epoch = Epoch;
        _effects.Clear();
        IsShuttingDown |= e is ShutdownRequested;
        if (world.IsTracing && e is not (BeatReceived or Tick)) world.Note($"core <- {e}");
        _core.Handle(e, world.Now, _effects);
        if (world.IsTracing && e is Tick && _effects.Count > 0) world.Note("core <- tick");
        foreach (var effect in _effects)
            if (effect is RecordEvent recorded) Decided.Note(recorded);
        LastAnswer = _effects.OfType<AnswerOrder>().LastOrDefault();
        if (_effects.Count > 0) Carry([.. _effects]);
        if (epoch == Epoch) ArmTick();
    }

    /// <summary>A message that takes a moment, and is lost if the monitor dies meanwhile. Now and then it comes twice.</summary>
    public void Deliver(MonitorEvent e)
    {
        DeliverAt(world.Now + world.Between(0, 2), e);
        if (world.Fault(0.02)) DeliverAt(world.Now + world.Between(0, 3_000), e);
    }

    /// <summary>Messages of the keeper stay in order; a doubled one comes whenever it likes.</summary>
    public void DeliverFromKeeper(MonitorEvent e)
    {
        _lastFromKeeper = Math.Max(_lastFromKeeper, world.Now + world.Between(0, 2));
        DeliverAt(_lastFromKeeper, e);
        if (world.Fault(0.02)) DeliverAt(world.Now + world.Between(0, 3_000), e);
    }

    public void Die(string how)
    {
        if (_core is null) return;
        world.Note($"monitor: dies ({how})");
        _core = null;
        _decided = Kept.Copy();
        Wishes.LoseUnanswered();
        Epoch++;
        _launchesToCome.Clear();
        _reclaimBusyUntil.Clear();
        _tickAt = long.MaxValue;
        _lastCommit = _lastToKeeper = 0;
        Died();
    }

    public void ReplaceKeeper()
    {
        if (_core is null || keeper.IsAlive) return;
        keeper.Replace((_, _) => true);
        IsUpgrading = false;
        Handle(new KeeperReplaced(List()));
        Handle(new KeeperChanged(keeper.Epoch));
    }

    // A launch that waits for its commit is known to nobody but us.
    private List<InstanceReport> List()
    {
        var list = keeper.List();
        foreach (var (service, generation) in _launchesToCome)
            if (list.All(report => report.Service != service || report.Generation != generation))
                list.Add(new(service, generation, InstancePresence.Launching));
        return list;
    }

    // The core is told less than there is, where that is the fault.
    private MonitorConfiguration Shown(MonitorConfiguration configuration) => fault switch
    {
        HostFault.HidesDependencies => configuration with { Services = [.. configuration.Services.Select(spec => spec with { DependsOn = [] })] },
        HostFault.HidesGroups => configuration with { Groups = [] },
        HostFault.ReversesFile => configuration with { Services = [.. configuration.Services.Reverse()] },
        _ => configuration,
    };

    private bool IsWanted(string service) => _core?.ViewOfService(service) is { Wanted: true };

    private void DeliverAt(long time, MonitorEvent e)
    {
        var epoch = Epoch;
        world.At(time, () =>
        {
            if (epoch == Epoch) Handle(e);
        });
    }

    private void ArmTick()
    {
        if (_core?.NextDeadline is not { } due || due >= _tickAt) return;
        var epoch = Epoch;
        var late = world.Fault(0.01) ? world.Between(0, 1_000) : world.Between(0, 1);
        var at = _tickAt = Math.Max(due, world.Now) + late;
        world.At(at, () =>
        {
            if (epoch != Epoch || at != _tickAt) return;
            _tickAt = long.MaxValue;
            Handle(Tick.Instance);
        });
    }

    private void Carry(Effect[] batch)
    {
        var epoch = Epoch;
        foreach (var effect in batch)
        {
            if (effect is Launch launch) _launchesToCome.Add((launch.Service, launch.Generation));
            if (NeedsCommit(effect) || effect is RecordEvent or SaveSlot or SaveAlerts or ForgetSlot) continue;
            if (DiesBetween(epoch)) return;
            CarryOut(effect);
        }

        var committed = batch.Where(effect => NeedsCommit(effect) || effect is RecordEvent or SaveSlot or SaveAlerts or ForgetSlot).ToArray();
        if (committed.Length == 0) return;
        _lastCommit = Math.Max(_lastCommit, world.Now + world.Between(0, 3));
        world.At(_lastCommit, () =>
        {
            if (epoch == Epoch) Commit(committed, epoch);
        });
    }

    private void Commit(Effect[] batch, int epoch)
    {
        if (DiesBetween(epoch)) return;
        _journal.Commit(batch);
        foreach (var effect in batch)
            if (effect is RecordEvent recorded) Kept.Note(recorded, isNews: false);
        Wishes.OnCommitted(batch);
        if (fault == HostFault.ForgetsRecords && world.Chance(0.05)) _journal = new(checker, throughBytes: false);
        foreach (var effect in batch)
        {
            if (!NeedsCommit(effect)) continue;
            if (DiesBetween(epoch)) return;
            CarryOut(effect);
            if (epoch != Epoch) return;
        }
    }

    private bool NeedsCommit(Effect effect) => effect switch
    {
        AcknowledgeExit => fault != HostFault.AcknowledgesEarly,
        Launch => fault != HostFault.LaunchesEarly,
        _ => effect.NeedsCommit,
    };

    private bool DiesBetween(int epoch)
    {
        if (epoch != Epoch) return true;
        if (!world.Fault(DeathPerEffect)) return false;
        Die("between two effects");
        return true;
    }

    private void CarryOut(Effect effect)
    {
        switch (effect)
        {
            case Launch launch:
                ToKeeper(() => keeper.Launch(launch.Service, launch.Generation));
                _launchesToCome.Remove((launch.Service, launch.Generation));
                break;
            case SendSignal or KillTree or Reclaim or Diagnose when world.Fault(EffectFails):
                world.Note($"shell: fails to {effect}");
                return;
            case WatchMain main: ToKeeper(() => keeper.WatchMain(main.Service, main.Generation, main.Pid)); break;
            case SendSignal signal: ToKeeper(() => keeper.Signal(signal.Service, signal.Generation, signal.Signal)); break;
            case KillTree kill: ToKeeper(() => keeper.KillTree(kill.Service, kill.Generation)); break;
            case AcknowledgeExit exit: ToKeeper(() => keeper.Acknowledge(exit.Service, exit.Generation)); break;
            case Reclaim reclaim: Begin(reclaim); break;
            case StartProbing start: Prober.Start(start); break;
            case StopProbing stop: Prober.Stop(stop); break;
            case Diagnose ask: Prober.Diagnose(ask); break;
            case ShutdownComplete complete: ShutDown(complete); break;
        }

        if (world.IsTracing) world.Note($"shell: {effect.GetType().Name} {Subject(effect)}");
    }

    // What is under way when either end dies is lost; what went through at once stands for what was read before the list.
    private void ToKeeper(Action action)
    {
        if (!world.Fault(0.2))
        {
            action();
            return;
        }

        var (epoch, keeperEpoch) = (Epoch, keeper.Epoch);
        _lastToKeeper = Math.Max(_lastToKeeper, world.Now + world.Between(0, 3));
        world.At(_lastToKeeper, () =>
        {
            if (epoch == Epoch && keeperEpoch == keeper.Epoch) action();
        });
    }

    private void Begin(Reclaim reclaim)
    {
        var start = Math.Max(world.Now, _reclaimBusyUntil.GetValueOrDefault(reclaim.Service));
        var took = world.Fault(0.01) ? world.Between(1_500, 4_000) : world.Between(0, 10);
        _reclaimBusyUntil[reclaim.Service] = start + took;
        var epoch = Epoch;
        world.At(start + took, () =>
        {
            if (epoch == Epoch) Finish(reclaim, took);
        });
    }

    private void Finish(Reclaim reclaim, long took)
    {
        if (fault is not (HostFault.ReclaimKillsNothing or HostFault.LiesAboutReclaim)) machine.KillTree(reclaim.Service, reclaim.Generation);
        var empty = fault is HostFault.LiesAboutReclaim || machine.IsTreeEmpty(reclaim.Service, reclaim.Generation);
        ReclaimStep[] steps = [new(ReclaimKind.Process, "1", empty ? ReclaimOutcome.Killed : ReclaimOutcome.Failed)];
        Deliver(new ReclaimFinished(reclaim.Service, reclaim.Generation, reclaim.Attempt, steps, empty, took));
    }

    private static string Subject(Effect effect) => effect switch
    {
        Launch e => $"{e.Service}/{e.Generation}",
        SendSignal e => $"{e.Service}/{e.Generation} {e.Signal}",
        KillTree e => $"{e.Service}/{e.Generation}",
        AcknowledgeExit e => $"{e.Service}/{e.Generation}",
        Reclaim e => $"{e.Service}/{e.Generation} attempt {e.Attempt}",
        _ => effect.ToString(),
    };
}
