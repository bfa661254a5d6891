namespace Lifeline.Contracts;

/// <summary>One line of a service's log.</summary>
/// <param name="Stream">Where it came from.</param>
/// <param name="At">When it was received; not more exact than the index of the log.</param>
/// <param name="Text">The line without its end; bytes that are no UTF-8 are replaced.</param>
public sealed record LogLine(LogStream Stream, DateTimeOffset At, string Text);
