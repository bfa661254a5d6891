using Lifeline.Contracts;

namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>What the processes of the services do between birth and death: register, report, beat, fork, hang, lose sessions.</summary>
internal sealed class Population(World world, Machine machine, MonitorHost host)
{
    private long _lastSession;

    public void Act(SimulatedProcess process)
    {
        if (!process.IsAlive || !process.IsMain) return;
        world.After(world.IsQuiet ? world.Between(150, 240) : world.Between(20, 160), () => Act(process));
        if (process.IsHung || !host.IsAlive) return;
        if (process.SessionEpoch != host.Epoch)
        {
            // What follows comes over the session, and so after it.
            Register(process);
            return;
        }

        if (!world.IsQuiet)
            DoSomething(process);
        else if (process.IsCalm && process.SessionEpoch == process.CalmEpoch)
            host.Deliver(new BeatReceived(process.Service, process.Generation));
        else
            CalmDown(process);
    }

    private void CalmDown(SimulatedProcess process)
    {
        process.IsCalm = true;
        process.CalmEpoch = host.Epoch;
        Report(process, ServiceHealth.Healthy);
    }

    private void DoSomething(SimulatedProcess process)
    {
        switch (world.Next(40))
        {
            case 0 or 1: machine.Fork(process); break;
            case 2: process.IsHung = world.Chance(0.3); break;
            case 3: LoseSession(process); break;
            case 4: host.Deliver(new ResourceClaimed(process.Service, process.Generation, ClaimKind.Path, $"/run/{world.Next(4)}")); break;
            case 5: host.Deliver(new ResourceUnclaimed(process.Service, process.Generation, ClaimKind.Path, $"/run/{world.Next(4)}")); break;
            case 7: Say(process); break;
            case 8: host.Deliver(new ThingsFound(process.Service, process.Generation, [new FoundRecord(FoundKind.Socket, $"/run/{world.Next(4)}", 1, (ulong)world.Next(4))])); break;
            case 9: host.Deliver(new KillRefused(process.Service, process.Generation, "refused")); break;
            case 6 when !process.NeverReady: host.Deliver(new ReadyTold(process.Service, process.Generation)); break;
            case < 20: host.Deliver(new BeatReceived(process.Service, process.Generation)); break;
            default: Report(process, (ServiceHealth)world.Next(4)); break;
        }
    }

    private void Say(SimulatedProcess process)
    {
        var (service, generation) = (process.Service, process.Generation);
        switch (world.Next(10))
        {
            case < 3: host.Deliver(new ReloadTold(service, generation)); break;
            case < 5: host.Deliver(new MoreTimeAsked(service, generation, TimeSpan.FromMilliseconds(world.Next(3_000)))); break;
            case < 7: host.Deliver(new HeartbeatTold(service, generation, TimeSpan.FromMilliseconds(300 + world.Next(2_700)))); break;
            case 7 when world.Chance(0.3): host.Deliver(new TroubleTold(service, generation)); break;
            case 8: Quit(process); break;
            default: HandOver(process); break;
        }
    }

    // Most do end after they said so.
    private void Quit(SimulatedProcess process)
    {
        host.Deliver(new QuitTold(process.Service, process.Generation));
        if (world.Chance(0.7)) world.After(world.Between(0, 500), () => machine.End(process, new(0, null)));
    }

    // A child becomes the main process; the parent mostly ends at once.
    private void HandOver(SimulatedProcess process)
    {
        if (machine.AliveOf(process.Service).FirstOrDefault(other => other.Generation == process.Generation && !other.IsMain) is not { } child) return;
        host.Deliver(new MainProcessTold(process.Service, process.Generation, child.Pid, child.Pid));
        if (world.Chance(0.7)) world.After(world.Between(0, 30), () => machine.End(process, new(0, null)));
    }

    private void Register(SimulatedProcess process)
    {
        process.SessionEpoch = host.Epoch;
        process.Session = ++_lastSession;
        host.Deliver(new SessionOpened(process.Service, process.Generation, process.Session));
    }

    /// <summary>Its session ends.</summary>
    public void LoseSession(SimulatedProcess process)
    {
        host.Deliver(new SessionLost(process.Service, process.Generation, process.Session, "reset"));
        process.SessionEpoch = -1;
    }

    private void Report(SimulatedProcess process, ServiceHealth health) =>
        host.Deliver(new StatusChanged(process.Service, process.Generation, new StatusReport
        {
            Health = health,
            Text = world.Chance(0.5) ? "working" : "idle",
            Code = world.Next(3),
            Ready = process.NeverReady && !world.IsQuiet ? false : null,
            Sequence = ++process.Sequence,
            AtNanoseconds = world.Now,
        }));
}
