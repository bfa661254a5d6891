namespace Lifeline.Monitor;

/// <summary>All groups whose members concern each other, and their rounds.</summary>
internal sealed class GroupBook(SlotSet slots, Turn turn, DependencyGraph dependencies)
{
    private Dictionary<string, SlotGroup> _groups = new(StringComparer.Ordinal);

    /// <summary>Works the membership out anew. What is being removed, or has left its group, is in no round any more.</summary>
    public void Link(IReadOnlyList<GroupSpec> specs)
    {
        var before = _groups;
        _groups = new(StringComparer.Ordinal);
        foreach (var spec in specs.Where(spec => spec.Strategy != GroupStrategy.OneForOne))
        {
            var group = before.GetValueOrDefault(spec.Name) ?? new SlotGroup(spec);
            group.Spec = spec;
            group.Members.Clear();
            _groups.Add(spec.Name, group);
        }

        foreach (var slot in slots.InOrder)
        {
            slot.Group = slot is { Removed: false, Spec: { Overlaps: false, Group: { } name } } ? _groups.GetValueOrDefault(name) : null;
            if (slot.Group is { } group) group.Members.Add(slot);
            else Leave(slot);
        }

        foreach (var group in _groups.Values)
        {
            group.IsInRound = group.Members.Any(member => member.IsInRound);
            group.Cursor = group.Members.Count - 1;
            group.RestartTimes = new(group.Members.SelectMany(member => member.GroupTimes).Order());
        }
    }

    /// <summary>A member is in another phase than before.</summary>
    public void Follow(Slot slot)
    {
        if (slot.Group is { IsInRound: true } group) Advance(group);
    }

    /// <summary>After a recovery or a reload: rounds that are under way go on.</summary>
    public void LookAgain()
    {
        foreach (var group in _groups.Values.Where(group => group.IsInRound).ToArray())
            Advance(group);
    }

    private void Leave(Slot slot)
    {
        if (!slot.IsInRound && !slot.FailsWithGroup) return;
        slot.IsInRound = slot.FailsWithGroup = false;
        turn.Save(slot);
    }

    // Members in the round never come alive again before its end, so that the cursor only goes down.
    private void Advance(SlotGroup group)
    {
        for (; group.Cursor >= 0; group.Cursor--)
        {
            var member = group.Members[group.Cursor];
            if (!member.IsInRound || !Readiness.HoldsUp(member)) continue;
            if (member.Phase is SlotPhase.Starting or SlotPhase.Running)
                slots.Apply(member, new(SlotTrigger.Yield) { Cause = StopCause.Group });
            return;
        }

        End(group);
    }

    private void End(SlotGroup group)
    {
        group.IsInRound = false;
        foreach (var member in group.Members)
        {
            if (!member.IsInRound) continue;
            member.IsInRound = false;
            turn.Save(member);
            if (!member.FailsWithGroup || member.Phase is not (SlotPhase.Waiting or SlotPhase.Backoff)) continue;
            Remains.BecomeFailed(member, turn);
            slots.Settle(member);
        }

        foreach (var member in group.Members.ToArray())
            dependencies.Retry(member);
    }
}
