namespace Lifeline.Monitor;

/// <summary>
/// Who depends on whom, and what follows from it when a slot has moved. A move costs as many steps as there are slots beside it that
/// wait for it.
/// </summary>
internal sealed class DependencyGraph(SlotSet slots)
{
    /// <summary>Works the links out anew from the specs. A slot that is being removed counts only for others that are.</summary>
    public void Link()
    {
        foreach (var slot in slots.InOrder)
            slot.Dependents.Clear();
        foreach (var slot in slots.InOrder)
            Link(slot);
    }

    /// <summary>A slot is gone: nobody waits for its end any more.</summary>
    public static void Unlink(Slot slot)
    {
        foreach (var dependency in slot.DependsOn)
            dependency.Dependents.Remove(slot);
    }

    /// <summary>Whoever depended on one slot of a service depends on the other from now on.</summary>
    public static void Hand(Slot from, Slot to)
    {
        foreach (var dependent in from.Dependents)
        {
            dependent.DependsOn = [.. dependent.DependsOn.Select(dependency => dependency == from ? to : dependency)];
            if (dependent.WaitsFor == from) dependent.WaitsFor = to;
            to.Dependents.Add(dependent);
        }

        from.Dependents.Clear();
        from.HeldBy = null;
    }

    /// <summary>The links of a slot have changed.</summary>
    public void Look(Slot slot)
    {
        if (slot.Phase == SlotPhase.Holding) Hold(slot);
    }

    /// <summary>A slot is in another phase than before.</summary>
    public void Follow(Slot slot)
    {
        if (Readiness.IsReady(slot)) Release(slot);
        if (slot.Phase == SlotPhase.Holding) Hold(slot);
        foreach (var dependency in slot.DependsOn)
            if (dependency.Phase == SlotPhase.Holding) HoldStep(dependency, slot);
    }

    /// <summary>After the links have changed: whoever waits looks again.</summary>
    public void LookAgain()
    {
        foreach (var slot in slots.InOrder.ToArray())
        {
            if (slot.Phase == SlotPhase.Waiting) Retry(slot);
            else if (slot.Phase == SlotPhase.Holding) Hold(slot);
        }
    }

    /// <summary>
    /// Somebody wants the slot to run: so shall what it depends on, the deepest first. What was given up is tried again.
    /// </summary>
    /// <returns>What was not wanted, or given up, before.</returns>
    public IReadOnlyList<Slot> Require(Slot slot)
    {
        if (slot.DependsOn.Count == 0) return [];
        var started = new List<Slot>();
        foreach (var dependency in BeneathInOrder(slot))
        {
            if (dependency.Removed || (dependency.Wanted && dependency.Phase is not SlotPhase.Failed)) continue;
            started.Add(dependency);
            slots.Apply(dependency, new(SlotTrigger.Start));
        }

        return started;
    }

    /// <summary>Everything a slot depends on, directly or not, each after what it depends on itself.</summary>
    public static List<Slot> BeneathInOrder(Slot slot)
    {
        var order = new List<Slot>();
        var seen = new HashSet<Slot> { slot };
        var open = new Stack<(Slot Slot, int Next)>();
        open.Push((slot, 0));
        while (open.TryPop(out var top))
        {
            if (top.Next == top.Slot.DependsOn.Count)
            {
                if (top.Slot != slot) order.Add(top.Slot);
                continue;
            }

            open.Push(top with { Next = top.Next + 1 });
            if (seen.Add(top.Slot.DependsOn[top.Next])) open.Push((top.Slot.DependsOn[top.Next], 0));
        }

        return order;
    }

    /// <summary>A slot that waits looks whether it still must.</summary>
    public void Retry(Slot slot)
    {
        if (slot.Phase == SlotPhase.Waiting && Readiness.MayLaunch(slot))
            slots.Apply(slot, new(SlotTrigger.Unblocked));
    }

    private void Link(Slot slot)
    {
        slot.MissingDependency = null;
        if (slot.Spec.DependsOn.Count == 0)
        {
            slot.DependsOn = [];
            return;
        }

        var dependencies = new List<Slot>(slot.Spec.DependsOn.Count);
        foreach (var name in slot.Spec.DependsOn)
        {
            if (slots.Find(name) is not { } dependency || (dependency.Removed && !slot.Removed))
            {
                slot.MissingDependency ??= name;
            }
            else if (dependency.Name != slot.Name && !dependencies.Contains(dependency))
            {
                dependencies.Add(dependency);
                dependency.Dependents.Add(slot);
            }
        }

        slot.DependsOn = dependencies;
    }

    // Only those that wait for this very slot look: one that waits for several looks once for each.
    private void Release(Slot slot)
    {
        for (var i = 0; i < slot.Dependents.Count; i++)
        {
            var dependent = slot.Dependents[i];
            if (dependent.Phase == SlotPhase.Waiting && dependent.WaitsFor == slot) Retry(dependent);
        }
    }

    private void Hold(Slot slot)
    {
        for (var i = 0; i < slot.Dependents.Count; i++)
            Ask(slot.Dependents[i]);
        slot.HeldBy = Readiness.FirstToEnd(slot);
        if (slot.HeldBy is null) slots.Apply(slot, new(SlotTrigger.DependentsGone));
    }

    private void HoldStep(Slot slot, Slot moved)
    {
        Ask(moved);
        if (slot.HeldBy is { } holder && Readiness.HoldsUp(holder)) return;
        slot.HeldBy = Readiness.FirstToEnd(slot);
        if (slot.HeldBy is null) slots.Apply(slot, new(SlotTrigger.DependentsGone));
    }

    private void Ask(Slot dependent)
    {
        if (dependent.Phase is SlotPhase.Starting or SlotPhase.Running)
            slots.Apply(dependent, new(SlotTrigger.Yield) { Cause = StopCause.Dependency });
    }
}
