using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>A keeper as its monitor sees it: the one that started this process, or one that this process started.</summary>
internal sealed class KeeperProcessHandle : IDisposable
{
    private readonly PidFd pidFd;
    private readonly bool isChild;

    /// <param name="pid">Its number.</param>
    /// <param name="owned">Its pidfd.</param>
    /// <param name="isChild">This process started it and reaps it.</param>
    public KeeperProcessHandle(int pid, PidFd owned, bool isChild)
    {
        Pid = pid;
        pidFd = owned;
        this.isChild = isChild;
    }

    public int Pid { get; }

    /// <summary>Null if the process is gone already.</summary>
    public static KeeperProcessHandle? TryOpen(int pid)
    {
        return PidFd.TryOpen(pid) is { } opened ? new KeeperProcessHandle(pid, opened, isChild: false) : null;
    }

    /// <summary>Kills it if it lives (a keeper that closed its socket must not start anything more) and waits until it is gone.</summary>
    public void End()
    {
        if (KillAndWait(pidFd) && isChild) pidFd.TryReap();
    }

    /// <summary>SIGKILL, then waits until the process is dead.</summary>
    /// <returns>False if it was not dead in time (a process in uninterruptible sleep).</returns>
    public static bool KillAndWait(PidFd pidFd)
    {
        pidFd.TrySignal(Signals.Kill);
        return Poller.IsReady(pidFd, PollEvents.In, (int)KeeperTiming.KillGrace.TotalMilliseconds);
    }

    public void Dispose() => pidFd.Dispose();
}
