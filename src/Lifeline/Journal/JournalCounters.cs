namespace Lifeline.Journal;

/// <summary>What the journal did since it was opened.</summary>
/// <param name="Committed">Events on disk.</param>
/// <param name="Lost">Events that could not be kept.</param>
/// <param name="Groups">Transactions.</param>
/// <param name="Failures">Transactions that failed and were or will be tried again.</param>
/// <param name="Waiting">Events that wait for the disk now.</param>
/// <param name="ObserverFaults">Exceptions thrown by observers of commits.</param>
internal readonly record struct JournalCounters(long Committed, long Lost, long Groups, long Failures, int Waiting, long ObserverFaults);
