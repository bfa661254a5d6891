namespace Lifeline.Contracts;

/// <summary>What became of a test alert.</summary>
/// <param name="Delivered">The other side took it.</param>
/// <param name="Answer">What the other side said, or why there was no answer.</param>
public sealed record AlertTestResult(bool Delivered, string Answer);
