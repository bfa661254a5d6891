namespace Lifeline.Bench.Results;

/// <summary>A figure as a column of a table.</summary>
/// <param name="Title">What stands above it.</param>
/// <param name="Figure">The figure's name.</param>
/// <param name="Text">How it is written.</param>
internal sealed record Column(string Title, string Figure, Func<double, string> Text);
