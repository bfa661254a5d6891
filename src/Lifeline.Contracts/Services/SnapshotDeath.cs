namespace Lifeline.Contracts;

/// <summary>
/// The last death within a <see cref="ServiceSnapshot"/>. Durations are microseconds of the monotonic clock, counted from the moment
/// the keeper returned from the kernel with the exit.
/// </summary>
public sealed record SnapshotDeath
{
    /// <summary>When it died.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Why.</summary>
    public required DeathReason Reason { get; init; }

    /// <summary>The signal that killed it.</summary>
    public int? Signal { get; init; }

    /// <summary>Its exit code.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Until the supervisor had decided.</summary>
    public long? DetectUs { get; init; }

    /// <summary>How long the reclaim took.</summary>
    public long? ReclaimUs { get; init; }

    /// <summary>Until the next generation was executed; null while it was not.</summary>
    public long? RestartUs { get; init; }

    /// <summary>What was reclaimed.</summary>
    public IReadOnlyList<ReclaimStep> Reclaimed { get; init; } = [];
}
