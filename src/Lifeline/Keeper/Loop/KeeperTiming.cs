namespace Lifeline.Keeper;

/// <summary>The keeper's spans of time. Monotonic throughout.</summary>
internal static class KeeperTiming
{
    /// <summary>A launcher that has its job must reach exec within this.</summary>
    public static readonly TimeSpan LaunchTimeout = TimeSpan.FromSeconds(20);

    /// <summary>After the first restart at once, the delay of the second; it doubles from there.</summary>
    public static readonly TimeSpan RestartInitial = TimeSpan.FromMilliseconds(100);

    /// <summary>Largest delay before a monitor is started again.</summary>
    public static readonly TimeSpan RestartMaximum = TimeSpan.FromSeconds(5);

    /// <summary>A monitor that served for so long has earned an immediate restart again.</summary>
    public static readonly TimeSpan RestartReset = TimeSpan.FromSeconds(10);

    /// <summary>A monitor whose link closed is given so long to be gone, so that its exit status is learned; then it is killed.</summary>
    public static readonly TimeSpan LinkClosedGrace = TimeSpan.FromSeconds(1);

    /// <summary>From a stop request on, a monitor may be missing for so long in sum before the keeper stops the services itself.</summary>
    public static readonly TimeSpan AbsenceLimit = TimeSpan.FromSeconds(10);

    /// <summary>The same once a stop is urgent.</summary>
    public static readonly TimeSpan UrgentAbsenceLimit = TimeSpan.FromSeconds(2);

    /// <summary>Between SIGTERM and SIGKILL when the keeper stops the services itself.</summary>
    public static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(10);

    /// <summary>How long the keeper waits, at its own end, for what it killed.</summary>
    public static readonly TimeSpan KillGrace = TimeSpan.FromSeconds(3);

    /// <summary>The exit of a process that is not our child can be read once its parent reaped it; after this it counts as lost.</summary>
    public static readonly TimeSpan ExitInformationGrace = TimeSpan.FromMilliseconds(300);

    /// <summary>Orphans are looked for so soon after a process of ours ended.</summary>
    public static readonly TimeSpan SweepSoon = TimeSpan.FromMilliseconds(100);

    /// <summary>Orphans are looked for at least so often.</summary>
    public static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(2);

    /// <summary>A keeper that was replaced in place reaps no strangers for so long, unless the handover ends before.</summary>
    public static readonly TimeSpan TakeOverGrace = TimeSpan.FromSeconds(10);

    /// <summary>A keeper that says nothing is asked for a sign of life so often.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(10);

    /// <summary>A loop that came round later than planned by this was itself held up: the monitor's deadline is then counted afresh.</summary>
    public static readonly TimeSpan OwnStall = TimeSpan.FromSeconds(2);

    /// <summary>A send that failed for want of memory or descriptors in flight is tried again after this.</summary>
    public static readonly TimeSpan SendRetry = TimeSpan.FromMilliseconds(50);

    public static long Nanoseconds(TimeSpan span) => span.Ticks * TimeSpan.NanosecondsPerTick;
}
