using System.Globalization;

namespace Lifeline.Ipc.Campaign.Scenes;

/// <summary>What this process holds.</summary>
/// <param name="Descriptors">Open descriptors, but for those of processes and of assemblies.</param>
/// <param name="Processes">Descriptors of processes: of peers, and of the last ones that went, whose ends can still be asked for.</param>
/// <param name="RingMaps">Maps of rings.</param>
/// <param name="HeapBytes">The managed heap after a collection.</param>
internal sealed record Census(int Descriptors, int Processes, int RingMaps, long HeapBytes)
{
    // An endpoint keeps the processes of so many departed peers, and no more.
    private const int DepartedProcesses = 256;

    // Those that this program holds itself, of the processes that it started.
    private const int Own = 16;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    internal static Census Take()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        List<string> open = OpenDescriptors();
        int processes = open.Count(kind => kind.Contains("pidfd", StringComparison.Ordinal));
        return new Census(
            open.Count - processes,
            processes,
            File.ReadLines("/proc/self/maps").Count(line => line.Contains("lifeline-rings", StringComparison.Ordinal)),
            GC.GetTotalMemory(forceFullCollection: true));
    }

    /// <summary>Waits until no more is held than before, for the last sessions end a moment after their peers.</summary>
    /// <param name="before">What was held before.</param>
    /// <param name="heapGrowth">Bytes of heap that may stay.</param>
    internal static async Task<Census> SettleAsync(Census before, long heapGrowth)
    {
        Census now = Take();
        for (TimeSpan waited = TimeSpan.Zero; waited < s_patience; waited += s_pause)
        {
            now = Take();
            if (now.Descriptors <= before.Descriptors && now.Processes <= before.Processes + DepartedProcesses + Own && now.RingMaps <= before.RingMaps && now.HeapBytes <= before.HeapBytes + heapGrowth)
                return now;
            await Task.Delay(s_pause);
        }

        string kinds = string.Join(", ", OpenDescriptors()
            .CountBy(kind => kind).OrderByDescending(k => k.Value).Select(k => $"{k.Value} x {k.Key}"));
        throw new CampaignException($"more is held than before: {before} became {now}; there are {kinds}");
    }

    // The runtime keeps the assemblies open that it loads, and loads each when it is first needed: they say nothing about peers.
    private static List<string> OpenDescriptors() =>
        [.. Directory.GetFiles("/proc/self/fd").Select(f => new FileInfo(f).LinkTarget ?? "closed just now")
            .Where(f => !f.EndsWith(".dll", StringComparison.Ordinal))
            .Select(f => f.StartsWith("socket:", StringComparison.Ordinal) ? "socket" : f)];

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Descriptors} descriptors and {Processes} of processes, {RingMaps} maps of rings, {HeapBytes / 1024.0 / 1024.0:0.0} MiB heap");
}
