using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>When a generation is probed, and what follows from what is found.</summary>
internal static class Probes
{
    private static readonly ProbeUse[] Uses = [ProbeUse.Live, ProbeUse.Ready];

    /// <summary>It was exec'd: whether it is ready is asked, if that is how it becomes ready.</summary>
    public static void BeginStarting(Slot slot, Turn turn)
    {
        if (slot.Spec.Ready == ReadyWhen.Probe) Begin(slot, turn, ProbeUse.Ready, isStarting: true);
    }

    /// <summary>It is ready: from now on it is asked whether it lives, and whether it is still ready if that is another question.</summary>
    public static void BeginRunning(Slot slot, Turn turn)
    {
        foreach (var use in Uses)
        {
            if (IsAskedWhileRunning(slot.Spec, use)) Begin(slot, turn, use, isStarting: false);
            else Forget(slot, turn, use);
        }
    }

    /// <summary>A reload: what changed takes effect at once.</summary>
    public static void Refresh(Slot slot, Turn turn)
    {
        if (slot.Phase == SlotPhase.Starting)
        {
            if (slot.Spec.Ready != ReadyWhen.Probe) End(slot, turn);
            else if (IsChanged(slot, ProbeUse.Ready)) BeginStarting(slot, turn);
        }
        else if (slot.Phase is SlotPhase.Running or SlotPhase.Holding)
        {
            RefreshRunning(slot, turn);
        }
    }

    /// <summary>Nobody asks any more. What was found stays until the generation is dead.</summary>
    public static void End(Slot slot, Turn turn)
    {
        if (!slot.LiveProbe.IsOn && !slot.ReadyProbe.IsOn) return;
        slot.LiveProbe.End();
        slot.ReadyProbe.End();
        turn.Order(new StopProbing(slot.Key));
    }

    public static void Take(Slot slot, Turn turn, ProbeResult result)
    {
        var watch = WatchOf(slot, result.Use);
        if (!watch.IsOn || SpecOf(slot.Spec, result.Use) is not { } spec || !watch.Take(result.IsGood, result.Text, spec)) return;
        if (slot.Phase == SlotPhase.Starting)
        {
            if (result.IsGood) BecomeReady(slot, turn);
            return;
        }

        // It is no news that a service which was just found ready is well.
        if (!result.IsGood || slot.Status.ProbedHealth > ServiceHealth.Healthy) Record(slot, turn, result.Use, watch, result.IsGood);
        slot.Status.SetProbed(HealthOf(slot));
        LifeSigns.RecordChanges(slot, turn);
        turn.Save(slot);
        if (!result.IsGood && result.Use == ProbeUse.Live && spec.Restarts)
            Ending.AskToStop(slot, turn, StopCause.Probe, DeathReason.Probe);
    }

    /// <summary>It is ended because it did not become ready: what its probe said last tells why.</summary>
    public static void TellUnready(Slot slot, Turn turn)
    {
        if (slot.ReadyProbe is { IsOn: true, FailuresInRow: > 0 }) Record(slot, turn, ProbeUse.Ready, slot.ReadyProbe, isGood: false);
    }

    /// <summary>Why it is unhealthy, if a probe says so.</summary>
    public static string? WhyUnhealthy(Slot slot) => slot.Status.ProbedHealth == ServiceHealth.Unhealthy ? slot.LiveProbe.Text : null;

    // What was just found ready is well.
    private static void BecomeReady(Slot slot, Turn turn)
    {
        Launching.BecomeReady(slot, turn);
        if (slot.Spec.ReadyProbe is null) slot.LiveProbe.Restore(ServiceHealth.Healthy);
        slot.Status.SetProbed(HealthOf(slot));
        LifeSigns.RecordChanges(slot, turn);
    }

    private static void RefreshRunning(Slot slot, Turn turn)
    {
        foreach (var use in Uses)
        {
            if (!IsAskedWhileRunning(slot.Spec, use)) Forget(slot, turn, use);
            else if (IsChanged(slot, use)) Begin(slot, turn, use, isStarting: false);
        }
    }

    // A probe that was taken out of the configuration has no opinion any more.
    private static void Forget(Slot slot, Turn turn, ProbeUse use)
    {
        End(slot, turn, use);
        WatchOf(slot, use).Reset();
        slot.Status.SetProbed(HealthOf(slot));
        LifeSigns.RecordChanges(slot, turn);
    }

    private static void Begin(Slot slot, Turn turn, ProbeUse use, bool isStarting)
    {
        WatchOf(slot, use).Begin(SpecOf(slot.Spec, use)?.Key ?? "");
        turn.Order(new StartProbing(slot.Key, slot.Generation, use, isStarting));
    }

    private static void End(Slot slot, Turn turn, ProbeUse use)
    {
        var watch = WatchOf(slot, use);
        if (!watch.IsOn) return;
        watch.End();
        turn.Order(new StopProbing(slot.Key, use));
    }

    private static bool IsAskedWhileRunning(ServiceSpec spec, ProbeUse use) => use == ProbeUse.Live
        ? spec.Probe is not null
        : spec is { Ready: ReadyWhen.Probe, ReadyProbe: not null };

    private static bool IsChanged(Slot slot, ProbeUse use) =>
        WatchOf(slot, use) is var watch && (!watch.IsOn || watch.Key != SpecOf(slot.Spec, use)?.Key);

    private static ProbeSpec? SpecOf(ServiceSpec spec, ProbeUse use) => use == ProbeUse.Live ? spec.Probe : spec.ReadyProbe ?? spec.Probe;

    private static ProbeWatch WatchOf(Slot slot, ProbeUse use) => use == ProbeUse.Live ? slot.LiveProbe : slot.ReadyProbe;

    // What lives but is not ready can do less than it should, and no more is known.
    private static ServiceHealth HealthOf(Slot slot)
    {
        var ready = slot.ReadyProbe.Verdict == ServiceHealth.Unhealthy ? ServiceHealth.Degraded : slot.ReadyProbe.Verdict;
        return slot.LiveProbe.Verdict > ready ? slot.LiveProbe.Verdict : ready;
    }

    private static void Record(Slot slot, Turn turn, ProbeUse use, ProbeWatch watch, bool isGood) =>
        turn.Record(slot, EventKinds.ServiceProbe, new EventData()
            .With("probe", use == ProbeUse.Live ? "probe" : "ready_probe")
            .With("good", isGood)
            .With("failures", watch.FailuresInRow)
            .With("text", watch.Text));
}
