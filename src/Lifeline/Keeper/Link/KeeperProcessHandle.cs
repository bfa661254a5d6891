using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>A keeper as its monitor sees it: the one that started this process, or one that this process started.</summary>
internal sealed class KeeperProcessHandle : IDisposable
{
    private readonly PidFd pidFd;

    public KeeperProcessHandle(int pid, PidFd owned)
    {
        Pid = pid;
        pidFd = owned;
    }

    public int Pid { get; }

    /// <summary>Null if the process is gone already.</summary>
    public static KeeperProcessHandle? TryOpen(int pid)
    {
        return PidFd.TryOpen(pid) is { } opened ? new KeeperProcessHandle(pid, opened) : null;
    }

    /// <summary>Kills it if it lives (a keeper that closed its socket must not start anything more) and waits until it is gone.</summary>
    public void End() => KillAndWait(pidFd);

    /// <summary>SIGKILL, then waits until the process is dead; reaps it if it is our child.</summary>
    /// <returns>False if it was not dead in time (a process in uninterruptible sleep).</returns>
    public static bool KillAndWait(PidFd pidFd)
    {
        pidFd.TrySignal(Signals.Kill);
        if (!Poller.IsReady(pidFd, PollEvents.In, (int)KeeperTiming.KillGrace.TotalMilliseconds)) return false;
        pidFd.TryReap();
        return true;
    }

    public void Dispose() => pidFd.Dispose();
}
