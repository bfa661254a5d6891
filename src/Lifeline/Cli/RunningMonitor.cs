using Lifeline.Configuration;
using Lifeline.Linux;

namespace Lifeline.Cli;

/// <summary>Finds out whether somebody runs here already, without talking to it.</summary>
internal static class RunningMonitor
{
    /// <summary>The keeper's pid, if one lives and holds the lock of the run folder.</summary>
    public static int? FindKeeper(Places places)
    {
        if (Keeper.RunFolder.ReadKeeperPid(places.RunFolder) is not { } pid) return null;
        using var keeper = PidFd.TryOpen(pid);
        if (keeper is null or { HasExited: true }) return null;
        // The pid may have come to mean another process since; the lock cannot.
        using var taken = FileLock.TryAcquire(places.Lock);
        return taken is null ? pid : null;
    }
}
