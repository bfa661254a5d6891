namespace Lifeline.Contracts;

/// <summary>What is known of one service at one moment: the JSON of <c>status --json</c> and of the HTTP API.</summary>
public sealed record ServiceSnapshot
{
    /// <summary>The service's name; <c>orders.1</c> for an instance.</summary>
    public required string Name { get; init; }

    /// <summary>What the supervisor does with its process.</summary>
    public required ServiceState State { get; init; }

    /// <summary>How it says it is doing.</summary>
    public required ServiceHealth Health { get; init; }

    /// <summary>The main process; null when there is none.</summary>
    public int? Pid { get; init; }

    /// <summary>Counts the starts; 0 when it was never started.</summary>
    public int Generation { get; init; }

    /// <summary>Counts the starts after a death.</summary>
    public int Restarts { get; init; }

    /// <summary>True when no monitor vouches for this and it was read from the board.</summary>
    public bool Stale { get; init; }

    /// <summary>When the present generation was executed.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the present generation became ready.</summary>
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>Its last status; null when it never reported one.</summary>
    public SnapshotStatus? Status { get; init; }

    /// <summary>Its last death; null when it never died.</summary>
    public SnapshotDeath? LastDeath { get; init; }

    /// <summary>Resident memory of all its processes, in bytes.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Processor time of all its processes, in seconds.</summary>
    public double? CpuSeconds { get; init; }

    /// <summary>How many processes it has.</summary>
    public int? Processes { get; init; }

    /// <summary>What became of its output; null when nobody knows.</summary>
    public SnapshotLog? Log { get; init; }

    /// <summary>Why it is failed, or what it waits for, in one sentence; null where the state says all.</summary>
    public string? Because { get; init; }

    /// <summary>The services that must be ready before it is started; null: none.</summary>
    public IReadOnlyList<string>? DependsOn { get; init; }

    /// <summary>The group whose strategy it shares; null: none.</summary>
    public string? Group { get; init; }

    /// <summary>While it is being replaced with an overlap: its other generation; null: there is none.</summary>
    public SnapshotReplacement? Replacing { get; init; }

    /// <summary>True: the kernel has begun to end its main process, and its end is not known yet (early notice of death).</summary>
    public bool Dying { get; init; }

    /// <summary>What happens next by itself; null: nothing, or the service was not asked for by name.</summary>
    public SnapshotDue? Due { get; init; }

    /// <summary>Its limits; null: it has none, or was not asked for by name.</summary>
    public SnapshotLimits? Limits { get; init; }

    /// <summary>The listening sockets that it is handed; null: none, or the service was not asked for by name.</summary>
    public IReadOnlyList<SnapshotSocket>? Listen { get; init; }

    /// <summary>Names of the descriptors that are kept for it (FDSTORE); null: none, or the service was not asked for by name.</summary>
    public IReadOnlyList<string>? Stored { get; init; }
}
