using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>
/// What happens from a stop request on. The monitor does the work; if there is none for too long, the keeper signals the
/// main processes itself (what is left of their trees is reclaimed by the next start).
/// </summary>
internal sealed class StopSequence(InstanceTable instances, KeeperLog log)
{
    // An urgent stop has killed the services: the monitor has only to write that down.
    private static readonly TimeSpan UrgentLimit = TimeSpan.FromSeconds(10);

    private long absent;
    private long urgentUntil;
    private long killAt;
    private long endAt;

    public bool IsRequested { get; private set; }

    public bool IsUrgent { get; private set; }

    /// <summary>The keeper stops the services itself; no monitor is started any more.</summary>
    public bool IsOnOurOwn { get; private set; }

    /// <summary>The next request: the second makes it urgent.</summary>
    public void Request(long now)
    {
        if (!IsRequested)
        {
            IsRequested = true;
            log.Write("stopping; once more stops at once");
            return;
        }

        IsUrgent = true;
        urgentUntil = now + KeeperTiming.Nanoseconds(UrgentLimit);
        log.Write("stopping at once");
        SignalAll(Signals.Kill);
    }

    /// <summary>Counts the time without a monitor that serves; true once the keeper has to do it itself.</summary>
    public bool MustGoOnOurOwn(long now, long elapsed, bool isMonitorReady)
    {
        if (!IsRequested || IsOnOurOwn) return false;
        if (!isMonitorReady) absent += elapsed;
        return absent >= Limit || (IsUrgent && now >= urgentUntil);
    }

    public void GoOnOurOwn(long now)
    {
        IsOnOurOwn = true;
        log.Write($"the monitor did not stop the services: stopping {instances.Living} ourselves");
        SignalAll(IsUrgent ? Signals.Kill : Signals.Terminate);
        killAt = now + (IsUrgent ? 0 : KeeperTiming.Nanoseconds(KeeperTiming.ShutdownGrace));
        endAt = killAt + KeeperTiming.Nanoseconds(KeeperTiming.KillGrace);
    }

    /// <summary>True when nothing lives any more, or what lives cannot be killed.</summary>
    public bool IsDone(long now)
    {
        if (!IsOnOurOwn) return false;
        if (now >= killAt && killAt != 0)
        {
            SignalAll(Signals.Kill);
            killAt = 0;
        }

        return instances.Living == 0 || now >= endAt;
    }

    public long? NextDeadline(long now, bool isMonitorReady)
    {
        if (!IsRequested) return null;
        if (IsOnOurOwn) return killAt != 0 ? killAt : endAt;
        long? next = isMonitorReady ? null : now + Limit - absent;
        return IsUrgent && (next is null || urgentUntil < next) ? urgentUntil : next;
    }

    public void SignalAll(int signal)
    {
        for (int i = 0; i < instances.Extent; i++)
        {
            if (instances[i] is { State: InstanceState.Living, ExitDeadline: 0 } living) living.PidFd?.TrySignal(signal);
        }
    }

    private long Limit => KeeperTiming.Nanoseconds(IsUrgent ? KeeperTiming.UrgentAbsenceLimit : KeeperTiming.AbsenceLimit);
}
