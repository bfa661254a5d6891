namespace Lifeline.Contracts;

/// <summary>One line of a service's log.</summary>
/// <param name="Stream">Where it came from.</param>
/// <param name="At">When it was received; not more exact than the index of the log.</param>
/// <param name="Text">The line without its end; bytes that are no UTF-8 are replaced.</param>
/// <param name="Continues">
/// Whether this is only a piece: the line goes on with the next one of the stream, because it is longer than <see cref="CallLimits.MaxLogLineBytes"/>
/// or was cut by a rotation.
/// </param>
public sealed record LogLine(LogStream Stream, DateTimeOffset At, string Text, bool Continues = false)
{
    /// <summary>The generation of the service that wrote it, counted from 1; null where the index does not know, and from a monitor that does not tell.</summary>
    public int? Generation { get; init; }
}
