namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>
/// One run: a machine, a keeper, monitors that die and come again, services that do all that services do, an operator who orders at
/// random. While faults are on, nothing may break an invariant; when they are off, everything must come to what it should be.
/// </summary>
internal sealed class Simulation
{
    private readonly World _world;
    private readonly InvariantChecker _checker = new();
    private readonly Machine _machine;
    private readonly Keeper _keeper;
    private readonly MonitorHost _host;
    private readonly IReadOnlyList<ServiceSpec> _services;
    private long _orders;
    private int _boots;
    private ShutdownComplete? _ended;
    private bool _isEnding;

    public Simulation(int seed, bool isTracing = false, HostFault fault = HostFault.None, SlotTable? table = null)
    {
        _world = new(seed, isTracing);
        _machine = new(_world, _checker);
        _keeper = new(_world, _machine, _checker);
        _host = new(_world, _machine, _keeper, _checker, fault)
        {
            Table = table ?? SlotTable.Default,
            Died = RestartMonitor,
            ShutDown = NoteShutdown,
        };
        _host.Prober = new(_world, _machine, _host);
        var population = new Population(_world, _machine, _host);
        _machine.Act = population.Act;
        _machine.MainEnded = NoteEnd;
        _keeper.Send = _host.DeliverFromKeeper;
        _keeper.Demoted = population.LoseSession;
        _host.Configuration = Scenario.Choose(_world);
        _services = _host.Configuration.Services;
    }

    public World World => _world;

    public InvariantChecker Checker => _checker;

    /// <summary>Whether it went through an upgrade in peace.</summary>
    public bool Upgraded { get; private set; }

    /// <summary>Runs so many steps with faults, then lets everything heal and looks at what became of it.</summary>
    public void Run(int steps)
    {
        _host.Start();
        _world.After(_world.Between(1, 500), Disturb);
        while (_world.Steps < steps && _world.Step())
        {
        }

        Heal();
        if (_world.Seed % 4 != 0)
            Settlement.Check(_host, _machine, _keeper);
        if (_world.Seed % 4 != 0 && _world.Seed % 3 == 0)
            UpgradeInPeace();
        if (_world.Seed % 2 == 0)
            OrdersInPeace();
        else
            EndOfAll();
    }

    // Nothing dies by itself any more: every order must come to its end within bounded time.
    private void OrdersInPeace()
    {
        for (var round = 0; round < 3; round++)
        {
            for (var i = _world.Next(3); i >= 0; i--)
            {
                var service = _world.Pick(_services).Name;
                Order(_world.Next(4) switch
                {
                    0 => new StartOrder(++_orders, service),
                    1 => new RestartOrder(++_orders, service),
                    _ => new StopOrder(++_orders, service),
                });
                if (_world.Chance(0.5)) RunFor(_world.Next(2_000));
            }

            RunFor(30_000);
            Settlement.Check(_host, _machine, _keeper);
        }
    }

    // Nothing else happens: who ran runs on, and what people see is what they saw.
    private void UpgradeInPeace()
    {
        var before = _host.Core.Slots.Select(key => _host.Core.View(key)!).Where(view => view.Role != SlotRole.Spare).ToDictionary(view => view.Service, StateOf);
        if (before.Values.Any(state => state.Phase == SlotPhase.Failed)) return; // it is tried again when it likes
        var (execs, deaths) = (_checker.Execs, _checker.Deaths);
        _host.Upgrade();
        RunFor(30_000);
        if (_host.IsUpgrading) throw new InvariantBrokenException("upgrade: the keeper did not follow the monitor");
        if ((_checker.Execs, _checker.Deaths) != (execs, deaths))
            throw new InvariantBrokenException($"upgrade: {_checker.Execs - execs} processes were started and {_checker.Deaths - deaths} died");
        foreach (var (key, state) in before)
            if (_host.Core.View(key) is not { } view || StateOf(view) != state)
                throw new InvariantBrokenException($"upgrade: {key} was {state} and is {(_host.Core.View(key) is { } now ? StateOf(now) : null)}");
        Settlement.Check(_host, _machine, _keeper);
        Upgraded = true;
    }

    private static (SlotPhase Phase, SlotRole Role, int? Pid, int Generation, bool Wanted) StateOf(SlotView view) =>
        (view.Phase, view.Role, view.Pid, view.Generation, view.Wanted);

    private void Heal()
    {
        _world.IsQuiet = true;
        _machine.Unstick();
        _world.Note("faults are over");
        RunFor(60_000);
        var deaths = _checker.Deaths;
        RunFor(20_000);
        if (_checker.Deaths != deaths) throw new InvariantBrokenException("a service died long after the last fault");
        if (!_keeper.IsAlive) throw new InvariantBrokenException("the keeper was not replaced");
    }

    private void EndOfAll()
    {
        _isEnding = true;
        _ended = null;
        _host.Handle(new ShutdownRequested("test"));
        RunFor(20_000);
        if (_ended is null) throw new InvariantBrokenException("the shutdown did not end");
        if (_ended.Left.Count > 0) throw new InvariantBrokenException($"the shutdown left {_ended.Left[0]}");
        if (_machine.Alive.FirstOrDefault() is { } process)
            throw new InvariantBrokenException($"{process.Service}/{process.Generation} pid {process.Pid} lives after the shutdown");
    }

    private void RunFor(long milliseconds)
    {
        var end = _world.Now + World.Milliseconds(milliseconds);
        var stop = false;
        _world.At(end, () => stop = true);
        while (!stop && _world.Step())
        {
        }
    }

    private void NoteEnd(SimulatedProcess process, ProcessExit exit)
    {
        if (process.SessionEpoch == _host.Epoch && process.Session != 0 && _world.Chance(0.5))
            _host.Deliver(new ProcessDying(process.Service, process.Generation, process.Pid));
        if (process.SessionEpoch == _host.Epoch && process.Session != 0)
            _host.Deliver(new SessionLost(process.Service, process.Generation, process.Session, "end of stream"));
        _keeper.NoteEnd(process, exit);
    }

    private void NoteShutdown(ShutdownComplete complete)
    {
        _ended = complete;
        _host.Wishes.Forget();
        if (!_isEnding) _host.Die("shut down");
    }

    // Another monitor comes, or after a shutdown somebody who says "up" again.
    private void RestartMonitor() => _world.After(_world.Between(1, 500), StartMonitor);

    private void StartMonitor()
    {
        if (_host.IsAlive) return;
        // A keeper that had nobody to hand over to it knows as little as a new one.
        if (!_keeper.IsAlive || _keeper.IsChanging) _keeper.Replace(IsInRecords);
        _host.Start();
    }

    // With monitor and keeper gone, only what the journal knows by pid and start time is found again.
    private bool IsInRecords(string service, int generation) =>
        _host.Records.Any(record => record.Service == service && record.Generation == generation && record.Pid is not null);

    private void Disturb()
    {
        if (_world.IsQuiet) return;
        _world.After(_world.Chance(0.4) ? _world.Between(0, 30) : _world.Between(1, 1_500), Disturb);
        var service = _world.Pick(_services).Name;
        if (_world.Chance(0.1)) SpeakOfAlerts(service);
        switch (_world.Next(107))
        {
            case < 3: SendStrayOutcome(service); break;
            case < 18: Order(new StartOrder(++_orders, service)); break;
            case < 32: Order(new StopOrder(++_orders, service)); break;
            case < 46: Order(new RestartOrder(++_orders, service)); break;
            case < 52: Order(new KillOrder(++_orders, service, _world.Chance(0.5) ? 9 : 15)); break;
            case < 64: _host.Die("killed"); break;
            case < 70: KillKeeper(); break;
            case < 74: KillBoth(); break;
            case < 75: Reboot(); break;
            case < 79: Down(); break;
            case < 85: Reconfigure(); break;
            case < 90: SendNonsense(service); break;
            case >= 103: _host.Upgrade(); break;
            case < 92: _host.Handle(new ClockSet(DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(_world.Next(1000)))); break;
            default: KillSomething(); break;
        }
    }

    private void Order(OperatorOrder order)
    {
        if (!_host.IsAlive) return;
        if (!_host.IsShuttingDown) _host.Wishes.Give(order, _host.Core.ViewOfService(order.Service), _host.Configuration);
        _host.Handle(order);
        if (_host.IsAlive && _host.LastAnswer is { Refusal: null } && order is not KillOrder)
            Wishes.CheckTaken(order, _host.Core.ViewOfService(order.Service)!);
    }

    private void SpeakOfAlerts(string service) => _host.Handle(_world.Next(4) switch
    {
        0 when _world.Chance(0.3) => new UnacknowledgeOrder(++_orders, _world.Chance(0.5) ? service : $"{_world.Next(50)}", "operator"),
        0 => new AcknowledgeOrder(++_orders, _world.Chance(0.5) ? service : $"{_world.Next(50)}", "operator", null),
        1 => new SilenceOrder(++_orders, service, "operator", TimeSpan.FromMilliseconds(_world.Next(3_000)), null),
        2 => new SilenceOrder(++_orders, _world.Chance(0.5) ? "all" : "s*", "operator", TimeSpan.FromMilliseconds(_world.Next(3_000)), "work"),
        _ => new UnsilenceOrder(++_orders, _world.Chance(0.5) ? "s*" : service, "operator"),
    });

    private void Down()
    {
        _host.Wishes.Forget();
        _host.Handle(new ShutdownRequested("down"));
    }

    private void KillKeeper()
    {
        if (!_keeper.IsAlive) return;
        _keeper.Die();
        _world.After(_world.Between(1, 50), _host.ReplaceKeeper);
    }

    private void KillBoth()
    {
        if (_keeper.IsAlive) _keeper.Die();
        _host.Die("with the keeper");
    }

    private void Reboot()
    {
        _world.Note("machine: reboots");
        _host.Wishes.Forget();
        if (_keeper.IsAlive) _keeper.Die();
        _machine.Reboot();
        _keeper.Forget();
        _host.BootId = $"boot-{++_boots}";
        _host.Die("by a reboot");
    }

    private void Reconfigure()
    {
        var services = _services.Where(_ => _world.Chance(0.85))
            .Select(Changed).ToArray();
        _host.Wishes.Forget();
        _host.Reload(_host.Configuration with { Services = services });
    }

    private ServiceSpec Changed(ServiceSpec spec)
    {
        if (_world.Chance(0.2)) spec = spec with { LaunchKey = $"v{_world.Next(3)}" };
        if (spec.Probe is { } probe && _world.Chance(0.3)) spec = spec with { Probe = probe with { Key = $"k{_world.Next(3)}" } };
        if (_world.Chance(0.05)) spec = spec with { Overlaps = !spec.Overlaps, Group = null };
        if (!spec.Overlaps && _world.Chance(0.1)) spec = spec with { Group = _world.Chance(0.5) ? $"g{_world.Next(2)}" : null };
        return _world.Chance(0.15) ? spec with { DependsOn = [.. spec.DependsOn.Where(_ => _world.Chance(0.5))] } : spec;
    }

    private void SendNonsense(string service)
    {
        if (_world.Chance(0.3)) service = SlotKeys.SecondOf(service);
        var generation = _world.Next(6);
        _host.Handle(_world.Next(4) switch
        {
            0 => new ReclaimFinished(service, generation, _world.Next(3) + 100, [], true, 1),
            1 => new SessionLost(service, generation, 999_999, "unknown"),
            2 => _world.Chance(0.5) ? new BeatReceived("nobody", generation) : new ProcessDying(service, generation, _world.Next(100)),
            _ => Tick.Instance,
        });
    }

    private void SendStrayOutcome(string service)
    {
        if (_world.Chance(0.3)) service = SlotKeys.SecondOf(service);
        var generation = _world.Next(6);
        _host.Handle(_world.Next(3) switch
        {
            0 => new ProbeResult(service, generation, (ProbeUse)_world.Next(2), _world.Chance(0.5), "stray"),
            1 => Exceed(service, generation),
            _ => new SilenceDiagnosed(service, generation, _world.Chance(0.5) ? new() : null),
        });
    }

    // Mostly of one that lives: it counts, while an outcome out of nowhere does not.
    private LimitExceeded Exceed(string service, int generation) => _machine.AliveOf(service).FirstOrDefault() is { } living
        ? new(service, living.Generation, 2, 1, IsKernel: false)
        : new(service, generation, null, 1, IsKernel: true);

    private void KillSomething()
    {
        var alive = _machine.Alive.ToArray();
        if (alive.Length > 0) _machine.End(_world.Pick(alive), new(null, 9));
    }
}
