using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>
/// One call of <see cref="MonitorCore.Handle"/>: what time it is, and the effects in the order of a batch: events as they happen,
/// then the records of the slots that changed, then the orders.
/// </summary>
internal sealed class Turn(MonitorCoreOptions options, SlotTable table)
{
    private readonly List<Effect> _orders = [];
    private readonly List<Slot> _changed = [];
    private IList<Effect> _effects = [];

    public MonitorCoreOptions Options { get; } = options;

    public SlotTable Table { get; } = table;

    public Jitter Jitter { get; } = new(options.Seed);

    /// <summary>What concerns alerts of all services.</summary>
    public AlertDesk Alerts { get; } = new();

    public DateTimeOffset MonotonicZero { get; set; } = options.MonotonicZero;

    public bool ShuttingDown { get; set; }

    public long Now { get; private set; }

    public void Begin(long now, IList<Effect> effects)
    {
        Now = Math.Max(Now, now);
        _effects = effects;
    }

    public void Record(Slot slot, string kind, EventData data) =>
        _effects.Add(new RecordEvent(kind, slot.Name, slot.Generation, data) { Slot = slot.Key });

    public void Record(string kind, EventData data) => _effects.Add(new RecordEvent(kind, null, 0, data));

    public void Record(AlertOutcome outcome, string kind, EventData data) =>
        _effects.Add(new RecordEvent(kind, outcome.Service.Length == 0 ? null : outcome.Service, outcome.Generation, data));

    /// <summary>The slot's record is saved at the end of the turn, before any order.</summary>
    public void Save(Slot slot)
    {
        if (slot.IsDirty) return;
        slot.IsDirty = true;
        _changed.Add(slot);
    }

    public void Order(Effect effect) => _orders.Add(effect);

    public void Forget(string service) => _effects.Add(new ForgetSlot(service));

    public void End()
    {
        foreach (var slot in _changed)
        {
            slot.IsDirty = false;
            _effects.Add(new SaveSlot(SlotRecords.Save(slot, Options.BootId)));
        }

        _changed.Clear();
        if (Alerts.TakeChange() is { } record) _effects.Add(new SaveAlerts(record));
        foreach (var order in _orders)
            _effects.Add(order);
        _orders.Clear();
        _effects = [];
    }

    /// <summary>The monotonic time of a time as people read it; may be in the past.</summary>
    public long MonotonicOf(DateTimeOffset time) => Monotonic.Nanoseconds(time - MonotonicZero);

    /// <summary>A time as people read it.</summary>
    public DateTimeOffset TimeOf(long nanoseconds) =>
        MonotonicZero + TimeSpan.FromTicks(Math.Clamp(nanoseconds, 0, Now) / TimeSpan.NanosecondsPerTick);

    /// <summary>A time that may be yet to come, as people read it.</summary>
    public DateTimeOffset TimeToCome(long nanoseconds) => MonotonicZero + TimeSpan.FromTicks(Math.Max(nanoseconds, 0) / TimeSpan.NanosecondsPerTick);
}
