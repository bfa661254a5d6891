using System.Text.Json.Serialization;

namespace Lifeline.Contracts;

/// <summary>One step of a reclaim and its outcome.</summary>
/// <param name="Kind">What kind of thing it was.</param>
/// <param name="What">Which one: a pid, a name, a path, a key. Made for people, at most <see cref="MaxTextBytes"/> bytes are carried.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Reason">Why, where the outcome is <see cref="ReclaimOutcome.Kept"/> or <see cref="ReclaimOutcome.Failed"/>; else null.</param>
public sealed record ReclaimStep(
    ReclaimKind Kind,
    string What,
    ReclaimOutcome Outcome,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null)
{
    /// <summary>Longest <see cref="What"/> and <see cref="Reason"/> that are passed on, in bytes of UTF-8.</summary>
    public const int MaxTextBytes = 4096;
}
