namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>The simulated keeper: launches, watches, keeps exit notices until they are acknowledged, lists.</summary>
internal sealed class Keeper(World world, Machine machine, InvariantChecker checker)
{
    private readonly Dictionary<(string Service, int Generation), Entry> _entries = [];
    private readonly Dictionary<string, int> _highest = [];
    private Queue<Action>? _unread;

    /// <summary>Where messages to the monitor go.</summary>
    public Action<MonitorEvent> Send { get; set; } = _ => { };

    /// <summary>Called with a main process that is none any more.</summary>
    public Action<SimulatedProcess> Demoted { get; set; } = _ => { };

    public bool IsAlive { get; private set; } = true;

    /// <summary>Which keeper it is: what was sent to another one does not reach it.</summary>
    public int Epoch { get; private set; }

    public int Count => _entries.Count;

    /// <summary>Called when it has become another program and knows again what the monitor knows.</summary>
    public Action Changed { get; set; } = () => { };

    /// <summary>It is becoming another program: what is said to it waits in its socket, and who dies waits to be reaped.</summary>
    public bool IsChanging => _unread is not null;

    /// <summary>Begins to become another program, unless something is being launched.</summary>
    public bool TryChange()
    {
        if (!IsAlive || IsChanging || _entries.Values.Any(entry => entry.Presence == InstancePresence.Launching)) return false;
        world.Note("keeper: becomes another program");
        _unread = new();
        var epoch = Epoch;
        world.After(world.Between(0, 30), () =>
        {
            if (epoch == Epoch && IsChanging) FinishChange();
        });
        return true;
    }

    public void Launch(string service, int generation)
    {
        if (!IsAlive || Waits(() => Launch(service, generation))) return;
        if (_highest.TryGetValue(service, out var highest) && generation <= highest) return;
        _highest[service] = generation;
        var entry = new Entry { Presence = InstancePresence.Launching, IsStuck = world.Fault(0.02) };
        _entries[(service, generation)] = entry;
        var epoch = Epoch;
        world.After(world.Fault(0.1) ? world.Between(30, 250) : world.Between(0, 30), () =>
        {
            if (epoch == Epoch) FinishLaunch(service, generation, entry);
        });
    }

    public void KillTree(string service, int generation)
    {
        if (!IsAlive || Waits(() => KillTree(service, generation))) return;
        if (_entries.TryGetValue((service, generation), out var entry) && entry.Presence == InstancePresence.Launching)
            Doom(service, generation, entry);
        machine.KillTree(service, generation);
    }

    public void Signal(string service, int generation, int signal)
    {
        if (!IsAlive || Waits(() => Signal(service, generation, signal))) return;
        if (_entries.TryGetValue((service, generation), out var entry) && entry.Process is { IsAlive: true } process)
            machine.Signal(process, signal);
    }

    /// <summary>Another process is the main one. The end of the former may be noted already: it is void then.</summary>
    public void WatchMain(string service, int generation, int pid)
    {
        if (!IsAlive || Waits(() => WatchMain(service, generation, pid))) return;
        if (!_entries.TryGetValue((service, generation), out var entry) || entry.Presence == InstancePresence.Launching) return;
        var before = entry.Process;
        entry.Process = machine.Adopt(service, generation, pid);
        if (before is not null && before != entry.Process)
        {
            before.IsMain = false;
            entry.Process.Sequence = Math.Max(entry.Process.Sequence, before.Sequence);
            Demoted(before);
        }

        entry.Presence = InstancePresence.Alive;
        if (!entry.Process.IsAlive) NoteEnd(entry.Process, ProcessExit.Unknown);
    }

    public void Acknowledge(string service, int generation)
    {
        if (!IsAlive || Waits(() => Acknowledge(service, generation))) return;
        if (!_entries.TryGetValue((service, generation), out var entry)) return;
        if (entry.Presence != InstancePresence.Exited) return;
        checker.BeforeAcknowledge(service, generation);
        _entries.Remove((service, generation));
    }

    public void NoteEnd(SimulatedProcess process, ProcessExit exit)
    {
        if (!IsAlive || Waits(() => NoteEnd(process, exit))) return;
        if (!_entries.TryGetValue((process.Service, process.Generation), out var entry) || entry.Process != process) return;
        entry.Presence = InstancePresence.Exited;
        entry.Exit = exit;
        entry.ExitAt = world.Now;
        Send(new ProcessExited(process.Service, process.Generation, exit, world.Now) { Pid = process.Pid });
    }

    public List<InstanceReport> List()
    {
        var list = new List<InstanceReport>(_entries.Count);
        foreach (var ((service, generation), entry) in _entries)
            list.Add(entry.Report(service, generation));
        return list;
    }

    /// <summary>The keeper dies. Launches on their way vanish, or end in a process that nobody knows.</summary>
    public void Die()
    {
        IsAlive = false;
        _unread = null;
        Epoch++;
        foreach (var ((service, generation), entry) in _entries)
        {
            if (entry.Presence == InstancePresence.Launching && world.Chance(0.5))
                machine.Exec(service, generation);
        }

        world.Note("keeper: died");
    }

    /// <summary>A new keeper is told by a monitor what lived as far as it knew.</summary>
    public void Replace(Func<string, int, bool> isKnown)
    {
        foreach (var (key, entry) in _entries.ToArray())
        {
            if (entry.Presence == InstancePresence.Launching || !isKnown(key.Service, key.Generation))
                _entries.Remove(key);
            else if (entry.Presence == InstancePresence.Alive && !entry.Process!.IsAlive)
                Miss(key, entry);
        }

        IsAlive = true;
        _unread = null;
        Epoch++;
        _highest.Clear();
        world.Note("keeper: replaced");
    }

    /// <summary>Everything that was, is over.</summary>
    public void Forget() => _entries.Clear();

    private bool Waits(Action action)
    {
        _unread?.Enqueue(action);
        return IsChanging;
    }

    // What the monitor hands over is what it was told, and it was told everything before.
    private void FinishChange()
    {
        var unread = _unread!;
        _unread = null;
        _highest.Clear();
        world.Note("keeper: is another program");
        while (unread.TryDequeue(out var action)) action();
        Changed();
    }

    // Its end was seen by nobody, or through a pidfd that tells how or does not.
    private void Miss((string Service, int Generation) key, Entry entry)
    {
        if (world.Chance(0.5))
        {
            _entries.Remove(key);
            return;
        }

        entry.Presence = InstancePresence.Exited;
        entry.Exit = world.Chance(0.5) ? ProcessExit.Unknown : new(null, 9);
        entry.ExitAt = world.Now;
    }

    // A launcher that got stuck ends only by being killed.
    private void Doom(string service, int generation, Entry entry)
    {
        entry.IsDoomed = true;
        if (!entry.IsStuck) return;
        entry.IsStuck = false;
        FinishLaunch(service, generation, entry);
    }

    private void FinishLaunch(string service, int generation, Entry entry)
    {
        if (entry.IsStuck) return;
        if (entry.IsDoomed || world.Fault(0.08))
        {
            _entries.Remove((service, generation));
            Send(new LaunchFailed(service, generation, "no such file", world.Now));
            return;
        }

        entry.Process = machine.Exec(service, generation);
        entry.Presence = InstancePresence.Alive;
        entry.ExecAt = world.Now;
        Send(new LaunchSucceeded(service, generation, entry.Process.Pid, entry.Process.Pid, world.Now));
    }

    private sealed class Entry
    {
        public InstancePresence Presence { get; set; }

        public SimulatedProcess? Process { get; set; }

        public long? ExecAt { get; set; }

        public bool IsDoomed { get; set; }

        public bool IsStuck { get; set; }

        public ProcessExit Exit { get; set; }

        public long ExitAt { get; set; }

        public InstanceReport Report(string service, int generation) => new(service, generation, Presence)
        {
            Pid = Process?.Pid,
            StartTicks = Process?.Pid ?? 0,
            ExecAt = ExecAt,
            Exit = Presence == InstancePresence.Exited ? Exit : null,
            ExitAt = Presence == InstancePresence.Exited ? ExitAt : null,
        };
    }
}
