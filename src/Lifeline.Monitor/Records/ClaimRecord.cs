using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>Something a service declared as its own at run time.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="What">Which.</param>
public sealed record ClaimRecord(ClaimKind Kind, string What);
