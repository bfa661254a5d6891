using System.Globalization;
using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Reclaim;

/// <summary>Ends every process of a tree and proves that none is left. Blocks; runs on a reclaim thread.</summary>
internal sealed class ProcessTreeReclaimer(TimeProvider time)
{
    /// <summary>Rounds of looking and killing before it is given up within its time: each finds what was forked during the last.</summary>
    public const int MaxRounds = 200;

    /// <summary>Steps that name single processes; more are counted in one.</summary>
    public const int MaxNamedProcesses = 256;

    private const int SecondLookMilliseconds = 2;
    private static readonly TimeSpan RoundWait = TimeSpan.FromMilliseconds(100);

    /// <summary>Adds a step for each process and says whether the tree is empty.</summary>
    public bool Empty(ProcessTree tree, TimeSpan timeout, ReclaimReport report)
    {
        var deadline = time.GetTimestamp() + (long)(timeout.TotalSeconds * time.TimestampFrequency);
        return tree.Group is { } group ? EmptyGroup(group, deadline, report) : EmptyByScan(tree, deadline, report);
    }

    /// <summary>Whether there is nothing to do, without looking at any process.</summary>
    public static bool IsKnownEmpty(ProcessTree tree)
    {
        if (tree.Group is not { } group)
            return false;
        try
        {
            return !group.IsPopulated;
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENODEV)
        {
            // The group was removed, which the kernel only does to empty ones.
            return true;
        }
    }

    private bool EmptyGroup(ControlGroup group, long deadline, ReclaimReport report)
    {
        var killed = new HashSet<int>();
        try
        {
            for (var round = 0; group.IsPopulated; round++)
            {
                foreach (var pid in group.ListProcesses())
                    Note(killed, pid, report);
                group.Kill();
                if (group.WaitEmpty(Shorter(RoundWait * (round + 1), Left(deadline))))
                    break;
                if (Left(deadline) > TimeSpan.Zero && round < MaxRounds)
                    continue;
                return Refuse(group.ListProcesses(), report);
            }
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENODEV)
        {
            // Somebody removed the group, which the kernel only allows when it is empty.
        }
        catch (LinuxException e)
        {
            report.Add(ReclaimKind.Process, group.Path, ReclaimOutcome.Failed, e.Message);
            return false;
        }

        NoteRest(killed, report);
        return true;
    }

    private bool EmptyByScan(ProcessTree tree, long deadline, ReclaimReport report)
    {
        var killed = new HashSet<int>();
        var looks = 0;
        for (var round = 0; ; round++)
        {
            var found = ProcessTreeScan.Find(tree);
            if (found.Members.Count == 0 && found.IsUncertain && looks++ == 0)
            {
                Poller.Poll([], SecondLookMilliseconds);
                continue;
            }

            if (found.Members.Count == 0)
            {
                NoteRest(killed, report);
                foreach (var orphan in found.Strangers)
                    report.Add(ReclaimKind.Process, Text(orphan), ReclaimOutcome.Kept, "an orphan of which nothing tells whose it was");
                return true;
            }

            looks = 0;
            foreach (var member in found.Members)
                Kill(member, killed, report);
            WaitForExits(found.Members, Shorter(RoundWait, Left(deadline)));
            if (Left(deadline) <= TimeSpan.Zero || round >= MaxRounds)
                return Refuse([.. ProcessTreeScan.Find(tree).Members.Select(m => m.Pid)], report);
        }
    }

    private static void Kill(ProcessStat member, HashSet<int> killed, ReclaimReport report)
    {
        try
        {
            using var process = PidFd.Open(member.Pid);

            // Between the scan and the open the number may have gone to another process.
            if (!ProcessTreeScan.IsAlive(member))
                return;
            process.Signal(Signals.Kill);
            Note(killed, member.Pid, report);
        }
        catch (LinuxException e) when (e.Errno == Errno.ESRCH)
        {
            // It ended by itself.
        }
        catch (LinuxException e) when (e.Errno == Errno.EPERM)
        {
            // Told once, at the end, if it is still there then.
        }
        catch (LinuxException e)
        {
            report.Add(ReclaimKind.Process, Text(member.Pid), ReclaimOutcome.Failed, e.Message);
        }
    }

    private static void WaitForExits(IReadOnlyList<ProcessStat> members, TimeSpan atMost)
    {
        // One is enough: the next round looks at all again.
        foreach (var member in members)
        {
            try
            {
                using var process = PidFd.TryOpen(member.Pid);
                if (process is null || !ProcessTreeScan.IsAlive(member))
                    continue;
                Poller.IsReady(process, PollEvents.In, (int)Math.Ceiling(atMost.TotalMilliseconds));
                return;
            }
            catch (LinuxException)
            {
                // No descriptor to be had: the next round looks again, which is all that waiting is for.
                return;
            }
        }
    }

    private static void Note(HashSet<int> killed, int pid, ReclaimReport report)
    {
        if (killed.Add(pid))
        {
            report.DeadProcesses.Add(pid);
            if (killed.Count <= MaxNamedProcesses)
                report.Add(ReclaimKind.Process, Text(pid), ReclaimOutcome.Killed);
        }
    }

    private static void NoteRest(HashSet<int> killed, ReclaimReport report)
    {
        if (killed.Count > MaxNamedProcesses)
            report.Add(ReclaimKind.Process, $"{killed.Count - MaxNamedProcesses} more", ReclaimOutcome.Killed);
    }

    private static bool Refuse(IReadOnlyList<int> left, ReclaimReport report)
    {
        foreach (var pid in left.Take(MaxNamedProcesses))
        {
            report.Add(ReclaimKind.Process, Text(pid), ReclaimOutcome.Failed, WhyAlive(pid));
        }

        return left.Count == 0;
    }

    private static string WhyAlive(int pid)
    {
        if (ProcFs.TryReadStat(pid)?.State is 'D')
            return "it is in uninterruptible sleep";
        try
        {
            using var process = PidFd.TryOpen(pid);
            process?.Signal(0);
        }
        catch (LinuxException e) when (e.Errno == Errno.EPERM)
        {
            return ProcessTreeKill.Refused(pid);
        }
        catch (LinuxException)
        {
            // It has ended just now; the next attempt will see that.
        }

        return "it did not end after SIGKILL";
    }

    private TimeSpan Left(long deadline)
    {
        var left = deadline - time.GetTimestamp();
        return left <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)left / time.TimestampFrequency);
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static string Text(int pid) => pid.ToString(CultureInfo.InvariantCulture);
}
