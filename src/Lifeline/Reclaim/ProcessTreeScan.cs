using Lifeline.Linux;

namespace Lifeline.Reclaim;

/// <summary>
/// Looks through all processes for those of a tree where there is no control group: members of its session, carriers of its
/// marker, and whatever descends from these. Never by a guess: an orphan of unknown origin is reported as a stranger.
/// </summary>
internal sealed class ProcessTreeScan
{
    private readonly ProcessTree _tree;
    private readonly Dictionary<int, ProcessStat> _processes = [];
    private readonly Dictionary<int, bool> _known = [];
    private readonly List<string> _marker;
    private bool _sawNoEnvironment;

    private ProcessTreeScan(ProcessTree tree)
    {
        _tree = tree;
        _marker = [.. tree.Marker.Select(m => $"\0{m.Key}={m.Value}\0")];
        foreach (var pid in ProcFs.ListProcesses())
        {
            if (ProcFs.TryReadStat(pid) is { } stat && IsLiving(stat.State))
                _processes[pid] = stat;
        }
    }

    /// <summary>
    /// Living members; orphans of the keeper that carry no sign of any service; and whether some process had no environment, which is so for a
    /// moment while a program is executed: then nobody can be said to be missing before a second look.
    /// </summary>
    public static (IReadOnlyList<ProcessStat> Members, IReadOnlyList<int> Strangers, bool IsUncertain) Find(ProcessTree tree)
    {
        var scan = new ProcessTreeScan(tree);
        var members = new List<ProcessStat>();
        var strangers = new List<int>();
        foreach (var process in scan._processes.Values)
        {
            if (scan.IsMember(process))
                members.Add(process);
            else if (scan.IsStranger(process))
                strangers.Add(process.Pid);
        }

        return (members, strangers, scan._sawNoEnvironment);
    }

    /// <summary>Whether this very process still runs; a zombie does not.</summary>
    public static bool IsAlive(ProcessStat process) =>
        ProcFs.TryReadStat(process.Pid) is { } now && now.StartTimeTicks == process.StartTimeTicks && IsLiving(now.State);

    private static bool IsLiving(char state) => state is not ('Z' or 'X' or 'x');

    private bool IsMember(ProcessStat process)
    {
        if (_known.TryGetValue(process.Pid, out var known))
            return known;

        // Set first: a parent that died and whose number was used again can make a ring.
        _known[process.Pid] = false;
        var member = !IsSpared(process) && (HasSign(process) || (_processes.TryGetValue(process.Parent, out var parent) && IsMember(parent)));
        return _known[process.Pid] = member;
    }

    private bool IsSpared(ProcessStat process) =>
        process.Pid <= 1 || process.Pid == CurrentProcess.Id || process.Pid == _tree.KeeperPid
        || _tree.Spared.Contains(process.Pid) || process.StartTimeTicks < _tree.MainStartTicks;

    private bool HasSign(ProcessStat process) =>
        (_tree.MainPid is { } main && (process.Pid == main || process.Session == main)) || HasMarker(process);

    private bool HasMarker(ProcessStat process)
    {
        if (_marker.Count == 0 || EnvironmentOf(process) is not { } environment)
            return false;
        _sawNoEnvironment |= environment.Length == 2;
        foreach (var variable in _marker)
        {
            if (!environment.Contains(variable, StringComparison.Ordinal))
                return false;
        }

        return true;
    }

    /// <summary>As the kernel keeps it, every variable between two NULs; null if it may not be seen.</summary>
    private static string? EnvironmentOf(ProcessStat process) =>
        ProcFs.TryReadText($"/proc/{process.Pid}/environ") is { } text ? "\0" + text + "\0" : null;

    private bool IsStranger(ProcessStat process)
    {
        if (_tree.KeeperPid is not { } keeper || process.Parent != keeper || IsSpared(process))
            return false;
        return EnvironmentOf(process) is not { } environment || !environment.Contains("\0LIFELINE_SERVICE=", StringComparison.Ordinal);
    }
}
