namespace Lifeline.Contracts;

/// <summary>The other of two generations of a service that is being replaced with an overlap.</summary>
public sealed record SnapshotReplacement
{
    /// <summary>Its generation.</summary>
    public int Generation { get; init; }

    /// <summary>Its main process; null when there is none.</summary>
    public int? Pid { get; init; }

    /// <summary>What the supervisor does with it.</summary>
    public ServiceState State { get; init; }

    /// <summary>True: it is to take over as soon as it is ready; false: it is on its way out.</summary>
    public bool IsIncoming { get; init; }

    /// <summary>When it was executed.</summary>
    public DateTimeOffset? StartedAt { get; init; }
}
