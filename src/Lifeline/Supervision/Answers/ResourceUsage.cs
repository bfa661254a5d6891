using Lifeline.Contracts;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>What a service uses, summed over its processes. Read when somebody asks; nothing is polled.</summary>
internal static class ResourceUsage
{
    /// <summary>Processes of one service that are looked at; beyond it the sums are too low.</summary>
    public const int MaxProcesses = 4096;

    private static readonly long PageSize = Environment.SystemPageSize;

    public static ServiceSnapshot Fill(ServiceSnapshot snapshot, ControlGroups groups)
    {
        if (snapshot.Pid is not { } main)
            return snapshot;
        var members = (groups.Of(snapshot.Name, snapshot.Generation) ?? groups.Of(SlotKeys.SecondOf(snapshot.Name), snapshot.Generation))?.ListProcesses() ?? [];
        long memory = 0, ticks = 0;
        var count = 0;
        foreach (var pid in members.Count > 0 ? members.Take(MaxProcesses) : [main])
        {
            if (ProcFs.TryReadStat(pid) is not { IsZombie: false } stat)
                continue;
            memory += stat.ResidentPages * PageSize;
            ticks += stat.CpuTicks;
            count++;
        }

        return count == 0 ? snapshot : snapshot with
        {
            MemoryBytes = memory,
            CpuSeconds = (double)ticks / ProcFs.TicksPerSecond,
            Processes = count,
        };
    }
}
