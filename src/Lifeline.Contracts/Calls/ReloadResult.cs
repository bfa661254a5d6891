namespace Lifeline.Contracts;

/// <summary>What a reload did, or would do.</summary>
/// <param name="Applied">Whether the new configuration is in force; false for a dry run and when there are errors.</param>
/// <param name="Changes">One line for each change, for people.</param>
/// <param name="Errors">One line for each error in the configuration, with its place.</param>
public sealed record ReloadResult(bool Applied, IReadOnlyList<string> Changes, IReadOnlyList<string> Errors);
