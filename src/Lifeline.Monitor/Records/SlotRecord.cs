using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>
/// Everything a later core needs to go on with one slot. Saved whole by <see cref="SaveSlot"/>, given back in
/// <see cref="MonitorStarted"/>; <see cref="SlotRecordCodec"/> turns it into bytes. Times are monotonic nanoseconds of the boot
/// named in it. Immutable.
/// </summary>
public sealed record SlotRecord
{
    /// <summary>The slot's key (<see cref="SlotKeys"/>): the service's name, where it has but one.</summary>
    public required string Service { get; init; }

    /// <summary>What it is to its service.</summary>
    public SlotRole Role { get; init; }

    /// <summary>Whether it is to be replaced once more as soon as its other slot is empty.</summary>
    public bool ReplaceAgain { get; init; }

    /// <summary>Why the last try to replace it failed.</summary>
    public string? ReplacementFailure { get; init; }

    /// <summary>The boot in which pids and monotonic times hold.</summary>
    public required string BootId { get; init; }

    /// <summary>Where the slot stands.</summary>
    public SlotPhase Phase { get; init; }

    /// <summary>Whether it shall run.</summary>
    public bool Wanted { get; init; }

    /// <summary>Whether a shutdown is what stops it: the next start of the monitor follows the configuration, not <see cref="Wanted"/>.</summary>
    public bool ShutDown { get; init; }

    /// <summary>Whether it was taken out of the configuration.</summary>
    public bool Removed { get; init; }

    /// <summary>The latest generation that was ordered; 0 before the first.</summary>
    public int Generation { get; init; }

    /// <summary>The latest generation whose death is in the journal.</summary>
    public int DiedGeneration { get; init; }

    /// <summary>The launch key the living generation was launched with.</summary>
    public string LaunchKey { get; init; } = "";

    /// <summary>The main process.</summary>
    public int? Pid { get; init; }

    /// <summary>Its start time in clock ticks since boot.</summary>
    public long StartTicks { get; init; }

    /// <summary>When the generation's program was exec'd.</summary>
    public long? ExecAt { get; init; }

    /// <summary>When it became ready.</summary>
    public long? ReadyAt { get; init; }

    /// <summary>Wall-clock time of <see cref="ExecAt"/>.</summary>
    public DateTimeOffset? StartedTime { get; init; }

    /// <summary>Wall-clock time of <see cref="ReadyAt"/>.</summary>
    public DateTimeOffset? ReadyTime { get; init; }

    /// <summary>The heartbeat it set itself; zero: none; null: the configured one.</summary>
    public TimeSpan? HeartbeatTold { get; init; }

    /// <summary>Since when it reads its configuration again.</summary>
    public long? ReloadingSince { get; init; }

    /// <summary>The text of its status before that.</summary>
    public string? TextBeforeReload { get; init; }

    /// <summary>Why it is being ended, if it is.</summary>
    public DeathReason? EndReason { get; init; }

    /// <summary>Since when: an end before that has its own reason.</summary>
    public long EndReasonAt { get; init; }

    /// <summary>Kills sent so far.</summary>
    public int Kills { get; init; }

    /// <summary>When the phase's deadline is over.</summary>
    public long? Deadline { get; init; }

    /// <summary>What comes after the reclaim.</summary>
    public AfterReclaim After { get; init; }

    /// <summary>Not to be started again before this.</summary>
    public long RestartAt { get; init; }

    /// <summary>Whether the next start counts as an automatic restart.</summary>
    public bool RestartCounts { get; init; }

    /// <summary>Whether the next start follows the last death (and so completes its times) or is an order of its own.</summary>
    public bool RestartFollowsDeath { get; init; }

    /// <summary>Attempts to reclaim the dead generation.</summary>
    public int ReclaimAttempt { get; init; }

    /// <summary>Deaths in a row without a stable run between them: the exponent of the backoff.</summary>
    public int DeathsInRow { get; init; }

    /// <summary>Times of the automatic restarts within the window, oldest first.</summary>
    public IReadOnlyList<long> RestartTimes { get; init; } = [];

    /// <summary>Whether it is being restarted, or made to fail, with others of its group.</summary>
    public bool IsInRound { get; init; }

    /// <summary>Whether it is failed, or about to be, because the budget of its group is spent.</summary>
    public bool FailsWithGroup { get; init; }

    /// <summary>When its deaths counted against the budget of its group, oldest first.</summary>
    public IReadOnlyList<long> GroupTimes { get; init; } = [];

    /// <summary>Slow retries since the last stable run: the exponent of <c>failed_retry</c>.</summary>
    public int FailedRetries { get; init; }

    /// <summary>Whether this life is a slow retry: dying before a stable run leads straight back to failed.</summary>
    public bool OnProbation { get; init; }

    /// <summary>Why it is failed, or will be once it is clean, for people.</summary>
    public string? FailedBecause { get; init; }

    /// <summary>What keeps it from going on: its last life cannot be ended, or not be cleaned up.</summary>
    public string? StuckBecause { get; init; }

    /// <summary>Automatic restarts since the monitor was started by hand.</summary>
    public int Restarts { get; init; }

    /// <summary>Health as last recorded.</summary>
    public ServiceHealth Health { get; init; }

    /// <summary>What it said of its health itself, where probes have an opinion too; null: <see cref="Health"/>.</summary>
    public ServiceHealth? ReportedHealth { get; init; }

    /// <summary>What its probes found.</summary>
    public ServiceHealth ProbedHealth { get; init; }

    /// <summary>The status as last recorded.</summary>
    public StatusReport? Status { get; init; }

    /// <summary>The last death.</summary>
    public DeathRecord? LastDeath { get; init; }

    /// <summary>What the living or dead generation claimed.</summary>
    public IReadOnlyList<ClaimRecord> Claims { get; init; } = [];

    /// <summary>What the living or dead generation was seen to hold.</summary>
    public IReadOnlyList<FoundRecord> Found { get; init; } = [];

    /// <summary>Where alerts stand.</summary>
    public IReadOnlyList<AlertRecord> Alerts { get; init; } = [];
}
