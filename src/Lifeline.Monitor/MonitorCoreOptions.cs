namespace Lifeline.Monitor;

/// <summary>What a <see cref="MonitorCore"/> is given at its birth. Immutable.</summary>
public sealed record MonitorCoreOptions
{
    /// <summary>
    /// The kernel's boot id. Monotonic times, pids and restart history of a <see cref="SlotRecord"/> with another boot id are void.
    /// </summary>
    public required string BootId { get; init; }

    /// <summary>The wall clock's reading at monotonic zero; only for times that are shown. Later corrections: <see cref="ClockSet"/>.</summary>
    public DateTimeOffset MonotonicZero { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Seed of the backoff jitter. The same seed and the same events give the same effects.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>From the order to launch to its outcome; beyond it the tree is killed. Default 60 s.</summary>
    public TimeSpan LaunchTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A kill without an exit is repeated after this. Default 1 s.</summary>
    public TimeSpan KillRepeat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Kills without an exit before a process counts as unkillable (failed, alert reclaim_failed). Default 10.</summary>
    public int KillAttempts { get; init; } = 10;

    /// <summary>Delay of the first repetition of a reclaim that could not prove the tree empty; doubles to <see cref="ReclaimRetryMax"/>. Default 1 s.</summary>
    public TimeSpan ReclaimRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest delay between two attempts to reclaim. Default 1 min.</summary>
    public TimeSpan ReclaimRetryMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a lost session waits for the exit notice of its process before it counts as lost by a living one.
    /// Default 500 ms.
    /// </summary>
    public TimeSpan SessionGrace { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long the end of a process may take, after the kernel has begun with it, before there is an event about it.
    /// Default 10 ms.
    /// </summary>
    public TimeSpan DyingGrace { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How long the answer to <see cref="Diagnose"/> is waited for; then it is judged without. Default 500 ms.</summary>
    public TimeSpan DiagnosisTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>After a recovery no deadline of an adopted service ends sooner than this. Default 5 s.</summary>
    public TimeSpan RecoveryGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From the KILL at the end of a shutdown to giving up on what still lives. Default 5 s.</summary>
    public TimeSpan ShutdownKillGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most time that one EXTEND_TIMEOUT_USEC gives from when it comes. Default 1 h.</summary>
    public TimeSpan MaxExtension { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Shortest heartbeat a service may set itself (WATCHDOG_USEC). Default 10 ms.</summary>
    public TimeSpan MinHeartbeat { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Longest heartbeat a service may set itself. Default 1 day.</summary>
    public TimeSpan MaxHeartbeat { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Most events about reloads, heartbeats and main processes of one service within its <c>status_events</c>; what it says
    /// beyond that counts, without an event. Default 10.
    /// </summary>
    public int MaxWordEvents { get; init; } = 10;

    /// <summary>Most claims of one service. Default 256.</summary>
    public int MaxClaims { get; init; } = 256;

    /// <summary>Things that one generation was seen to hold; more are not remembered.</summary>
    public int MaxFound { get; init; } = 256;

    /// <summary>Most sessions of one generation that are counted. Default 64.</summary>
    public int MaxSessions { get; init; } = 64;

    /// <summary>Most silences of alerts at a time. Default 200.</summary>
    public int MaxSilences { get; init; } = 200;

    /// <summary>Most service.health events of one service within its <c>status_events</c>; later changes are merged. Default 10.</summary>
    public int MaxHealthEvents { get; init; } = 10;
}
