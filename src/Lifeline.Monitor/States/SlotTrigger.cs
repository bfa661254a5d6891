namespace Lifeline.Monitor;

/// <summary>Everything that can happen to a slot: the columns of <see cref="SlotTable"/>.</summary>
internal enum SlotTrigger
{
    /// <summary>It shall run: an operator, the configuration.</summary>
    Start,

    /// <summary>It shall not run: an operator, a reload, the shutdown.</summary>
    Stop,

    /// <summary>It shall run in a new generation.</summary>
    Restart,

    /// <summary>It shall stop now and run again later: what it depends on stops.</summary>
    Yield,

    /// <summary>Nothing that depends on it lives any more.</summary>
    DependentsGone,

    /// <summary>Nothing holds its launch back any more: what it depends on is ready.</summary>
    Unblocked,

    /// <summary>An operator sends a signal.</summary>
    Kill,

    /// <summary>The time for an orderly stop of everything is over.</summary>
    StopNow,

    Launched,
    LaunchRefused,
    Exited,

    /// <summary>A reclaim proved the tree empty.</summary>
    ReclaimEmpty,

    /// <summary>A reclaim could not prove the tree empty.</summary>
    ReclaimIncomplete,

    /// <summary>It says that it is ready, in whatever way.</summary>
    Ready,

    Status,
    Beat,

    /// <summary>It says that it reads its configuration again (RELOADING=1).</summary>
    Reloading,

    /// <summary>It says that it is about to end by itself (STOPPING=1).</summary>
    Quitting,

    /// <summary>It says that it can go on no more and is to be treated as hung (WATCHDOG=trigger).</summary>
    Trouble,

    /// <summary>It asks for more time for what it is doing (EXTEND_TIMEOUT_USEC).</summary>
    MoreTime,

    /// <summary>It sets its own heartbeat (WATCHDOG_USEC).</summary>
    NewHeartbeat,

    /// <summary>Another process of it is the main one from now on (MAINPID).</summary>
    NewMain,

    SessionNew,
    SessionGone,

    /// <summary>The kernel has begun to end a process of it.</summary>
    Dying,

    /// <summary>Something of it is to be remembered for its end: a claim made or taken back, things it holds, a kill that was refused.</summary>
    Claim,

    /// <summary>The deadline of the phase is over.</summary>
    Deadline,

    /// <summary>No sign of life within the heartbeat.</summary>
    Silent,

    /// <summary>Why it is silent, as far as that could be found out.</summary>
    Diagnosed,

    /// <summary>The outcome of a probe.</summary>
    Probed,

    /// <summary>It needs more than a limit of it allows.</summary>
    OverLimit,

    /// <summary>The keeper lists it as being launched.</summary>
    ListedLaunching,

    /// <summary>The keeper lists it as alive.</summary>
    ListedAlive,

    /// <summary>The keeper's list does not have it.</summary>
    NotListed,
}
