using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>The way up: a new generation, its exec, its readiness.</summary>
internal static class Launching
{
    /// <summary>Begins the next generation, or waits until it may. The dead one before it must be proven clean.</summary>
    public static void Begin(Slot slot, Turn turn)
    {
        if (!Readiness.MayLaunch(slot))
        {
            Wait(slot, turn);
            return;
        }

        slot.Generation = Slot.NextGeneration(slot);
        slot.ReplacementFailure = null;
        slot.LaunchKey = slot.Spec.LaunchKey;
        slot.Pid = null;
        slot.StartTicks = 0;
        slot.ExecAt = slot.ReadyAt = null;
        slot.StartedTime = slot.ReadyTime = null;
        slot.ReadyEarly = false;
        slot.IsInRound = slot.FailsWithGroup = false;
        slot.EndReason = null;
        slot.Kills = 0;
        slot.ReclaimAttempt = 0;
        slot.FailedBecause = slot.StuckBecause = null;
        slot.Claims.Clear();
        Words.Reset(slot);
        slot.Found.Clear();
        slot.KillError = null;
        slot.Status.Reset();
        slot.LiveProbe.Reset();
        slot.ReadyProbe.Reset();
        if (slot.RestartCounts) slot.Restarts++;
        slot.RestartCounts = false;
        slot.Phase = SlotPhase.Launching;
        slot.Deadline = Monotonic.After(turn.Now, turn.Options.LaunchTimeout + slot.Spec.PrepareTimeout);
        turn.Record(slot, EventKinds.ServiceStarting, new EventData().With("restarts", slot.Restarts));
        turn.Save(slot);
        turn.Order(new Launch(slot.Key, slot.Generation));
    }

    // The time until then is the dependency's, not the restart's.
    private static void Wait(Slot slot, Turn turn)
    {
        slot.Phase = SlotPhase.Waiting;
        slot.Deadline = null;
        slot.RestartFollowsDeath = false;
        slot.FailedBecause = null;
        var service = slot.MissingDependency ?? slot.WaitsFor?.Name;
        var data = new EventData()
            .With("for", service ?? slot.Group?.Spec.Name)
            .With("state", slot.WaitsFor is { } dependency ? JsonNames.Of(dependency.State) : EventValue.Null);
        turn.Record(slot, EventKinds.ServiceWaiting, service is null && slot.Group is { } group ? data.With("group", group.Spec.Name) : data);
        turn.Save(slot);
    }

    public static void BeginFresh(Slot slot, Turn turn)
    {
        slot.Wanted = true;
        slot.RestartFollowsDeath = false;
        RestartPolicy.StartAnew(slot);
        Begin(slot, turn);
    }

    public static void BeginRetry(Slot slot, Turn turn)
    {
        slot.OnProbation = true;
        slot.FailedRetries++;
        slot.RestartCounts = true;
        slot.RestartFollowsDeath = true;
        Begin(slot, turn);
    }

    public static void NoteLaunched(Slot slot, Turn turn, int? pid, long startTicks, long execAt, long? prepared)
    {
        NoteProcess(slot, turn, pid, startTicks, execAt, prepared);
        slot.Phase = SlotPhase.Starting;
        slot.Deadline = Monotonic.After(execAt, slot.Spec.ReadyTimeout);
        if (slot.EarlyMain is { } main) Words.ChangeMain(slot, turn, main);
        if (slot.Sessions.Count > 0) slot.Heartbeat.Begin(slot.HeartbeatLimit, turn.Now);
        if (!slot.Wanted)
            Ending.AskToStop(slot, turn, StopCause.Of(slot, turn));
        else if (slot.Spec.Ready == ReadyWhen.Exec || slot.ReadyEarly)
            BecomeReady(slot, turn);
        else
            Probes.BeginStarting(slot, turn);
    }

    /// <summary>The process exists, whatever becomes of it.</summary>
    public static void NoteProcess(Slot slot, Turn turn, int? pid, long startTicks, long execAt, long? prepared)
    {
        slot.Pid = pid;
        slot.StartTicks = startTicks;
        slot.ExecAt = execAt;
        slot.StartedTime = turn.TimeOf(execAt);
        if (slot.RestartFollowsDeath && slot.LastDeath is { } death)
            slot.LastDeath = death with { RestartNanoseconds = Math.Max(0, execAt - death.ExitAt) };
        slot.RestartFollowsDeath = false;
        var data = new EventData().With("pid", pid);
        if (prepared is { } took) data = data.With("before_start_us", took / 1000);
        turn.Record(slot, EventKinds.ServiceStarted, data);
        turn.Save(slot);
    }

    public static void BecomeReady(Slot slot, Turn turn)
    {
        slot.Phase = SlotPhase.Running;
        slot.Deadline = null;
        slot.ReadyAt = turn.Now;
        slot.ReadyTime = turn.TimeOf(turn.Now);
        slot.Heartbeat.Begin(slot.HeartbeatLimit, turn.Now);
        Probes.BeginRunning(slot, turn);
        turn.Record(slot, EventKinds.ServiceReady,
            new EventData().With("after_us", slot.ExecAt is { } execAt ? Math.Max(0, turn.Now - execAt) / 1000 : EventValue.Null));
        turn.Save(slot);
        AlertBook.BecomeReady(slot, turn);
    }

    /// <summary>A former monitor or keeper started it: it goes on, and no deadline has run out while nobody looked.</summary>
    public static void Adopt(Slot slot, Turn turn, InstanceReport report)
    {
        slot.Pid = report.Pid ?? slot.Pid;
        if (report.StartTicks != 0) slot.StartTicks = report.StartTicks;
        slot.ExecAt ??= report.ExecAt;
        if (slot.Deadline is { } deadline)
            slot.Deadline = Math.Max(deadline, Monotonic.After(turn.Now, turn.Options.RecoveryGrace));
        slot.Heartbeat.End();
        if (slot.Phase is SlotPhase.Running or SlotPhase.Holding) slot.Heartbeat.Begin(slot.HeartbeatLimit, turn.Now);
        turn.Record(slot, EventKinds.ServiceAdopted, new EventData().With("pid", slot.Pid));
        turn.Save(slot);
        if (slot.Phase is SlotPhase.Running or SlotPhase.Holding) Probes.BeginRunning(slot, turn);
        else if (slot.Spec.Ready == ReadyWhen.Exec) BecomeReady(slot, turn);
        else Probes.BeginStarting(slot, turn);
    }
}
