using Lifeline.Linux;

namespace Lifeline.Reclaim;

/// <summary>One SIGKILL to everything of a tree that is found now. Repeated by whoever needs an end.</summary>
internal static class ProcessTreeKill
{
    public static void Once(ProcessTree tree)
    {
        if (tree.Group is { } group)
        {
            try
            {
                group.Kill();
                return;
            }
            catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENODEV)
            {
                // The group is not there (yet): a main process may be all there is.
            }
        }

        foreach (var member in ProcessTreeScan.Find(tree).Members)
            Kill(member);
    }

    private static void Kill(ProcessStat member)
    {
        try
        {
            using var process = PidFd.Open(member.Pid);
            if (ProcessTreeScan.IsAlive(member))
                process.Signal(Signals.Kill);
        }
        catch (LinuxException e) when (e.Errno is Errno.ESRCH or Errno.EPERM)
        {
            // Ended meanwhile, or another user's: the reclaim that follows reports what is left.
        }
    }
}
