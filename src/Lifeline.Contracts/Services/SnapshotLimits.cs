namespace Lifeline.Contracts;

/// <summary>The limits of a service; null: none of Lifeline's. Immutable.</summary>
public sealed record SnapshotLimits
{
    /// <summary>Open files of each process.</summary>
    public long? Nofile { get; init; }

    /// <summary>Memory of all its processes together, in bytes.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Processes and threads it may have at once.</summary>
    public int? Processes { get; init; }

    /// <summary>Size of a core file, in bytes.</summary>
    public long? CoreBytes { get; init; }
}
