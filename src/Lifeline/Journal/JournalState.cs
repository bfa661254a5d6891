namespace Lifeline.Journal;

/// <summary>The small tables, whole: what a monitor needs back at its start, and what a damaged file is rebuilt from.</summary>
internal sealed record JournalState
{
    public required IReadOnlyList<SavedSlot> Slots { get; init; }

    /// <summary>Launches that may have happened although their slot does not know: generation above the slot's own.</summary>
    public required IReadOnlyList<InstanceIntent> OpenIntents { get; init; }

    public required IReadOnlyList<OutboxEntry> Outbox { get; init; }

    public required IReadOnlyDictionary<string, string> Settings { get; init; }
}
