using Lifeline.Monitor;

namespace Lifeline.Reclaim;

/// <summary>One generation that is to be looked at.</summary>
/// <param name="Processes">Its processes.</param>
/// <param name="StartedAt">When it was started.</param>
/// <param name="Owner">Its user.</param>
internal readonly record struct HoldingOrder(IReadOnlyList<int> Processes, DateTimeOffset StartedAt, uint Owner)
{
    /// <summary>What <see cref="HoldingFindings.Ran"/> was at the last look; null: look in any case.</summary>
    public long? Ran { get; init; }
}

/// <summary>What a look at a generation found.</summary>
/// <param name="Found">What it made and holds; empty also if it has not run since the last look.</param>
/// <param name="Ran">How long its only thread was on a processor, in nanoseconds; null if it has several, or nobody knows.</param>
internal readonly record struct HoldingFindings(IReadOnlyList<FoundRecord> Found, long? Ran);
