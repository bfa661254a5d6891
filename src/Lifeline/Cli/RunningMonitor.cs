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
        // A keeper that was killed has ended for everybody who looks before its last thread has, and its launchers hold the lock until they notice.
        if (ProcFs.TryReadStat(pid) is null or { IsZombie: true }) return null;
        // The pid may have come to mean another process since; the lock cannot.
        try
        {
            using var taken = FileLock.TryAcquire(places.Lock);
            return taken is null ? pid : null;
        }
        catch (LinuxException e) when (e.Errno is Errno.EACCES or Errno.EPERM or Errno.EROFS)
        {
            // Another user's: it cannot be asked for, and the process is what there is to go by.
            return pid;
        }
    }
}
