using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>What a service says of its own life beside its status: reloads, an end by itself, time it needs, its main process.</summary>
internal static class Words
{
    /// <summary>The text of the status while a service reloads and says nothing else.</summary>
    public const string ReloadText = "reloading";

    public static void BeginReload(Slot slot, Turn turn)
    {
        slot.Heartbeat.NoteSign(turn.Now);
        if (slot.ReloadingSince is not null) return;
        slot.ReloadingSince = turn.Now;
        slot.TextBeforeReload = slot.Status.Latest?.Text ?? "";
        slot.IsReloadRecorded = MayRecord(slot, turn);
        if (slot.IsReloadRecorded) turn.Record(slot, EventKinds.ServiceReloading, new EventData());
        SetText(slot, turn, ReloadText);
        turn.Save(slot);
    }

    public static void EndReload(Slot slot, Turn turn)
    {
        slot.Heartbeat.NoteSign(turn.Now);
        if (slot.ReloadingSince is not { } since) return;
        if (slot.Status.Latest?.Text == ReloadText) SetText(slot, turn, slot.TextBeforeReload);
        if (slot.IsReloadRecorded)
            turn.Record(slot, EventKinds.ServiceReloaded, new EventData().With("took_us", Math.Max(0, turn.Now - since) / 1000));
        slot.ReloadingSince = null;
        slot.TextBeforeReload = "";
        turn.Save(slot);
    }

    /// <summary>What follows its end is up to the restart policy: nobody asked for it.</summary>
    public static void BeginQuitting(Slot slot, Turn turn)
    {
        slot.Phase = SlotPhase.Stopping;
        slot.Deadline = Monotonic.After(turn.Now, slot.Spec.StopTimeout);
        slot.Heartbeat.End();
        Probes.End(slot, turn);
        turn.Record(slot, EventKinds.ServiceStopping, new EventData()
            .With("cause", StopCause.Itself)
            .With("signal", EventValue.Null)
            .With("timeout_ms", (long)slot.Spec.StopTimeout.TotalMilliseconds));
        turn.Save(slot);
    }

    public static void Extend(Slot slot, Turn turn, TimeSpan time)
    {
        var until = Monotonic.After(turn.Now, time < turn.Options.MaxExtension ? time : turn.Options.MaxExtension);
        if (slot.Deadline is { } deadline) slot.Deadline = Math.Max(deadline, until);
        slot.Heartbeat.NoteSign(turn.Now);
        slot.Heartbeat.Extend(until);
    }

    public static void SetHeartbeat(Slot slot, Turn turn, TimeSpan wanted)
    {
        var limit = wanted == TimeSpan.Zero ? wanted
            : wanted < turn.Options.MinHeartbeat ? turn.Options.MinHeartbeat
            : wanted > turn.Options.MaxHeartbeat ? turn.Options.MaxHeartbeat : wanted;
        if (slot.HeartbeatTold == limit) return;
        slot.HeartbeatTold = limit;
        if (slot.HeartbeatLimit is null)
            slot.Heartbeat.End();
        else if (slot.Heartbeat.CheckAt is not null || slot.Phase is SlotPhase.Running or SlotPhase.Holding)
            slot.Heartbeat.Begin(slot.HeartbeatLimit, turn.Now);
        if (MayRecord(slot, turn))
        {
            turn.Record(slot, EventKinds.ServiceHeartbeat, new EventData()
                .With("heartbeat_ms", slot.HeartbeatLimit is { } now ? (long)now.TotalMilliseconds : EventValue.Null));
        }

        turn.Save(slot);
    }

    /// <summary>The order to watch it needs no commit: a keeper that knows more than the journal is believed.</summary>
    public static void ChangeMain(Slot slot, Turn turn, MainProcessTold told)
    {
        if (slot.Pid is not { } before || before == told.Pid) return;
        slot.Pid = told.Pid;
        slot.StartTicks = told.StartTicks;
        slot.IsDying = false;
        slot.DyingToldAt = null;
        if (MayRecord(slot, turn))
            turn.Record(slot, EventKinds.ServiceMainPid, new EventData().With("pid", told.Pid).With("before", before));
        turn.Save(slot);
        turn.Order(new WatchMain(slot.Key, slot.Generation, told.Pid, told.StartTicks, before));
    }

    public static void Reset(Slot slot)
    {
        slot.ReloadingSince = null;
        slot.TextBeforeReload = "";
        slot.HeartbeatTold = null;
        slot.EarlyMain = null;
    }

    private static void SetText(Slot slot, Turn turn, string text)
    {
        var report = slot.Status.Latest ?? new StatusReport { Health = slot.Status.ReportedHealth };
        if (slot.Status.Take(report with { Text = text, AtNanoseconds = turn.Now }, turn.Now, slot.Spec.StatusEvents))
            LifeSigns.RecordChanges(slot, turn);
    }

    // A service may say such things as often as it likes; the journal must not grow with it.
    private static bool MayRecord(Slot slot, Turn turn)
    {
        if (turn.Now >= slot.WordsWindowEnds)
        {
            slot.WordsWindowEnds = Monotonic.After(turn.Now, slot.Spec.StatusEvents);
            slot.WordsRecorded = 0;
        }

        return slot.WordsRecorded++ < turn.Options.MaxWordEvents;
    }
}
