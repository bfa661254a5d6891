using Lifeline.Keeper;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>
/// The processes that services named as their main ones, from their word to the core's decision: a descriptor of each is kept, so that
/// one that dies meanwhile is still known to the keeper as what it was. On the decision loop only.
/// </summary>
internal sealed class MainProcesses(KeeperLink keeper, CallerResolver callers)
{
    private readonly Dictionary<string, (int Generation, MainCandidate Candidate)> _offered = new(StringComparer.Ordinal);

    /// <summary>A process may become the main one.</summary>
    public void Offer(string service, int generation, MainCandidate candidate)
    {
        Forget(service);
        _offered[service] = (generation, candidate);
    }

    /// <summary>The core took it.</summary>
    /// <returns>What happened instead, for the core; null: the keeper watches it.</returns>
    public ProcessExited? Watch(WatchMain order)
    {
        callers.Add(order.Pid, order.Service, order.Generation);
        callers.Remove(order.Before, order.Service, order.Generation);
        if (_offered.TryGetValue(order.Service, out var offered) && offered.Generation == order.Generation && offered.Candidate.Pid == order.Pid)
        {
            keeper.ChangeMain(order.Service, order.Generation, order.Pid, order.StartTicks, offered.Candidate.Process);
            Forget(order.Service);
            return null;
        }

        // Named before a monitor died, and the next one heard of it from the journal only.
        using var process = PidFd.TryOpen(order.Pid);
        if (process is null || ProcFs.TryReadStat(order.Pid)?.StartTimeTicks != order.StartTicks)
            return new ProcessExited(order.Service, order.Generation, ProcessExit.Unknown, MonotonicClock.Nanoseconds) { Pid = order.Pid };
        keeper.ChangeMain(order.Service, order.Generation, order.Pid, order.StartTicks, process);
        return null;
    }

    private void Forget(string service)
    {
        if (_offered.Remove(service, out var earlier))
            earlier.Candidate.Process.Dispose();
    }
}
