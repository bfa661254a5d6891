using System.Globalization;
using Lifeline.Linux;
using Lifeline.Supervision;

namespace Lifeline.Limits;

/// <summary>How much memory the processes of a service have together, where no controller counts it.</summary>
internal static class MemoryReading
{
    private const int Kibibyte = 1024;
    private static readonly long PageSize = Environment.SystemPageSize;

    /// <summary>
    /// Their resident memory, if that is beyond the limit; null if it is within. What they share is counted once: in proportion, which
    /// is dear and only looked at when the plain sum is beyond.
    /// </summary>
    public static long? Beyond(long limit, IReadOnlyList<int> members)
    {
        if (Sum(members, limit, ResidentOf) <= limit)
            return null;
        var exact = Sum(members, long.MaxValue, pid => ShareOf(pid) ?? ResidentOf(pid));
        return exact > limit ? exact : null;
    }

    /// <summary>The processes of a generation: of its control group, or without one the main one and its descendants.</summary>
    public static IReadOnlyList<int> Members(ControlGroup? group, int main)
    {
        if (group?.ListProcesses() is { Count: > 0 } members)
            return members.Count <= ResourceUsage.MaxProcesses ? members : [.. members.Take(ResourceUsage.MaxProcesses)];
        var found = new List<int> { main };
        for (var i = 0; i < found.Count && found.Count < ResourceUsage.MaxProcesses; i++)
            found.AddRange((ProcFs.TryReadChildren(found[i]) ?? []).Except(found));
        return found;
    }

    private static long Sum(IReadOnlyList<int> members, long enough, Func<int, long> read)
    {
        long sum = 0;
        for (var i = 0; i < members.Count && sum <= enough; i++)
            sum += read(members[i]);
        return sum;
    }

    private static long ResidentOf(int pid) =>
        ProcFs.TryReadStat(pid) is { IsZombie: false } stat ? stat.ResidentPages * PageSize : 0;

    // Null: it may not be looked into.
    private static long? ShareOf(int pid)
    {
        foreach (var line in ProcFs.TryReadLines($"/proc/{pid}/smaps_rollup") ?? [])
        {
            if (line.StartsWith("Pss:", StringComparison.Ordinal) && line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var number, ..]
                && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes))
                return kibibytes * Kibibyte;
        }

        return null;
    }
}
