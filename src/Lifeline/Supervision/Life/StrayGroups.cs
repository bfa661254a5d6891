using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>
/// Control groups that belong to nobody when a monitor starts: a launcher got an order, and keeper and monitor died before anybody wrote down
/// which. What is in them must not meet its successor: it is ended before anything is started.
/// </summary>
internal sealed class StrayGroups(KeeperState keeper, ControlGroups groups, Action<string> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly HashSet<string> _ofLaunchers = [.. keeper.LauncherGroups];

    // The living keeper starts and ends launchers all the time, and clears up after them itself.
    private readonly string _ofKeeper =
        SpareGroups.PrefixOf(keeper.KeeperPid, ProcFs.TryReadStat(keeper.KeeperPid)?.StartTimeTicks ?? 0);

    /// <param name="unknown">Generations that may be in one of them: one that cannot be emptied holds up one of these.</param>
    public void End(IReadOnlyList<(string Service, int Generation)> unknown)
    {
        var waiting = new Queue<(string Service, int Generation)>(unknown);
        foreach (var stray in groups.All().Where(IsStray).ToList())
        {
            if (TryEnd(stray))
                continue;
            if (waiting.TryDequeue(out var generation))
                groups.Note(generation.Service, generation.Generation, stray.Path);
            else
                log($"lifeline: processes {string.Join(", ", stray.ListProcesses())} of an unknown service in {stray.Path} could not be ended");
        }
    }

    private bool IsStray(ControlGroup group) =>
        groups.OwnerOf(group.Path) is null && !_ofLaunchers.Contains(group.Path)
        && !Path.GetFileName(group.Path).StartsWith(_ofKeeper, StringComparison.Ordinal);

    private bool TryEnd(ControlGroup stray)
    {
        try
        {
            return stray.End(Patience);
        }
        catch (LinuxException e)
        {
            log($"lifeline: {stray.Path} could not be emptied: {e.Message}");
            return false;
        }
    }
}
