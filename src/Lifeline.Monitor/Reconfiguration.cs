using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>A reload: what is new starts, what is gone stops, what changed restarts only if its processes would differ.</summary>
internal sealed class Reconfiguration(SlotSet slots, Turn turn, DependencyGraph dependencies, GroupBook groups, ReplacementBook replacements)
{
    public void Apply(MonitorConfiguration configuration)
    {
        turn.Alerts.Channels = configuration.Alerts;
        var started = new List<Slot>();
        var names = configuration.Services.Select(spec => spec.Name).ToHashSet(StringComparer.Ordinal);
        var removed = slots.InOrder.Where(slot => slot is { Role: SlotRole.Active, Removed: false } && !names.Contains(slot.Name)).Reverse().ToArray();
        var changed = new List<Slot>();
        foreach (var spec in configuration.Services)
        {
            var slot = slots.Find(spec.Name);
            if (slot is null || slot.Removed)
                started.Add(slot ?? slots.Add(spec));
            else if (slot.LaunchKey != spec.LaunchKey && IsTried(slot, spec))
                changed.Add(slot);
            slot ??= slots.Find(spec.Name)!;
            slot.Spec = spec;
            if (spec.Overlaps) slots.AddTwin(slot);
            if (slot.Twin is { } twin) twin.Spec = spec;
        }

        foreach (var slot in removed)
            SetRemoved(slot, true);
        foreach (var slot in started)
            SetRemoved(slot, false);
        slots.Sort(configuration.Services);
        dependencies.Link();
        groups.Link(configuration.Groups);
        foreach (var slot in slots.InOrder)
            Refresh(slot, configuration.Alerts);
        Record(started, removed, changed);
        foreach (var slot in removed)
            Remove(slot);
        foreach (var slot in started)
            Add(slot);
        foreach (var slot in changed.Where(slot => slot.LaunchKey != slot.Spec.LaunchKey && slot.Wanted))
            Restart(slot);
        foreach (var slot in slots.InOrder.ToArray())
            slots.Settle(slot);
        slots.FollowMoves();
        groups.LookAgain();
        dependencies.LookAgain();
    }

    // A changed launch is most often the mending of one that fails: it is tried at once, and not when the next try is due.
    private static bool IsTried(Slot slot, ServiceSpec spec) =>
        slot.Phase is SlotPhase.Launching or SlotPhase.Starting or SlotPhase.Running
        || (slot is { Wanted: true, Phase: SlotPhase.Backoff or SlotPhase.Failed } && spec.Restart != RestartWhen.Never);

    private static void SetRemoved(Slot slot, bool removed)
    {
        slot.Removed = removed;
        if (slot.Twin is { } twin) twin.Removed = removed;
    }

    private void Restart(Slot slot)
    {
        if (replacements.Applies(slot)) replacements.Request(slot);
        else slots.Apply(slot, new(SlotTrigger.Restart) { Cause = StopCause.Configuration });
    }

    private void Refresh(Slot slot, IReadOnlyList<AlertSpec> alerts)
    {
        slot.Channels = AlertBook.ChannelsOf(slot.Name, alerts);
        AlertBook.DropUnknown(slot, turn);
        Probes.Refresh(slot, turn);
        if (slot.Phase != SlotPhase.Running) return;
        if (slot.HeartbeatLimit is null) slot.Heartbeat.End();
        else slot.Heartbeat.Begin(slot.HeartbeatLimit, turn.Now);
    }

    private void Record(List<Slot> started, Slot[] removed, List<Slot> changed) =>
        turn.Record(EventKinds.ConfigReloaded, new EventData()
            .With("applied", true)
            .With("added", Names(started))
            .With("removed", Names(removed))
            .With("restarted", Names(changed)));

    private static EventValue Names(IEnumerable<Slot> slots) => EventValue.Texts([.. slots.Select(slot => slot.Name)]);

    private void Remove(Slot slot)
    {
        turn.Save(slot);
        slots.Apply(slot, new(SlotTrigger.Stop) { Cause = StopCause.Removed });
        replacements.Look(slot);
    }

    private void Add(Slot slot)
    {
        if (!slot.Spec.Autostart)
        {
            turn.Save(slot);
            return;
        }

        dependencies.Require(slot);
        slots.Apply(slot, new(SlotTrigger.Start));
    }
}
