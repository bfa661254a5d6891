using System.Collections.Concurrent;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>
/// Which generation a process belongs to: by its control group, else by its chain of parents up to a main process.
/// Environment variables are no proof. Safe for any thread.
/// </summary>
internal sealed class CallerResolver(ControlGroups groups, TimeProvider? time = null)
{
    /// <summary>Parents that are looked at before a process counts as a stranger.</summary>
    public const int MaxAncestors = 64;

    /// <summary>How long a process waits that is in a group of ours of which the keeper has not told yet whose it is.</summary>
    public static readonly TimeSpan GroupPatience = TimeSpan.FromSeconds(2);

    // A process that ends meanwhile is not waited for any longer.
    private static readonly TimeSpan LookSpacing = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<int, (string Service, int Generation)> _mains = new();

    /// <summary>A main process lives.</summary>
    public void Add(int pid, string service, int generation) => _mains[pid] = (service, generation);

    /// <summary>A main process has ended.</summary>
    public void Remove(int pid, string service, int generation) =>
        _mains.TryRemove(new KeyValuePair<int, (string, int)>(pid, (service, generation)));

    /// <summary>Whether a process is the main process of a generation whose end was not yet decided upon.</summary>
    public bool IsMain(int pid) => _mains.ContainsKey(pid);

    /// <summary>Whether a process is the main process of this generation.</summary>
    public bool IsMain(int pid, string service, int generation) => _mains.TryGetValue(pid, out var owner) && owner == (service, generation);

    /// <summary>The owner of a process as far as it is known now, or null.</summary>
    public (string Service, int Generation)? Resolve(int pid)
    {
        var group = groups.GroupOf(pid);
        return (group is null ? null : groups.OwnerOf(group)) ?? ByAncestry(pid);
    }

    /// <summary>
    /// The owner of a process, or null. A service may report before the keeper's word of its launch has come: then it is waited for
    /// that, at most <see cref="GroupPatience"/>.
    /// </summary>
    public async ValueTask<(string Service, int Generation)?> ResolveAsync(int pid)
    {
        var clock = time ?? TimeProvider.System;
        var began = clock.GetTimestamp();
        while (true)
        {
            var news = groups.NextNote;
            var group = groups.GroupOf(pid);
            if ((group is null ? null : groups.OwnerOf(group)) is { } owner)
                return owner;
            if (ByAncestry(pid) is { } descendant)
                return descendant;
            if (group is null || clock.GetElapsedTime(began) >= GroupPatience)
                return null;
            await Task.WhenAny(news, Task.Delay(LookSpacing, clock)).ConfigureAwait(false);
        }
    }

    private (string Service, int Generation)? ByAncestry(int pid)
    {
        for (var depth = 0; depth < MaxAncestors && pid > 1; depth++)
        {
            if (_mains.TryGetValue(pid, out var owner))
                return owner;
            if (ProcFs.TryReadStat(pid) is not { } stat)
                return null;
            // Nobody gets into a session but by being born in it; its number is not given again while anybody is left in it.
            if (_mains.TryGetValue(stat.Session, out owner))
                return owner;
            pid = stat.Parent;
        }

        return null;
    }
}
