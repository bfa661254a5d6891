namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>
/// The simulated probes and looks at silent services: asks while it is told to, answers late, at times wrongly, at times not at all.
/// </summary>
internal sealed class Prober(World world, Machine machine, MonitorHost host)
{
    private readonly Dictionary<(string Service, ProbeUse Use), long> _runs = [];
    private long _lastRun;

    public void Start(StartProbing start)
    {
        var run = _runs[(start.Service, start.Use)] = ++_lastRun;
        var epoch = host.Epoch;
        void Ask()
        {
            if (epoch != host.Epoch || _runs.GetValueOrDefault((start.Service, start.Use)) != run) return;
            host.Deliver(new ProbeResult(start.Service, start.Generation, start.Use, IsWell(start), "asked"));
            world.After(world.Between(20, 200), Ask);
        }

        world.After(start.IsStarting ? world.Between(0, 50) : world.Between(0, 200), Ask);
    }

    public void Stop(StopProbing stop)
    {
        if (stop.Use is { } use) _runs.Remove((stop.Service, use));
        else foreach (var key in _runs.Keys.Where(key => key.Service == stop.Service).ToArray()) _runs.Remove(key);
    }

    public void Diagnose(Diagnose ask)
    {
        if (world.Fault(0.1)) return;
        var epoch = host.Epoch;
        world.After(world.Fault(0.1) ? world.Between(0, 2_000) : world.Between(0, 50), () =>
        {
            if (epoch == host.Epoch) host.Deliver(new SilenceDiagnosed(ask.Service, ask.Generation, Look(ask)));
        });
    }

    private HangEvidence? Look(Diagnose ask)
    {
        if (machine.AliveOf(ask.Service).FirstOrDefault(p => p.IsMain && p.Generation == ask.Generation) is not { } process) return null;
        return new()
        {
            State = process.IsHung && world.Chance(0.2) ? 'T' : 'S',
            IsFrozen = world.Fault(0.1),
            IsTraced = world.Fault(0.05),
            RunDelay = world.Fault(0.2) ? 0.9 : 0.1,
            MonitorRunDelay = world.Fault(0.1) ? 0.9 : null,
            Suspended = TimeSpan.FromMilliseconds(world.Fault(0.05) ? 1_000 : 0),
            Output = ["line"],
        };
    }

    // A hung process answers nobody. When all is quiet, what lives is well and says so.
    private bool IsWell(StartProbing start)
    {
        if (machine.AliveOf(start.Service).FirstOrDefault(p => p.IsMain && p.Generation == start.Generation) is not { } process) return false;
        if (process.IsHung) return false;
        if (start.IsStarting && process.NeverReady && !world.IsQuiet) return false;
        return !world.Fault(0.15);
    }
}
