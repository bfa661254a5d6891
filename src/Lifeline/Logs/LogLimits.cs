namespace Lifeline.Logs;

/// <summary>How much of a service's output is kept, for each of its two streams.</summary>
/// <param name="MaxSize">Bytes after which a file is rotated, at the next line end.</param>
/// <param name="MaxFiles">Files kept, the current one among them; at least 1.</param>
internal sealed record LogLimits(long MaxSize, int MaxFiles)
{
    public static LogLimits Default { get; } = new(10L << 20, 5);
}
