using System.Globalization;
using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>What the death of a member means for its group.</summary>
internal static class GroupPolicy
{
    /// <summary>A member died and is to be restarted: it and those concerned, or nobody if the budget is spent.</summary>
    public static void Decide(Slot slot, SlotGroup group, Turn turn)
    {
        if (slot.OnProbation)
            Fail(slot, group, turn, $"{Cause(slot)}; it died again after a slow retry (failed_retry)");
        else if (!TrySpendRestart(slot, group, turn.Now))
            Fail(slot, group, turn, string.Create(CultureInfo.InvariantCulture,
                $"{Cause(slot)}; {RestartPolicy.MoreThan(group.Spec.MaxRestarts)} within {group.Spec.RestartWindow.TotalSeconds:0.###} s in the group {group.Spec.Name} (its max_restarts, restart_window)"));
        else
            Restart(slot, group, turn);
    }

    /// <summary>A member that is in a round has died, or one that its group did not wait for: nothing is decided anew.</summary>
    public static void Follow(Slot slot, Turn turn)
    {
        if (!slot.IsInRound && slot.RestartAt <= turn.Now)
        {
            // The others were tried again meanwhile: it joins them.
            slot.FailsWithGroup = false;
            slot.FailedBecause = null;
        }

        slot.After = slot.FailsWithGroup ? AfterReclaim.Fail : AfterReclaim.Restart;
        slot.RestartAt = Math.Max(slot.RestartAt, turn.Now);
    }

    private static void Restart(Slot slot, SlotGroup group, Turn turn)
    {
        RestartPolicy.RestartAfterBackoff(slot, turn);
        var first = group.Spec.Strategy == GroupStrategy.RestForOne ? group.Members.IndexOf(slot) : 0;
        var concerned = 0;
        for (var i = first; i < group.Members.Count; i++)
        {
            var member = group.Members[i];
            if (member != slot && !(member.Wanted && Readiness.HoldsUp(member) && !IsDone(member))) continue;
            concerned += member == slot ? 0 : 1;
            member.IsInRound = true;
            member.RestartAt = Math.Max(member.RestartAt, slot.RestartAt);
            turn.Save(member);
        }

        Begin(group);
        turn.Record(slot, EventKinds.GroupRestarting, new EventData()
            .With("group", group.Spec.Name)
            .With("members", concerned)
            .With("failed", false));
    }

    // All members stop and are tried again together.
    private static void Fail(Slot slot, SlotGroup group, Turn turn, string because)
    {
        var retryAt = RetryAt(slot, group, turn);
        var concerned = 0;
        foreach (var member in group.Members)
        {
            var isConcerned = member.Wanted && !IsDone(member) && member.Phase is not SlotPhase.Failed;
            if (member != slot && !isConcerned) continue;
            concerned += member == slot ? 0 : 1;
            member.IsInRound = true;
            member.FailsWithGroup = true;
            member.After = AfterReclaim.Fail;
            member.FailedBecause = because;
            member.RestartAt = retryAt;
            member.FailedRetries = slot.FailedRetries;
            turn.Save(member);
        }

        Begin(group);
        turn.Record(slot, EventKinds.GroupRestarting, new EventData()
            .With("group", group.Spec.Name)
            .With("members", concerned)
            .With("failed", true));
    }

    // The soonest of what the members say: they come back together or not at all.
    private static long RetryAt(Slot slot, SlotGroup group, Turn turn)
    {
        var at = Monotonic.Never;
        foreach (var member in group.Members)
            if (member.Wanted && RestartPolicy.RetryDelay(member.Spec, slot.FailedRetries) is { } delay)
                at = Math.Min(at, Monotonic.After(turn.Now, delay));
        return at;
    }

    private static string Cause(Slot slot) => $"{slot.Name}: {Ending.Text(slot.LastDeath!)}";

    private static bool IsDone(Slot member) =>
        member.Phase == SlotPhase.Exited || (member.Phase == SlotPhase.Reclaiming && member.After is AfterReclaim.Exit or AfterReclaim.Fail);

    private static void Begin(SlotGroup group)
    {
        group.IsInRound = true;
        group.Cursor = group.Members.Count - 1;
    }

    private static bool TrySpendRestart(Slot slot, SlotGroup group, long now)
    {
        if (group.Spec.MaxRestarts > ServiceSpec.MaxRestartBudget)
        {
            group.RestartTimes.Clear();
            slot.GroupTimes.Clear();
            return true;
        }

        var window = Monotonic.Nanoseconds(group.Spec.RestartWindow);
        Forget(group.RestartTimes, now - window);
        Forget(slot.GroupTimes, now - window);
        if (group.RestartTimes.Count >= group.Spec.MaxRestarts) return false;
        group.RestartTimes.Enqueue(now);
        slot.GroupTimes.Enqueue(now);
        return true;
    }

    private static void Forget(Queue<long> times, long until)
    {
        while (times.TryPeek(out var oldest) && oldest <= until)
            times.Dequeue();
    }
}
