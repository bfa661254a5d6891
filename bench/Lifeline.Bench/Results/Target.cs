namespace Lifeline.Bench.Results;

/// <summary>What a figure of Lifeline's is to reach.</summary>
/// <param name="Workload">The workload.</param>
/// <param name="Scenario">Its scenario.</param>
/// <param name="Figure">The figure.</param>
/// <param name="Against">The contender of whose figure it is a multiple; null for the figure itself.</param>
/// <param name="AtLeast">Whether the bound is a lower one.</param>
/// <param name="Bound">The bound.</param>
/// <param name="Text">How it is written.</param>
/// <param name="Suffix">What is added to Lifeline's id: a variant of it.</param>
internal sealed record Target(
    string Workload, string Scenario, string Figure, string? Against, bool AtLeast, double Bound, Func<double, string> Text, string Suffix = "");
