using Lifeline.Linux;

namespace Lifeline.Reclaim;

/// <summary>One SIGKILL to everything of a tree that is found now. Repeated by whoever needs an end.</summary>
internal static class ProcessTreeKill
{
    /// <returns>Why a process of it may not be killed, for people; null: none refused.</returns>
    public static string? Once(ProcessTree tree)
    {
        if (tree.Group is { } group)
        {
            try
            {
                group.Kill();
                return null;
            }
            catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENODEV)
            {
                // The group is not there (yet): a main process may be all there is.
            }
            catch (LinuxException e)
            {
                return e.Message;
            }
        }

        string? refused = null;
        foreach (var member in ProcessTreeScan.Find(tree).Members)
            refused = Kill(member) ?? refused;
        return refused;
    }

    /// <summary>Why a process may not be killed, for people.</summary>
    public static string Refused(int pid)
    {
        var user = FileStatus.TryOf($"/proc/{pid}")?.Uid;
        var whose = user is { } uid && uid != CurrentProcess.Uid ? $": it runs as user {Users.Find(uid)?.Name ?? $"{uid}"}, the monitor as {CurrentProcess.Uid}" : "";
        return $"{HolderScan.Name(pid)} may not be killed by the monitor{whose}";
    }

    private static string? Kill(ProcessStat member)
    {
        try
        {
            using var process = PidFd.Open(member.Pid);
            if (ProcessTreeScan.IsAlive(member))
                process.Signal(Signals.Kill);
            return null;
        }
        catch (LinuxException e) when (e.Errno is Errno.ESRCH)
        {
            // Ended meanwhile.
            return null;
        }
        catch (LinuxException e) when (e.Errno is Errno.EPERM)
        {
            return Refused(member.Pid);
        }
    }
}
