using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>What the living say: beats, reports, sessions, claims.</summary>
internal static class LifeSigns
{
    public static void TakeStatus(Slot slot, Turn turn, StatusReport report)
    {
        slot.Heartbeat.NoteSign(turn.Now);
        if (!slot.Status.Take(report, turn.Now, slot.Spec.StatusEvents)) return;
        if (SaysReady(slot.Spec, report))
        {
            if (slot.Phase == SlotPhase.Starting) Launching.BecomeReady(slot, turn);
            if (slot.Phase == SlotPhase.Launching) slot.ReadyEarly = true;
        }

        slot.Status.SetHealth(report.Health);
        RecordChanges(slot, turn);
    }

    /// <summary>The last words of the dead: kept and shown; they are no news of its health any more.</summary>
    public static void KeepStatus(Slot slot, Turn turn, StatusReport report)
    {
        if (slot.Status.Take(report, turn.Now, slot.Spec.StatusEvents)) RecordChanges(slot, turn);
    }

    /// <summary>What the throttle held back is recorded before the death is.</summary>
    public static void LastWords(Slot slot, Turn turn)
    {
        if (slot.Status.TryRecordStatus(turn.Now, evenIfEarly: true)) RecordStatus(slot, turn);
    }

    public static void RecordChanges(Slot slot, Turn turn)
    {
        if (slot.Status.TryRecordHealth(turn.Now, turn.Options.MaxHealthEvents, out var from)) RecordHealth(slot, turn, from);
        if (slot.Status.TryRecordStatus(turn.Now)) RecordStatus(slot, turn);
    }

    public static void NoteSession(Slot slot, Turn turn, long session)
    {
        RecordLostSessions(slot, turn);
        // It lives: it had replaced its program, which looks like an end at first.
        slot.IsDying = false;
        slot.DyingToldAt = null;
        slot.Sessions.Open(session, turn.Options.MaxSessions);
        slot.Heartbeat.NoteSign(turn.Now);
        if (slot.Phase == SlotPhase.Starting) slot.Heartbeat.Begin(slot.HeartbeatLimit, turn.Now);
    }

    /// <summary>Most processes are gone in the next moment, and their death says all. An end that takes longer is told; and it is no hang.</summary>
    public static void NoteDying(Slot slot, Turn turn, int pid)
    {
        if (slot.Pid != pid || slot.IsDying) return;
        slot.IsDying = true;
        slot.DyingToldAt = Monotonic.After(turn.Now, turn.Options.DyingGrace);
        slot.Heartbeat.NoteSign(turn.Now);
    }

    public static void RecordDying(Slot slot, Turn turn)
    {
        slot.DyingToldAt = null;
        turn.Record(slot, EventKinds.ServiceDying, new EventData().With("pid", slot.Pid));
    }

    /// <summary>Its process may be dead and the notice on its way: the loss counts after a moment.</summary>
    public static void NoteSessionLost(Slot slot, Turn turn, SessionLost lost) =>
        slot.Sessions.Lose(lost.Session, lost.Reason, Monotonic.After(turn.Now, turn.Options.SessionGrace));

    /// <summary>Sessions that a living process lost: its health is unknown once the last one is gone.</summary>
    public static void RecordLostSessions(Slot slot, Turn turn)
    {
        if (slot.Sessions.Lost.Count == 0) return;
        foreach (var (session, reason) in slot.Sessions.Lost)
        {
            turn.Record(slot, EventKinds.SessionLost, new EventData()
                .With("session", session)
                .With("reason", reason)
                .With("sessions_left", slot.Sessions.Count));
        }

        slot.Sessions.ForgetLost();
        if (slot.Sessions.Count > 0) return;
        slot.Status.SetHealth(ServiceHealth.Unknown);
        RecordChanges(slot, turn);
    }

    public static void NoteClaim(Slot slot, Turn turn, ClaimRecord claim, bool isTaken)
    {
        var known = slot.Claims.Contains(claim);
        if (isTaken && !known && slot.Claims.Count < turn.Options.MaxClaims)
            slot.Claims.Add(claim);
        else if (isTaken || !slot.Claims.Remove(claim))
            return;
        turn.Save(slot);
    }

    public static void NoteFound(Slot slot, Turn turn, IReadOnlyList<FoundRecord> found)
    {
        var before = slot.Found.Count;
        foreach (var thing in found)
            if (slot.Found.Count < turn.Options.MaxFound && !slot.Found.Contains(thing))
                slot.Found.Add(thing);
        if (slot.Found.Count != before) turn.Save(slot);
    }

    private static bool SaysReady(ServiceSpec spec, StatusReport report) => spec.Ready == ReadyWhen.Status
        && (report.Ready ?? report.Health is ServiceHealth.Healthy or ServiceHealth.Degraded);

    private static void RecordHealth(Slot slot, Turn turn, ServiceHealth from)
    {
        var to = slot.Status.RecordedHealth;
        turn.Record(slot, EventKinds.ServiceHealth, new EventData().With("from", JsonNames.Of(from)).With("to", JsonNames.Of(to)));
        turn.Save(slot);
        if (to == ServiceHealth.Unhealthy)
            AlertBook.Raise(slot, turn, AlertRule.Unhealthy, Probes.WhyUnhealthy(slot) is { } why
                ? $"{slot.Name} is unhealthy: {why}"
                : $"{slot.Name} reports itself unhealthy{Because(slot)}");
        else if (to != ServiceHealth.Unknown)
            AlertBook.Recover(slot, turn, AlertRule.Unhealthy, $"{slot.Name} is no longer unhealthy");
    }

    private static string Because(Slot slot) => slot.Status.Latest is { Text.Length: > 0 } report ? ": " + report.Text : "";

    private static void RecordStatus(Slot slot, Turn turn)
    {
        var report = slot.Status.Recorded!;
        var fields = new EventData();
        foreach (var (key, value) in report.Fields)
            fields.With(key, Value(value));
        turn.Record(slot, EventKinds.ServiceStatus, new EventData()
            .With("code", report.Code)
            .With("text", report.Text)
            .With("fields", fields));
        turn.Save(slot);
    }

    private static EventValue Value(StatusValue value) => value.Kind switch
    {
        StatusValueKind.Integer => value.AsInteger(),
        StatusValueKind.Number => value.AsNumber(),
        StatusValueKind.Boolean => value.AsBoolean(),
        _ => value.AsText(),
    };
}
