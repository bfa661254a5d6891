using Lifeline.Contracts;

namespace Lifeline.Reclaim;

/// <summary>What was done.</summary>
/// <param name="Steps">Each thing and what became of it, in order.</param>
/// <param name="TreeEmpty">Whether it is proven that no process of the generation lives, as far as the method can prove it.</param>
/// <param name="Took">On the monotonic clock.</param>
internal sealed record ReclaimResult(IReadOnlyList<ReclaimStep> Steps, bool TreeEmpty, TimeSpan Took);
