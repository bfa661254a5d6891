namespace Lifeline.Journal;

/// <summary>The small tables in memory, as they are on disk: a damaged file is rebuilt from them while running.</summary>
internal sealed class JournalMirror
{
    private readonly Dictionary<string, SavedSlot> _slots;
    private readonly Dictionary<string, InstanceIntent> _intents;
    private readonly Dictionary<long, OutboxEntry> _outbox;
    private readonly Dictionary<string, string> _settings;

    public JournalMirror(JournalState state)
    {
        _slots = state.Slots.ToDictionary(s => s.Slot, StringComparer.Ordinal);
        _intents = state.OpenIntents.ToDictionary(i => i.Slot, StringComparer.Ordinal);
        _outbox = state.Outbox.ToDictionary(o => o.Id);
        _settings = new Dictionary<string, string>(state.Settings, StringComparer.Ordinal);
    }

    public int SlotCount => _slots.Count;

    public long HighestOutboxId => _outbox.Count == 0 ? 0 : _outbox.Keys.Max();

    public void Apply(JournalGroup group)
    {
        Merge(_intents, group.Intents!);
        Merge(_slots, group.Slots);
        Merge(_outbox, group.Outbox);
        Merge(_settings, group.Settings);
    }

    public JournalState ToState() => new()
    {
        Slots = [.. _slots.Values.OrderBy(s => s.Slot, StringComparer.Ordinal)],
        OpenIntents = [.. _intents.Values.Where(i => !_slots.TryGetValue(i.Slot, out var slot) || i.Generation > slot.Generation)],
        Outbox = [.. _outbox.Values.OrderBy(o => o.Id)],
        Settings = new Dictionary<string, string>(_settings, StringComparer.Ordinal),
    };

    public JournalGroup ToGroup()
    {
        var group = new JournalGroup();
        foreach (var (key, value) in _slots)
            group.Slots[key] = value;
        foreach (var (key, value) in _intents)
            group.Intents[key] = value;
        foreach (var (key, value) in _outbox)
            group.Outbox[key] = value;
        foreach (var (key, value) in _settings)
            group.Settings[key] = value;
        return group;
    }

    private static void Merge<TKey, TValue>(Dictionary<TKey, TValue> target, Dictionary<TKey, TValue?> changes)
        where TKey : notnull
        where TValue : class
    {
        foreach (var (key, value) in changes)
        {
            if (value is null)
                target.Remove(key);
            else
                target[key] = value;
        }
    }
}
