namespace Lifeline.Contracts;

/// <summary>Lines of a log.</summary>
/// <param name="Cursor">Where the next ones begin; opaque, to be given back as <see cref="LogQuery.Cursor"/>.</param>
/// <param name="Lines">The lines, oldest first.</param>
/// <param name="Gap">Whether lines between the cursor asked for and the first one here were already removed by rotation.</param>
public sealed record LogChunk(string Cursor, IReadOnlyList<LogLine> Lines, bool Gap = false);
