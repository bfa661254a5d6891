namespace Lifeline.Bench.Results;

/// <summary>What one contender did in one scenario.</summary>
/// <param name="Workload">The workload's name.</param>
/// <param name="Scenario">Which of its scenarios, a short name without spaces.</param>
/// <param name="Contender">The contender's id.</param>
/// <param name="Name">The contender's name for people.</param>
/// <param name="Runs">How many runs the medians are of; 0 if it could not run.</param>
/// <param name="Figures">The medians.</param>
/// <param name="Note">Why it did not run; null if it did.</param>
internal sealed record Outcome(string Workload, string Scenario, string Contender, string Name, int Runs, Figures Figures, string? Note);
