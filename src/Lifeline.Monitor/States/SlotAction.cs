namespace Lifeline.Monitor;

/// <summary>Everything a slot can do about a trigger: the cells of <see cref="SlotTable"/>.</summary>
internal enum SlotAction
{
    /// <summary>Nothing, on purpose; the cell says why.</summary>
    Ignore,

    /// <summary>Refuse an operator's signal: there is no process.</summary>
    Refuse,

    /// <summary>Begin the next generation, with a fresh restart budget.</summary>
    LaunchFresh,

    /// <summary>Begin the next generation: the backoff is over.</summary>
    LaunchDue,

    /// <summary>Begin the next generation on probation: the slow retry is due.</summary>
    LaunchRetry,

    /// <summary>Begin the next generation: what held it back is over.</summary>
    LaunchUnblocked,

    /// <summary>Remember that it shall run; what is under way ends first.</summary>
    WantRunning,

    /// <summary>Remember that it shall not run; what is under way ends first.</summary>
    WantStopped,

    /// <summary>Nothing lives and all is clean: stopped.</summary>
    Settle,

    /// <summary>Ask the service to stop; what depends on it stops first.</summary>
    BeginStop,

    /// <summary>Ask the service to stop, what depends on it first; it shall run again when it may.</summary>
    BeginYield,

    /// <summary>What depends on it is gone: ask it to stop.</summary>
    EndHold,

    /// <summary>It shall run after all, and still does.</summary>
    Resume,

    /// <summary>Ask the service to stop and remember that it shall run again.</summary>
    BeginRestart,

    /// <summary>The stop was asked for by one who may be gone: ask again.</summary>
    AskAgain,

    /// <summary>Send an operator's signal.</summary>
    Signal,

    /// <summary>Kill the tree: the launch took too long.</summary>
    KillUnlaunched,

    /// <summary>Kill the tree: not ready in time.</summary>
    KillUnready,

    /// <summary>No sign of life: find out why.</summary>
    AskWhySilent,

    /// <summary>Silent, and the reason is known or cannot be found: give it more time, or end it as hung.</summary>
    JudgeSilence,

    /// <summary>Kill the tree: it did not stop in time, or there is no more time.</summary>
    KillUnstopped,

    /// <summary>Kill the tree once more.</summary>
    KillAgain,

    /// <summary>The program was exec'd.</summary>
    NoteLaunched,

    /// <summary>The program was exec'd although it is being killed: kill again.</summary>
    NoteLaunchedAndKill,

    /// <summary>Ready.</summary>
    BecomeReady,

    /// <summary>The word "ready" overtook the news of the exec: keep it.</summary>
    RememberReady,

    /// <summary>Dead: the exit notice.</summary>
    Die,

    /// <summary>Dead: never exec'd.</summary>
    DieUnlaunched,

    /// <summary>Dead: gone without a notice.</summary>
    DieLost,

    /// <summary>Clean: go on as decided.</summary>
    FinishReclaim,

    /// <summary>Not proven clean: wait and try again.</summary>
    FailReclaim,

    /// <summary>Try to reclaim again.</summary>
    ReclaimAgain,

    /// <summary>It shall run; try to reclaim again at once.</summary>
    WantRunningAndReclaim,

    /// <summary>Something of a dead generation lives: kill it and prove the tree empty again.</summary>
    ReclaimStray,

    /// <summary>Take the status.</summary>
    TakeStatus,

    /// <summary>Keep the last status of the dead.</summary>
    KeepStatus,

    /// <summary>A sign of life.</summary>
    NoteSign,

    /// <summary>The outcome of a probe: counts for readiness or health, and may end the service.</summary>
    TakeProbe,

    /// <summary>A sign of life; a reload is over.</summary>
    NoteReadyAgain,

    /// <summary>A reload begins.</summary>
    NoteReloading,

    /// <summary>It ends by itself: wait for that as for a stop, without asking.</summary>
    BeginQuitting,

    /// <summary>Move the deadline of the phase.</summary>
    ExtendDeadline,

    /// <summary>Take its own heartbeat instead of the configured one.</summary>
    SetHeartbeat,

    /// <summary>Take another process as the main one.</summary>
    ChangeMain,

    /// <summary>The word of another main process overtook the news of the exec: keep it.</summary>
    RememberMain,

    /// <summary>End it as hung: it says so itself.</summary>
    KillHung,

    /// <summary>Kill the tree: it needs more than it may.</summary>
    KillOverLimit,

    /// <summary>A session more.</summary>
    NoteSession,

    /// <summary>A session less.</summary>
    NoteSessionLost,

    /// <summary>The main process is ending.</summary>
    NoteDying,

    /// <summary>Remember what matters at its end.</summary>
    NoteClaim,

    /// <summary>Take over what a former monitor or keeper started.</summary>
    Adopt,
}
