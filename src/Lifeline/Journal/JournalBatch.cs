namespace Lifeline.Journal;

/// <summary>Everything one decision changes; it reaches the disk whole or not at all.</summary>
internal sealed record JournalBatch
{
    public IReadOnlyList<JournalEvent> Events { get; init; } = [];

    public IReadOnlyList<SavedSlot> Slots { get; init; } = [];

    public IReadOnlyList<string> RemovedSlots { get; init; } = [];

    public IReadOnlyList<InstanceIntent> Intents { get; init; } = [];

    public IReadOnlyList<OutboxEntry> Outbox { get; init; } = [];

    public IReadOnlyList<long> RemovedOutbox { get; init; } = [];

    /// <summary>Small values kept by name; null removes one.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Settings { get; init; } = [];
}
