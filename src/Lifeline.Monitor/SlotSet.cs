namespace Lifeline.Monitor;

/// <summary>All slots: by name, and in the order of the configuration with those being removed at the end.</summary>
internal sealed class SlotSet(Turn turn)
{
    /// <summary>Names no longer configured whose generations are remembered, so that none is ever given out twice.</summary>
    public const int MaxRetired = 1000;

    private static readonly Comparer<Slot> ByPosition = Comparer<Slot>.Create((left, right) => left.Position.CompareTo(right.Position));

    private readonly Queue<string> _retiredNames = new();
    private readonly Dictionary<string, int> _retired = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Slot> _byKey = new(StringComparer.Ordinal);

    // Of two slots of a service, the one that is the service now.
    private readonly Dictionary<string, Slot> _byName = new(StringComparer.Ordinal);
    private readonly DeadlineQueue _deadlines = new();
    private readonly List<Slot> _due = [];
    private readonly Queue<Slot> _moved = new();
    private List<Slot> _inOrder = [];
    private int _unsettled;

    /// <summary>What follows for other slots when one has moved; set once.</summary>
    public Action<Slot> Follow { get; set; } = _ => { };

    /// <summary>Whether nothing exists of any slot, and nothing will happen by itself.</summary>
    public bool IsSettled => _unsettled == 0;

    public IReadOnlyList<Slot> InOrder => _inOrder;

    public long? NextDeadline => _deadlines.Next;

    /// <summary>The slot that is this service now.</summary>
    public Slot? Find(string service) => _byName.GetValueOrDefault(service);

    /// <summary>The slot with this key.</summary>
    public Slot? FindKey(string key) => _byKey.GetValueOrDefault(key);

    public Slot Add(ServiceSpec spec)
    {
        var slot = Enlist(new Slot(spec, spec.Name));
        if (_retired.Remove(spec.Name, out var generation))
            slot.Generation = slot.DiedGeneration = generation;
        _byName.Add(spec.Name, slot);
        return slot;
    }

    /// <summary>Gives a service its second slot, if it has none.</summary>
    public void AddTwin(Slot slot)
    {
        if (slot.Twin is not null) return;
        var twin = Enlist(new Slot(slot.Spec, SlotKeys.SecondOf(slot.Name)));
        twin.Role = SlotRole.Spare;
        twin.Removed = slot.Removed;
        twin.Channels = slot.Channels;
        twin.Twin = slot;
        slot.Twin = twin;
    }

    /// <summary>The service is this one of its slots from now on.</summary>
    public void Activate(Slot slot) => _byName[slot.Name] = slot;

    /// <summary>A name that is gone: its record stays for its generation, until there are too many.</summary>
    public void Retire(string service, int generation)
    {
        if (_retired.TryAdd(service, generation)) _retiredNames.Enqueue(service);
        while (_retiredNames.Count > MaxRetired)
        {
            var oldest = _retiredNames.Dequeue();
            if (!_retired.Remove(oldest)) continue;
            turn.Forget(oldest);
            turn.Forget(SlotKeys.SecondOf(oldest));
        }
    }

    public void Sort(IReadOnlyList<ServiceSpec> services)
    {
        var position = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var service in services)
            position.TryAdd(service.Name, position.Count);
        _inOrder = [.. _inOrder.OrderBy(slot => position.GetValueOrDefault(slot.Name, int.MaxValue))];
        for (var i = 0; i < _inOrder.Count; i++)
            _inOrder[i].Position = i;
    }

    /// <summary>Lets the others follow every slot that has moved, until nothing moves any more.</summary>
    public void FollowMoves()
    {
        while (_moved.TryDequeue(out var slot))
            Follow(slot);
    }

    /// <summary>After anything happened to a slot: its place in the queue of deadlines; it goes when it was removed and is gone.</summary>
    public void Settle(Slot slot)
    {
        if (slot.FollowedPhase != slot.Phase)
        {
            if (slot.IsSettled) _unsettled--;
            else if (slot.FollowedPhase == SlotPhase.Stopped) _unsettled++;
            slot.FollowedPhase = slot.Phase;
            _moved.Enqueue(slot);
        }

        if (slot is { Removed: true, IsSettled: true } && slot.Twin is null or { Removed: true, IsSettled: true } && !turn.ShuttingDown)
        {
            if (_byKey.ContainsKey(slot.Key)) Remove(slot);
            return;
        }

        var due = Monotonic.Earliest(slot.Deadline, slot.Heartbeat.CheckAt);
        due = Math.Min(due, Monotonic.Earliest(slot.Status.HeldBackUntil, slot.Sessions.LostAt));
        due = Math.Min(due, slot.DyingToldAt ?? long.MaxValue);
        _deadlines.Update(slot, Math.Min(due, AlertBook.NextDue(slot, turn) ?? long.MaxValue));
    }

    private Slot Enlist(Slot slot)
    {
        _byKey.Add(slot.Key, slot);
        slot.Position = _inOrder.Count == 0 ? 0 : _inOrder[^1].Position + 1;
        _inOrder.Add(slot);
        return slot;
    }

    // A service goes with all its slots.
    private void Remove(Slot slot)
    {
        _byName.Remove(slot.Name);
        Delist(slot);
        if (slot.Twin is { } twin) Delist(twin);
        Retire(slot.Name, Slot.NextGeneration(slot) - 1);
    }

    private void Delist(Slot slot)
    {
        _deadlines.Remove(slot);
        _byKey.Remove(slot.Key);
        // Positions rise: where it stands need not be looked for from the beginning when thousands go at once.
        _inOrder.RemoveAt(_inOrder.BinarySearch(slot, ByPosition));
        DependencyGraph.Unlink(slot);
        turn.Save(slot);
    }

    public void Apply(Slot slot, in Occurrence what)
    {
        SlotMachine.Apply(slot, turn, what);
        Settle(slot);
    }

    /// <summary>Everything whose time has come, each slot once.</summary>
    public void FireDue()
    {
        if (_deadlines.Next is not { } next || next > turn.Now) return;
        _due.Clear();
        _deadlines.CollectDue(turn.Now, _due);
        _due.Sort(ByPosition);
        foreach (var slot in _due)
        {
            Fire(slot);
            Settle(slot);
        }
    }

    private void Fire(Slot slot)
    {
        if (slot.DyingToldAt <= turn.Now) LifeSigns.RecordDying(slot, turn);
        if (slot.Sessions.LostAt <= turn.Now) LifeSigns.RecordLostSessions(slot, turn);
        if (slot.Status.HeldBackUntil <= turn.Now) LifeSigns.RecordChanges(slot, turn);
        if (slot.Heartbeat.CheckAt <= turn.Now) LookAtHeartbeat(slot);
        if (slot.Deadline <= turn.Now)
        {
            slot.Deadline = null;
            SlotMachine.Apply(slot, turn, new(SlotTrigger.Deadline));
        }

        AlertBook.Look(slot, turn);
    }

    private void LookAtHeartbeat(Slot slot)
    {
        switch (slot.Heartbeat.Look(turn.Now, turn.Options.DiagnosisTimeout))
        {
            case SilenceStep.Watch: turn.Order(new WatchSilence(slot.Key, slot.Generation, slot.Pid)); break;
            case SilenceStep.Silent: SlotMachine.Apply(slot, turn, new(SlotTrigger.Silent)); break;
            case SilenceStep.NoAnswer: SlotMachine.Apply(slot, turn, new(SlotTrigger.Diagnosed)); break;
        }
    }
}
