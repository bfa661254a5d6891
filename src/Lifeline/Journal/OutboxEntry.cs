namespace Lifeline.Journal;

/// <summary>An alert that still has to reach its channel.</summary>
/// <param name="Id">From <see cref="JournalStore.NextOutboxId"/>; rises, never reused.</param>
/// <param name="Channel">Name of the alert channel.</param>
/// <param name="Payload">The alert as JSON, as it will be sent.</param>
/// <param name="CreatedAt">When it was raised.</param>
/// <param name="Attempts">Deliveries tried so far.</param>
/// <param name="NextAt">Not to be tried before.</param>
internal sealed record OutboxEntry(long Id, string Channel, string Payload, DateTimeOffset CreatedAt, int Attempts, DateTimeOffset NextAt);
