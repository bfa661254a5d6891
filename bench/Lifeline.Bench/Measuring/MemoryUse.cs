using System.Globalization;

namespace Lifeline.Bench.Measuring;

/// <summary>How much memory this process holds.</summary>
internal static class MemoryUse
{
    /// <summary>Bytes of this process's proportional share, after what nobody needs any more was given back.</summary>
    internal static long Pss()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        string line = File.ReadLines("/proc/self/smaps_rollup").First(l => l.StartsWith("Pss:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
