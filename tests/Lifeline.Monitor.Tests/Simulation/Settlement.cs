using Lifeline.Contracts;

namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>What must be true some time after the last fault: what people see is what is.</summary>
internal static class Settlement
{
    public static void Check(MonitorHost host, Machine machine, Keeper keeper)
    {
        var running = 0;
        foreach (var service in host.Core.Services)
        {
            var view = host.Core.ViewOfService(service)!;
            var alive = machine.AliveOf(view.Service).ToArray();
            CheckState(host, view, host.Configuration.Services.FirstOrDefault(spec => spec.Name == service)
                ?? throw new InvariantBrokenException($"{service} is no longer configured and still {view.Phase}"));
            host.Wishes.Check(view);
            var main = alive.SingleOrDefault(process => process.IsMain);
            if (view.State == ServiceState.Running != main is not null)
                throw new InvariantBrokenException($"{service} is shown {view.Phase} and its main process is {main?.Pid.ToString() ?? "gone"}");
            if (main is not null)
            {
                running++;
                CheckMain(host, view, main);
            }

            if (main is not null && (main.Pid != view.Pid || main.Generation != view.Generation))
                throw new InvariantBrokenException($"{service} is shown with pid {view.Pid}/{view.Generation}, it is {main.Pid}/{main.Generation}");
            if (alive.FirstOrDefault(process => process.Generation != view.Generation || main is null) is { } left)
                throw new InvariantBrokenException($"process {left.Pid} of {service}/{left.Generation} is left");
        }

        host.Wishes.CheckAnswered();
        foreach (var key in host.Core.Slots)
            if (host.Core.View(key) is { Role: not SlotRole.Active } other && !IsAtRest(host, other, machine.AliveOf(key).Any()))
                throw new InvariantBrokenException($"the other slot {key} rests in {other.Phase} as {other.Role}");
        foreach (var process in machine.Alive)
            if (host.Core.View(process.Service) is null)
                throw new InvariantBrokenException($"process {process.Pid} of {process.Service}, which is gone, is left");
        if (keeper.Count != running)
            throw new InvariantBrokenException($"the keeper still has {keeper.Count} entries for {running} processes");
    }

    // Empty; or it waits to replace the other, because what it depends on does not run.
    private static bool IsAtRest(MonitorHost host, SlotView view, bool isAlive) => !isAlive && view switch
    {
        { Role: SlotRole.Spare, Phase: SlotPhase.Stopped } => true,
        { Role: SlotRole.Incoming, Phase: SlotPhase.Waiting } => host.Configuration.Services
            .First(spec => spec.Name == SlotKeys.ServiceOf(view.Service)).DependsOn.Any(name => !IsReady(host, name)),
        _ => false,
    };

    private static void CheckMain(MonitorHost host, SlotView view, SimulatedProcess main)
    {
        var spec = host.Configuration.Services.First(spec => spec.Name == SlotKeys.ServiceOf(view.Service));
        var snapshot = host.Core.Snapshot(SlotKeys.ServiceOf(view.Service))!;
        if (main.IsHung)
        {
            if (spec.Heartbeat is not null) throw new InvariantBrokenException($"{view.Service} is hung and nobody noticed");
            return;
        }

        if (snapshot.Health != ServiceHealth.Healthy || snapshot.Status?.Sequence != main.Sequence)
            throw new InvariantBrokenException($"{view.Service} is shown {snapshot.Health} with status {snapshot.Status?.Sequence}, its last is {main.Sequence}");
        if (view.Sessions != 1) throw new InvariantBrokenException($"{view.Service} has {view.Sessions} sessions, not one");
    }

    private static void CheckState(MonitorHost host, SlotView view, ServiceSpec spec)
    {
        if (view is { Phase: SlotPhase.Failed, Deadline: null } && spec is { FailedRetry: not null, Restart: not RestartWhen.Never })
            throw new InvariantBrokenException($"{view.Service} is failed for ever");
        var isRight = view.Phase switch
        {
            SlotPhase.Waiting => view.Wanted && spec.DependsOn.Any(name => !IsReady(host, name)),
            SlotPhase.Running or SlotPhase.Failed or SlotPhase.Exited => view.Wanted,
            SlotPhase.Stopped => !view.Wanted,
            _ => false,
        };
        if (!isRight) throw new InvariantBrokenException($"{view.Service} rests in {view.Phase}, wanted: {view.Wanted}");
    }

    private static bool IsReady(MonitorHost host, string service) =>
        host.Core.ViewOfService(service) is { Phase: SlotPhase.Running or SlotPhase.Exited };
}
