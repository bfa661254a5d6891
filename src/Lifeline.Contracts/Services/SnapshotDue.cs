namespace Lifeline.Contracts;

/// <summary>What happens next to a service if nothing else happens before. Immutable.</summary>
public sealed record SnapshotDue
{
    /// <summary>When.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>
    /// What: <c>restart</c> (the end of its backoff), <c>retry</c> (a failed one is tried again), <c>launch_timeout</c>, <c>ready_timeout</c>,
    /// <c>stop_timeout</c>, <c>reclaim_timeout</c> (the limits of these settings), <c>hung</c> (a whole heartbeat without a sign of life),
    /// <c>kill</c> and <c>reclaim</c> (what did not help is done again).
    /// </summary>
    public required string What { get; init; }
}
