namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>The simulated operating system: process trees that live, fork, hang, ignore, get stuck and die.</summary>
internal sealed class Machine(World world, InvariantChecker checker)
{
    private readonly Dictionary<string, List<SimulatedProcess>> _processes = [];
    private int _lastPid = 100;

    /// <summary>Called with each main process that ended.</summary>
    public Action<SimulatedProcess, ProcessExit> MainEnded { get; set; } = (_, _) => { };

    /// <summary>Called when a main process may do something.</summary>
    public Action<SimulatedProcess> Act { get; set; } = _ => { };

    public IEnumerable<SimulatedProcess> Alive => _processes.Values.SelectMany(list => list).Where(process => process.IsAlive);

    public IEnumerable<SimulatedProcess> AliveOf(string service) =>
        _processes.TryGetValue(service, out var list) ? list.Where(process => process.IsAlive) : [];

    public SimulatedProcess Exec(string service, int generation)
    {
        checker.BeforeExec(service, generation, AliveOf(service));
        var process = new SimulatedProcess(service, generation, ++_lastPid, isMain: true)
        {
            IgnoresStop = world.Fault(0.15),
            NeverReady = world.Fault(0.1),
        };
        Add(process);
        world.Note($"machine: {service}/{generation} exec pid {process.Pid}");
        world.After(world.Between(1, 60), () => Act(process));
        if (!world.IsQuiet) world.After(LifeTime(), () => EndByItself(process));
        return process;
    }

    public void Fork(SimulatedProcess parent)
    {
        var child = new SimulatedProcess(parent.Service, parent.Generation, ++_lastPid, isMain: false) { IgnoresStop = true };
        if (world.Fault(0.05)) child.StuckUntil = world.Now + world.Between(10, 20_000);
        Add(child);
    }

    /// <summary>The process of this number, which is the main one from now on; one that is gone if there is none.</summary>
    public SimulatedProcess Adopt(string service, int generation, int pid)
    {
        var process = AliveOf(service).FirstOrDefault(process => process.Pid == pid && process.Generation == generation)
            ?? new SimulatedProcess(service, generation, pid, isMain: true) { IsAlive = false };
        process.IsMain = true;
        if (process.IsAlive) world.After(world.Between(1, 60), () => Act(process));
        return process;
    }

    public void Signal(SimulatedProcess process, int signal)
    {
        if (!process.IsAlive) return;
        if (signal == 9) Kill(process);
        else if (signal == 6) { if (!process.IgnoresStop) End(process, new(null, 6)); }
        else if (!process.IgnoresStop || world.IsQuiet) world.After(world.Between(0, 300), () => EndStopped(process));
    }

    public void KillTree(string service, int generation)
    {
        foreach (var process in AliveOf(service).Where(process => process.Generation == generation).ToArray())
            Kill(process);
    }

    public bool IsTreeEmpty(string service, int generation) =>
        AliveOf(service).All(process => process.Generation != generation);

    public void Reboot()
    {
        foreach (var process in Alive.ToArray())
            process.IsAlive = false;
        _processes.Clear();
    }

    public void Unstick()
    {
        foreach (var process in Alive)
            process.StuckUntil = 0;
    }

    public void End(SimulatedProcess process, ProcessExit exit)
    {
        if (!process.IsAlive) return;
        process.IsAlive = false;
        _processes[process.Service].Remove(process);
        if (!process.IsMain) return;
        world.Note($"machine: {process.Service}/{process.Generation} pid {process.Pid} ended {exit.Signal ?? -1}/{exit.ExitCode ?? -1}");
        MainEnded(process, exit);
    }

    private void Add(SimulatedProcess process)
    {
        if (!_processes.TryGetValue(process.Service, out var list)) _processes[process.Service] = list = [];
        list.Add(process);
    }

    private void Kill(SimulatedProcess process)
    {
        if (process.StuckUntil > world.Now && !world.IsQuiet)
            world.At(process.StuckUntil, () => End(process, new(null, 9)));
        else
            End(process, new(null, 9));
    }

    private void EndStopped(SimulatedProcess process)
    {
        if (process.StuckUntil <= world.Now) End(process, world.Chance(0.5) ? new(0, null) : new(null, 15));
    }

    private void EndByItself(SimulatedProcess process)
    {
        if (!process.IsAlive || world.IsQuiet) return;
        if (world.Chance(0.03))
        {
            process.StuckUntil = world.Now + world.Between(100, 20_000);
            return;
        }

        End(process, world.Next(4) switch
        {
            0 => new(null, 9),
            1 => new(0, null),
            2 => new(null, 11) { CoreDumped = true },
            _ => new(world.Next(4), null) { MemoryLimit = world.Chance(0.1) },
        });
    }

    private long LifeTime() => world.Next(10) switch
    {
        < 3 => world.Between(0, 50),
        < 7 => world.Between(50, 5_000),
        _ => world.Between(5_000, 120_000),
    };
}
