namespace Lifeline.Journal;

/// <summary>What has gathered since the last transaction. Slots, intents, outbox and settings keep only the newest value of each.</summary>
internal sealed class JournalGroup
{
    public List<PendingEvent> Events { get; } = [];

    public Dictionary<string, SavedSlot?> Slots { get; } = [];

    public Dictionary<string, InstanceIntent> Intents { get; } = [];

    public Dictionary<long, OutboxEntry?> Outbox { get; } = [];

    public Dictionary<string, string?> Settings { get; } = [];

    public List<TaskCompletionSource> Waiters { get; } = [];

    /// <summary>Called in their order after the attempt to write; with false also if what they wait for was lost before.</summary>
    public List<(Action<bool> Then, bool IsKept)> Callbacks { get; } = [];

    public long Bytes { get; set; }

    /// <summary>Events dropped after the last one in <see cref="Events"/>.</summary>
    public long Lost { get; set; }

    public bool HasRows => Events.Count + Slots.Count + Intents.Count + Outbox.Count + Settings.Count > 0 || Lost > 0;

    public bool IsEmpty => !HasRows && Waiters.Count + Callbacks.Count == 0;

    public void Clear()
    {
        Events.Clear();
        Slots.Clear();
        Intents.Clear();
        Outbox.Clear();
        Settings.Clear();
        Waiters.Clear();
        Callbacks.Clear();
        Bytes = 0;
        Lost = 0;
    }

    public void Complete(IReadOnlyList<long> ids)
    {
        for (var i = 0; i < Events.Count; i++)
            Events[i].Completion?.TrySetResult(ids[i]);
        foreach (var waiter in Waiters)
            waiter.TrySetResult();
        foreach (var (then, isKept) in Callbacks)
            then(isKept);
    }

    /// <summary>Tells those who wait; what was handed over stays and is tried again.</summary>
    public void Fault(JournalException error)
    {
        for (var i = 0; i < Events.Count; i++)
        {
            Events[i].Completion?.TrySetException(error);
            Events[i] = Events[i] with { Completion = null };
        }

        foreach (var waiter in Waiters)
            waiter.TrySetException(error);
        Waiters.Clear();
        foreach (var (then, _) in Callbacks)
            then(false);
        Callbacks.Clear();
    }

    internal readonly record struct PendingEvent(JournalEvent Event, TaskCompletionSource<long>? Completion);
}
