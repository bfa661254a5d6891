namespace Lifeline.Logs;

/// <summary>How much of a service's output is kept.</summary>
/// <param name="MaxSize">Most bytes of one file with its index; it is rotated before, at a line end.</param>
/// <param name="MaxFiles">Files kept of each stream, the current one among them; at least 1.</param>
internal sealed record LogLimits(long MaxSize, int MaxFiles)
{
    public static LogLimits Default { get; } = new(10L << 20, 5);

    /// <summary>Most bytes of all files of both streams together, indexes too.</summary>
    public long Total => MaxSize * MaxFiles;

    /// <summary>Most bytes of one file: the current ones of both streams must fit into the total.</summary>
    public long FileSize => Math.Min(MaxSize, Math.Max(1, Total / 2));

    /// <summary>Rotated files kept of each stream. A single file is two of half the size: otherwise a rotation would leave nothing.</summary>
    public int RotatedFiles => Math.Max(1, MaxFiles - 1);
}
