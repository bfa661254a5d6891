using Lifeline.Configuration;
using Lifeline.Keeper;
using Lifeline.Linux;
using Lifeline.Monitor;
using Lifeline.Reclaim;

namespace Lifeline.Supervision;

/// <summary>What is to be reclaimed of a generation. Safe for any thread.</summary>
internal sealed class ReclaimPlanner(Places places, ControlGroups groups, LaunchPlanner launches, Func<int> keeperPid, Func<IReadOnlySet<int>> spared)
{
    /// <summary>The whole plan after a death.</summary>
    public ReclaimRequest Plan(Lifeline.Monitor.Reclaim order, ServiceConfiguration? service, SlotView? slot) => new()
    {
        Service = order.Service,
        Generation = order.Generation,
        Tree = TreeOf(order.Service, order.Generation, order.Death.Pid, slot?.StartTicks ?? 0),
        OwnerUid = CurrentProcess.Uid,
        Paths = service?.Reclaim.Paths ?? [],
        Claims = order.Claims,
        SysVIpc = service?.Reclaim.SysVIpc ?? false,
        Command = service?.Reclaim.Command,
        CommandFolder = service?.WorkingDirectory ?? "/",
        CommandEnvironment = service is null ? new SortedDictionary<string, string>() : launches.BaseEnvironment(service),
        CommandTimeout = service?.Reclaim.Timeout ?? TimeSpan.FromSeconds(10),
        Death = order.Death,
    };

    /// <summary>How the processes of a generation are known.</summary>
    public ProcessTree TreeOf(string service, int generation, int? mainPid, long startTicks) => new()
    {
        Group = groups.Of(service, generation),
        MainPid = mainPid,
        MainStartTicks = startTicks,
        Marker = ProcessTree.MarkerOf(service, generation, places.Socket),
        KeeperPid = keeperPid() is var pid and > 0 ? pid : null,
        Spared = spared(),
    };

    /// <summary>A generation is proven empty; its group was removed by the reclaim.</summary>
    public void Release(string service, int generation) => groups.Forget(service, generation);
}
