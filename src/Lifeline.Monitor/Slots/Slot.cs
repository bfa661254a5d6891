using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>One place in which at most one generation of a service lives. Only data; what happens to it is decided elsewhere.</summary>
internal sealed class Slot(ServiceSpec spec, string key)
{
    /// <summary>The service's name.</summary>
    public string Name { get; } = spec.Name;

    /// <summary>The slot's own (<see cref="SlotKeys"/>).</summary>
    public string Key { get; } = key;

    public SlotRole Role { get; set; }

    /// <summary>The other slot of the same service; null: it has but one.</summary>
    public Slot? Twin { get; set; }

    /// <summary>It is to be replaced once more as soon as its other slot is empty.</summary>
    public bool ReplaceAgain { get; set; }

    /// <summary>Why the last try to replace it failed; null: it did not, or is past.</summary>
    public string? ReplacementFailure { get; set; }

    public ServiceSpec Spec { get; set; } = spec;

    public SlotPhase Phase { get; set; }

    public bool Wanted { get; set; }

    public bool ShutDown { get; set; }

    public bool Removed { get; set; }

    public int Generation { get; set; }

    public int DiedGeneration { get; set; }

    public string LaunchKey { get; set; } = "";

    public int? Pid { get; set; }

    public long StartTicks { get; set; }

    public long? ExecAt { get; set; }

    public long? ReadyAt { get; set; }

    public DateTimeOffset? StartedTime { get; set; }

    public DateTimeOffset? ReadyTime { get; set; }

    /// <summary>"Ready" came before the news of the exec.</summary>
    public bool ReadyEarly { get; set; }

    /// <summary>Another main process was named before the news of the exec.</summary>
    public MainProcessTold? EarlyMain { get; set; }

    /// <summary>The heartbeat it set itself; zero: it does not want to be watched; null: the configured one counts.</summary>
    public TimeSpan? HeartbeatTold { get; set; }

    /// <summary>The heartbeat that counts; null: it is not watched.</summary>
    public TimeSpan? HeartbeatLimit => HeartbeatTold is { } told ? (told > TimeSpan.Zero ? told : null) : Spec.Heartbeat;

    /// <summary>It reads its configuration again.</summary>
    public long? ReloadingSince { get; set; }

    public bool IsReloadRecorded { get; set; }

    public string TextBeforeReload { get; set; } = "";

    public long WordsWindowEnds { get; set; }

    public int WordsRecorded { get; set; }

    /// <summary>The kernel has begun to end the main process.</summary>
    public bool IsDying { get; set; }

    /// <summary>When that becomes an event, unless the process is gone before.</summary>
    public long? DyingToldAt { get; set; }

    public DeathReason? EndReason { get; set; }

    public long EndReasonAt { get; set; }

    public int Kills { get; set; }

    /// <summary>The one deadline of the phase.</summary>
    public long? Deadline { get; set; }

    public AfterReclaim After { get; set; }

    public long RestartAt { get; set; }

    public bool RestartCounts { get; set; }

    public bool RestartFollowsDeath { get; set; }

    public int ReclaimAttempt { get; set; }

    public int DeathsInRow { get; set; }

    /// <summary>Oldest first.</summary>
    public Queue<long> RestartTimes { get; set; } = new();

    public int FailedRetries { get; set; }

    public bool OnProbation { get; set; }

    /// <summary>Why it is failed, or will be once it is clean: decided at its death.</summary>
    public string? FailedBecause { get; set; }

    /// <summary>What keeps it from going on just now: its last life cannot be ended, or not be cleaned up.</summary>
    public string? StuckBecause { get; set; }

    /// <summary>What is wrong with it now, for people.</summary>
    public string? Trouble => StuckBecause ?? FailedBecause;

    public int Restarts { get; set; }

    public DeathRecord? LastDeath { get; set; }

    public List<ClaimRecord> Claims { get; } = [];

    /// <summary>What the generation was seen to hold.</summary>
    public List<FoundRecord> Found { get; } = [];

    /// <summary>Which ports of the service others held after its last death, and who; null: none.</summary>
    public string? HeldPorts { get; set; }

    /// <summary>Why the last kill was refused.</summary>
    public string? KillError { get; set; }

    public List<AlertRecord> Alerts { get; } = [];

    /// <summary>The alert channels that listen to it.</summary>
    public IReadOnlyList<AlertSpec> Channels { get; set; } = [];

    public StatusWatch Status { get; } = new();

    public HeartbeatWatch Heartbeat { get; } = new();

    public ProbeWatch LiveProbe { get; } = new();

    public ProbeWatch ReadyProbe { get; } = new();

    public SessionBook Sessions { get; } = new();

    /// <summary>The group whose members concern it; null: none.</summary>
    public SlotGroup? Group { get; set; }

    /// <summary>It stops and starts again with others of its group, and has not come to the end of that.</summary>
    public bool IsInRound { get; set; }

    /// <summary>The budget of its group is spent: it is failed with all of it.</summary>
    public bool FailsWithGroup { get; set; }

    /// <summary>When its deaths counted against the budget of its group, oldest first.</summary>
    public Queue<long> GroupTimes { get; set; } = new();

    /// <summary>Place in the order of the configuration.</summary>
    public int Position { get; set; }

    /// <summary>What must be ready before it is launched; kept by <see cref="DependencyGraph"/>.</summary>
    public IReadOnlyList<Slot> DependsOn { get; set; } = [];

    /// <summary>What must end before it is stopped; kept by <see cref="DependencyGraph"/>.</summary>
    public List<Slot> Dependents { get; } = [];

    /// <summary>A name it depends on that no slot has.</summary>
    public string? MissingDependency { get; set; }

    /// <summary>While it waits: a dependency that is not ready.</summary>
    public Slot? WaitsFor { get; set; }

    /// <summary>While it holds: a dependent that has not ended.</summary>
    public Slot? HeldBy { get; set; }

    /// <summary>The phase that others were last told of.</summary>
    public SlotPhase FollowedPhase { get; set; }

    /// <summary>The earliest of all deadlines; kept by the core.</summary>
    public long Due { get; set; } = long.MaxValue;

    /// <summary>Place in the queue of deadlines; -1: not in it.</summary>
    public int DueIndex { get; set; } = -1;

    /// <summary>In the list of slots to be saved at the end of this turn.</summary>
    public bool IsDirty { get; set; }

    /// <summary>A main process exists, or may exist soon.</summary>
    public bool IsAlive => Phase is SlotPhase.Launching or SlotPhase.Starting or SlotPhase.Running
        or SlotPhase.Holding or SlotPhase.Stopping or SlotPhase.Killing or SlotPhase.Unkillable;

    /// <summary>Nothing of it exists, and nothing will happen by itself.</summary>
    public bool IsSettled => Phase == SlotPhase.Stopped;

    /// <summary>The number of a service's next generation, in whichever of its slots.</summary>
    public static int NextGeneration(Slot slot) => Math.Max(slot.Generation, slot.Twin?.Generation ?? 0) + 1;

    public ServiceState State => Phase switch
    {
        SlotPhase.Stopped => ServiceState.Stopped,
        SlotPhase.Launching or SlotPhase.Starting => ServiceState.Starting,
        SlotPhase.Running => ServiceState.Running,
        SlotPhase.Holding or SlotPhase.Stopping or SlotPhase.Killing => ServiceState.Stopping,
        SlotPhase.Reclaiming when Trouble is not null => ServiceState.Failed,
        SlotPhase.Reclaiming => Wanted && After == AfterReclaim.Restart ? ServiceState.Backoff : ServiceState.Stopping,
        SlotPhase.Waiting => ServiceState.Waiting,
        SlotPhase.Backoff => ServiceState.Backoff,
        SlotPhase.Exited => ServiceState.Exited,
        _ => ServiceState.Failed,
    };
}
