using Lifeline.Configuration;
using Lifeline.Keeper;
using Lifeline.Linux;
using Lifeline.Monitor;
using Lifeline.Reclaim;

namespace Lifeline.Supervision;

/// <summary>What is to be reclaimed of a generation. Safe for any thread.</summary>
internal sealed class ReclaimPlanner(
    Places places, ControlGroups groups, PrivateFolders folders, LaunchPlanner launches, AfterStopRunner afterStop, ServiceDirectory services, Func<int> keeperPid, Func<IReadOnlySet<int>> spared)
{
    /// <summary>The whole plan after a death.</summary>
    public ReclaimRequest Plan(Lifeline.Monitor.Reclaim order, ServiceConfiguration? service, SlotView? slot, SlotView? other)
    {
        var request = Plan(order, service, slot);
        // What is known by its name or its user alone may be the other generation's, which lives.
        return other is not { IsAlive: true } ? request : request with
        {
            Paths = [],
            Claims = [.. request.Claims.Where(claim => !other.Claimed.Contains(claim))],
            PosixShm = false,
            SysVIpc = false,
            OwnsUser = false,
            Ports = [],
        };
    }

    private ReclaimRequest Plan(Lifeline.Monitor.Reclaim order, ServiceConfiguration? service, SlotView? slot) => new()
    {
        Service = SlotKeys.ServiceOf(order.Service),
        Generation = order.Generation,
        Tree = TreeOf(order.Service, order.Generation, order.Death.Pid, slot?.StartTicks ?? 0),
        OwnerUid = OwnerOf(service),
        StartedAt = ProcessStart.TimeOf(slot?.StartTicks ?? 0),
        Paths = service?.Reclaim.Paths ?? [],
        Claims = order.Claims,
        Found = service?.Reclaim.Found ?? true ? order.Found : [],
        PosixShm = service?.Reclaim.PosixShm ?? false,
        OwnSockets = [.. (service?.Listen ?? []).Where(l => l.Kind == ListenKind.Unix).Select(l => l.Address)],
        PrivateFolder = folders.Find(order.Service, order.Generation),
        Ports = service is null ? [] : DeclaredPorts.Of(service),
        SysVIpc = service?.Reclaim.SysVIpc ?? false,
        OwnsUser = service is not null && OwnsUser(service),
        Command = service?.Reclaim.Command,
        CommandFolder = service?.WorkingDirectory ?? "/",
        CommandEnvironment = service is null ? new SortedDictionary<string, string>() : launches.BaseEnvironment(service),
        CommandTimeout = service?.Reclaim.Timeout ?? TimeSpan.FromSeconds(10),
        Death = order.Death,
        AfterStop = AfterStopOf(order, service),
        AfterStopName = service?.AfterStop is { } command ? $"after_stop: {string.Join(' ', command)}" : "",
    };

    /// <summary>The user whose things a service's are.</summary>
    public static uint OwnerOf(ServiceConfiguration? service) => service?.Identity?.Uid ?? CurrentProcess.Uid;

    private bool OwnsUser(ServiceConfiguration service) => service.Identity is { } identity
        && identity.Uid != 0 && identity.Uid != CurrentProcess.Uid
        && services.All.All(other => other.Name == service.Name || OwnerOf(other) != identity.Uid);

    // Nothing is to be tidied up after a generation that never lived.
    private Func<CommandResult>? AfterStopOf(Lifeline.Monitor.Reclaim order, ServiceConfiguration? service)
    {
        if (service?.AfterStop is null || order.Death.Pid is null)
            return null;
        var group = groups.Of(order.Service, order.Generation);
        return () => afterStop.Run(launches.PlanAfterStop(service, order.Service, order.Generation), group, service.Stop.Timeout);
    }

    /// <summary>How the processes of a generation are known.</summary>
    public ProcessTree TreeOf(string service, int generation, int? mainPid, long startTicks) => new()
    {
        Group = groups.Of(service, generation),
        MainPid = mainPid,
        MainStartTicks = startTicks,
        Marker = ProcessTree.MarkerOf(SlotKeys.ServiceOf(service), generation, places.Socket),
        KeeperPid = keeperPid() is var pid and > 0 ? pid : null,
        Spared = spared(),
    };

    /// <summary>A generation is proven empty; its group was removed by the reclaim.</summary>
    public void Release(string service, int generation) => groups.Forget(service, generation);
}
