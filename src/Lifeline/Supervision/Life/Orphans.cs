using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>
/// Without control groups a process that hid from its service falls to the keeper when its parent dies, and nothing tells whose it
/// was. When everything stops that no longer matters: whatever is still a child of the keeper was started by one of its services.
/// </summary>
internal sealed class Orphans(int keeperPid, Action<string> log)
{
    /// <summary>Looks until none is left; each kill may bring their own children here.</summary>
    public const int MaxRounds = 50;

    private const int PauseMilliseconds = 20;

    /// <summary>
    /// The waiting launchers of a keeper, which are its children like the orphans that a scan looks for. In its first moment a copy of the keeper shows what the keeper shows.
    /// </summary>
    public static IEnumerable<int> Launchers(int keeperPid) => (ProcFs.TryReadChildren(keeperPid) ?? []).Where(pid =>
        ProcFs.TryReadCommandLine(pid) is { } words && (words.Contains(SelfCommand.Launcher) || words.Contains(SelfCommand.Keeper)));

    /// <summary>Ends them. The monitor itself and the keeper's launchers are spared.</summary>
    public void End(IEnumerable<int> launchers)
    {
        var spared = launchers.Append(CurrentProcess.Id).ToHashSet();
        using var never = EventFd.Create();
        for (var round = 0; round < MaxRounds; round++)
        {
            var found = (ProcFs.TryReadChildren(keeperPid) ?? []).Where(pid => !spared.Contains(pid) && KillIfAlive(pid)).ToList();
            if (found.Count == 0)
                return;
            Poller.IsReady(never, PollEvents.In, PauseMilliseconds);
        }

        log("some processes of the services could not be ended");
    }

    private bool KillIfAlive(int pid)
    {
        using var process = PidFd.TryOpen(pid);
        // Read after the descriptor was opened: what is a child of the keeper now cannot have been a stranger before.
        if (process is null || process.HasExited || ProcFs.TryReadStat(pid)?.Parent != keeperPid)
            return false;
        process.TrySignal(Signals.Kill);
        return true;
    }
}
