using Lifeline.Contracts;

namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>What the processes of the services do between birth and death: register, report, beat, fork, hang, lose sessions.</summary>
internal sealed class Population(World world, Machine machine, MonitorHost host)
{
    private long _lastSession;

    public void Act(SimulatedProcess process)
    {
        if (!process.IsAlive) return;
        world.After(world.IsQuiet ? world.Between(150, 240) : world.Between(20, 160), () => Act(process));
        if (process.IsHung || !host.IsAlive) return;
        if (process.SessionEpoch != host.Epoch) Register(process);
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
            case 6 when !process.NeverReady: host.Deliver(new ReadyTold(process.Service, process.Generation)); break;
            case < 20: host.Deliver(new BeatReceived(process.Service, process.Generation)); break;
            default: Report(process, (ServiceHealth)world.Next(4)); break;
        }
    }

    private void Register(SimulatedProcess process)
    {
        process.SessionEpoch = host.Epoch;
        process.Session = ++_lastSession;
        host.Deliver(new SessionOpened(process.Service, process.Generation, process.Session));
    }

    private void LoseSession(SimulatedProcess process)
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
