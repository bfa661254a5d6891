namespace Lifeline.Journal;

/// <summary>The journal cannot be written just now; what happens waits in memory.</summary>
/// <param name="Since">Since when.</param>
/// <param name="Message">What the newest attempt ended with.</param>
internal sealed record JournalTrouble(DateTimeOffset Since, string Message);
