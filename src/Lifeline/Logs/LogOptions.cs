namespace Lifeline.Logs;

/// <summary>Where logs are and how they are collected.</summary>
internal sealed record LogOptions
{
    /// <summary>The folder that has a folder for each service.</summary>
    public required string Folder { get; init; }

    /// <summary>
    /// Bytes before the end of a file from which on only whole lines go into it, or before half of a smaller file: a line up to this long is
    /// never cut by a rotation.
    /// </summary>
    public int MaxPartialLine { get; init; } = 64 * 1024;

    /// <summary>Bytes moved for one pipe before the others get their turn.</summary>
    public long Burst { get; init; } = 1 << 20;

    /// <summary>Bytes for which old files are deleted at once, at most an eighth of a file.</summary>
    public long Room { get; init; } = 64 * 1024;

    /// <summary>Least spacing of index entries of one stream.</summary>
    public TimeSpan IndexSpacing { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>The same once the index has grown larger than what it indexes.</summary>
    public TimeSpan CoarseIndexSpacing { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Wait after a failed write.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A disk that fails for longer than this costs output: the service must not block for ever.</summary>
    public TimeSpan DiscardAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Least spacing of the events about output that is being dropped.</summary>
    public TimeSpan LossReportSpacing { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// While two generations of a service write: how long one waits for the other to end the line it has begun. After that the line is ended where
    /// it is, and its rest becomes another.
    /// </summary>
    public TimeSpan LinePatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Spacing of the looks whether somebody truncated or moved a file.</summary>
    public TimeSpan FileCheckInterval { get; init; } = TimeSpan.FromSeconds(1);
}
