using System.Collections.Concurrent;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>
/// Which generation a process belongs to: by its control group, else by its chain of parents up to a main process.
/// Environment variables are no proof. Safe for any thread.
/// </summary>
internal sealed class CallerResolver(ControlGroups groups)
{
    /// <summary>Parents that are looked at before a process counts as a stranger.</summary>
    public const int MaxAncestors = 64;

    private readonly ConcurrentDictionary<int, (string Service, int Generation)> _mains = new();

    /// <summary>A main process lives.</summary>
    public void Add(int pid, string service, int generation) => _mains[pid] = (service, generation);

    /// <summary>A main process has ended.</summary>
    public void Remove(int pid, string service, int generation) =>
        _mains.TryRemove(new KeyValuePair<int, (string, int)>(pid, (service, generation)));

    /// <summary>Whether a process is the main process of a generation whose end was not yet decided upon.</summary>
    public bool IsMain(int pid) => _mains.ContainsKey(pid);

    /// <summary>The owner of a process, or null.</summary>
    public (string Service, int Generation)? Resolve(int pid) => groups.OwnerOf(pid) ?? ByAncestry(pid);

    private (string Service, int Generation)? ByAncestry(int pid)
    {
        for (var depth = 0; depth < MaxAncestors && pid > 1; depth++)
        {
            if (_mains.TryGetValue(pid, out var owner))
                return owner;
            if (ProcFs.TryReadStat(pid) is not { } stat)
                return null;
            pid = stat.Parent;
        }

        return null;
    }
}
