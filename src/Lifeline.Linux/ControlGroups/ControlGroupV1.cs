namespace Lifeline.Linux;

/// <summary>A group of a version 1 hierarchy (the named one of systemd, pids or freezer): membership only.</summary>
internal sealed class ControlGroupV1(string path) : ControlGroup(path)
{
    public override bool IsPopulated
    {
        get
        {
            // Zombies are listed here, and wait only for their parent. Their state in /proc does not tell them from a process whose
            // first thread alone has ended; a pidfd does.
            foreach (var pid in ListProcesses())
            {
                using var process = PidFd.TryOpen(pid);
                if (process is { HasExited: false })
                    return true;
            }

            return false;
        }
    }

    public override void Kill() => KillEach.In(this);

    public override Descriptor? OpenEvents() => null;
}

/// <summary>Kills the members one by one, until a look finds none that lives: what forks meanwhile is seen by the next look.</summary>
internal static class KillEach
{
    private const int MaxRounds = 100;

    public static void In(ControlGroup group)
    {
        // The killed need a moment to end.
        for (var round = 0; round < MaxRounds && Once(group); round++)
            Poller.Poll([], 1);
    }

    /// <summary>One look; whether it found a member that lived.</summary>
    public static bool Once(ControlGroup group)
    {
        var found = false;
        foreach (var pid in group.ListProcesses())
        {
            using var process = PidFd.TryOpen(pid);
            if (process is null || process.HasExited)
                continue;
            found = true;
            process.TrySignal(Signals.Kill);
        }

        return found;
    }
}
