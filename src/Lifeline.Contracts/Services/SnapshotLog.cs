namespace Lifeline.Contracts;

/// <summary>What became of a service's output since the monitor started, within a <see cref="ServiceSnapshot"/>.</summary>
public sealed record SnapshotLog
{
    /// <summary>Bytes written to its log.</summary>
    public required long KeptBytes { get; init; }

    /// <summary>Bytes dropped because the disk did not take them.</summary>
    public required long LostBytes { get; init; }

    /// <summary>Lines cut by a rotation, because they were longer than what a file may be held open for.</summary>
    public required long CutLines { get; init; }

    /// <summary>Why nothing can be written now; null: all is well.</summary>
    public string? Error { get; init; }
}
