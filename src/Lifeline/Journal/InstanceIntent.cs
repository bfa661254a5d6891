namespace Lifeline.Journal;

/// <summary>Written before a launch: from here on a process of this generation may exist.</summary>
internal sealed record InstanceIntent(string Slot, int Generation, DateTimeOffset At);
