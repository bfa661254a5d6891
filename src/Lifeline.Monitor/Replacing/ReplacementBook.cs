using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>
/// Replacements with an overlap: the next generation comes up in the service's other slot, and only when it is ready is the present one
/// asked to stop. Looks at where both slots stand, never at how they got there.
/// </summary>
internal sealed class ReplacementBook(SlotSet slots, Turn turn, DependencyGraph dependencies)
{
    /// <summary>Whether a restart of it goes with an overlap: somebody must be served meanwhile.</summary>
    public bool Applies(Slot slot) =>
        slot is { Spec.Overlaps: true, Twin: not null, Phase: SlotPhase.Running } && !turn.ShuttingDown;

    /// <summary>Replaces a running service. One that is coming up already, by the same configuration, is what was asked for.</summary>
    public void Request(Slot slot)
    {
        slot.Wanted = true;
        RestartPolicy.StartAnew(slot);
        turn.Save(slot);
        if (slot.Twin!.IsSettled) Begin(slot);
        else if (!IsComing(slot.Twin)) slot.ReplaceAgain = true;
    }

    /// <summary>After an order or a reload that may not have moved anything.</summary>
    public void Look(Slot slot)
    {
        if (slot is { Role: SlotRole.Active, Twin.Role: SlotRole.Incoming, Wanted: false }) Abandon(slot.Twin, $"{slot.Name} was stopped");
    }

    /// <summary>A slot is in another phase than before.</summary>
    public void Follow(Slot slot)
    {
        if (slot.Twin is null) return;
        switch (slot.Role)
        {
            case SlotRole.Incoming: FollowIncoming(slot, slot.Twin); break;
            case SlotRole.Active: FollowActive(slot, slot.Twin); break;
            case SlotRole.Spare: BeginAgain(slot.Twin); break;
        }
    }

    /// <summary>After a recovery: of two of which one lives only in the other slot, that one is the service.</summary>
    /// <returns>Whether it changed which slot is the service.</returns>
    public bool Rejoin(Slot active)
    {
        if (active.IsAlive || active.Twin is not { Role: SlotRole.Incoming, IsAlive: true, Wanted: true } twin) return false;
        Promote(twin, active);
        return true;
    }

    private static bool IsComing(Slot slot) => slot.Role == SlotRole.Incoming && (slot.Phase == SlotPhase.Waiting
        || (slot is { Wanted: true, Phase: SlotPhase.Launching or SlotPhase.Starting } && slot.LaunchKey == slot.Spec.LaunchKey));

    private void Begin(Slot slot)
    {
        var next = slot.Twin!;
        slot.ReplaceAgain = false;
        next.Role = SlotRole.Incoming;
        next.Restarts = slot.Restarts;
        turn.Record(slot, EventKinds.ServiceReplacing, new EventData().With("by", Slot.NextGeneration(slot)));
        turn.Save(slot);
        turn.Save(next);
        slots.Apply(next, new(SlotTrigger.Start));
    }

    // Both slots must stand still: one runs, the other is empty.
    private void BeginAgain(Slot active)
    {
        if (active.ReplaceAgain && active.Twin!.IsSettled && Applies(active)) Begin(active);
    }

    private void FollowIncoming(Slot next, Slot old)
    {
        switch (next.Phase)
        {
            case SlotPhase.Running:
                Complete(next, old);
                break;
            // It was never launched, because the monitor or the keeper died: it is launched now.
            case SlotPhase.Reclaiming or SlotPhase.ReclaimFailed or SlotPhase.Backoff when next.Wanted:
                break;
            case SlotPhase.Unkillable or SlotPhase.Reclaiming or SlotPhase.ReclaimFailed or SlotPhase.Failed or SlotPhase.Exited or SlotPhase.Stopped:
                Fail(next, old);
                break;
        }
    }

    private void FollowActive(Slot active, Slot twin)
    {
        if (active.Phase == SlotPhase.Running)
        {
            BeginAgain(active);
            return;
        }

        if (active.ReplaceAgain && !active.IsAlive)
        {
            active.ReplaceAgain = false;
            turn.Save(active);
        }

        if (twin.Role != SlotRole.Incoming) return;
        if (!active.Wanted)
            Abandon(twin, $"{active.Name} was stopped");
        else if (active.IsAlive)
            return;
        else if (twin is { Wanted: true, Phase: SlotPhase.Launching or SlotPhase.Starting })
            Promote(twin, active);
        else
            Abandon(twin, $"generation {active.Generation} died meanwhile");
    }

    private void Complete(Slot next, Slot old)
    {
        Swap(next, old);
        turn.Record(next, EventKinds.ServiceReplaced, new EventData().With("before", old.Generation).With("died", false));
        AlertBook.BecomeReady(next, turn);
        slots.Apply(old, new(SlotTrigger.Stop) { Cause = StopCause.Replaced });
        dependencies.Look(old);
        dependencies.Follow(next);
    }

    // The present one died before the next was ready: that one is the service now, and on its own.
    private void Promote(Slot next, Slot old)
    {
        Swap(next, old);
        turn.Record(next, EventKinds.ServiceReplaced, new EventData().With("before", old.Generation).With("died", true));
        slots.Apply(old, new(SlotTrigger.Stop) { Cause = StopCause.Replaced });
        slots.Settle(next);
        dependencies.Look(old);
        dependencies.Follow(next);
    }

    private void Fail(Slot next, Slot old)
    {
        var because = next.LastDeath is { } death && death.Generation == next.Generation ? Ending.Text(death) : "it cannot be ended";
        Drop(next, because);
        if (turn.ShuttingDown || !old.Wanted || next.Removed) return;
        old.ReplacementFailure = $"generation {next.Generation} did not take over: {because}";
        turn.Save(old);
        AlertBook.Raise(old, turn, AlertRule.Failed, $"{old.Name} is not replaced, and generation {old.Generation} goes on: {old.ReplacementFailure}");
        slots.Settle(old);
        BeginAgain(old);
    }

    private void Abandon(Slot next, string because)
    {
        Drop(next, because);
        slots.Apply(next, new(SlotTrigger.Stop) { Cause = StopCause.Replaced });
    }

    private void Drop(Slot next, string because)
    {
        next.Role = SlotRole.Spare;
        turn.Save(next);
        turn.Record(next, EventKinds.ServiceReplacementFailed, new EventData().With("because", because).With("stays", next.Twin!.Generation));
        if (next.Wanted && next.Phase == SlotPhase.Unkillable) slots.Apply(next, new(SlotTrigger.Stop) { Cause = StopCause.Replaced });
    }

    // What belongs to the service and not to one life of it goes over.
    private void Swap(Slot next, Slot old)
    {
        slots.Activate(next);
        next.Role = SlotRole.Active;
        old.Role = SlotRole.Spare;
        next.Restarts = old.Restarts;
        next.ReplacementFailure = old.ReplacementFailure = null;
        next.ReplaceAgain = old.ReplaceAgain || next.LaunchKey != next.Spec.LaunchKey;
        old.ReplaceAgain = false;
        next.Alerts.Clear();
        next.Alerts.AddRange(old.Alerts);
        old.Alerts.Clear();
        DependencyGraph.Hand(old, next);
        turn.Save(next);
        turn.Save(old);
    }
}
