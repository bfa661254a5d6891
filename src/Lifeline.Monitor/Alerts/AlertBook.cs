using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>Which alerts a slot has open, which are held back, and when people are told.</summary>
internal static class AlertBook
{
    private const string Recovered = "recovered";

    /// <summary>The channels that listen to a service; worked out when the configuration changes.</summary>
    public static IReadOnlyList<AlertSpec> ChannelsOf(string service, IReadOnlyList<AlertSpec> alerts) =>
        [.. alerts.Where(alert => alert.Services.Any(pattern => NamePattern.Matches(pattern, service)))];

    public static void Raise(Slot slot, Turn turn, AlertRule rule, string text)
    {
        if (slot is { Role: not SlotRole.Active, Twin: { } active })
        {
            // What becomes of a generation that comes or goes beside the one that serves concerns nobody, unless it stays.
            if (rule != AlertRule.ReclaimFailed) return;
            slot = active;
        }

        var id = slot.Alerts.Where(alert => alert.Rule == rule && IsLive(alert)).Select(alert => alert.Id).FirstOrDefault();
        foreach (var channel in slot.Channels)
        {
            if (!channel.On.Contains(rule)) continue;
            if (id == 0) id = turn.Alerts.NewId();
            Raise(slot, turn, channel, Find(slot, channel.Name, rule), id, text);
            turn.Save(slot);
        }
    }

    /// <summary>When the next alert may go, or is over; null: nothing is to be done.</summary>
    public static long? NextDue(Slot slot, Turn turn)
    {
        long? due = StableAt(slot);
        foreach (var record in slot.Alerts)
        {
            if (record.HeldBack is not null && !IsAcknowledged(record))
                due = Monotonic.Earliest(due, DueAt(slot, record, turn));
        }

        return due;
    }

    /// <summary>Something was due: what was held back and still holds goes now, and what ran stably has recovered.</summary>
    public static void Look(Slot slot, Turn turn)
    {
        if (StableAt(slot) <= turn.Now) RecoverAll(slot, turn);
        for (var i = 0; i < slot.Alerts.Count; i++)
        {
            var record = slot.Alerts[i];
            if (record.HeldBack is not { } text || IsAcknowledged(record) || turn.Now < DueAt(slot, record, turn)) continue;
            RaiseNow(slot, turn, i, text, record.HeldBackGeneration);
            turn.Save(slot);
        }
    }

    /// <summary>
    /// It runs and is ready again: its alerts are over. Not yet if it keeps dying, or runs on trial after it had failed: then what
    /// is open stays open until it has run stably (<c>reset_after</c>), instead of being raised and resolved in turn.
    /// </summary>
    public static void BecomeReady(Slot slot, Turn turn)
    {
        if (IsOnTrial(slot)) DropHeldBack(slot, turn);
        else RecoverAll(slot, turn);
    }

    /// <summary>What one rule tells of is over.</summary>
    public static void Recover(Slot slot, Turn turn, AlertRule rule, string text) =>
        Resolve(slot, turn, record => record.Rule == rule, Recovered, text);

    /// <summary>It is no longer meant to run: its alerts are over, and nobody is told that it recovered.</summary>
    public static void Close(Slot slot, Turn turn, string cause) =>
        Resolve(slot, turn, _ => true, cause, $"{slot.Name} is {cause}");

    /// <summary>Channels that left the configuration have no alerts any more.</summary>
    public static void DropUnknown(Slot slot, Turn turn)
    {
        if (slot.Alerts.RemoveAll(record => slot.Channels.All(channel => channel.Name != record.Alert)) > 0)
            turn.Save(slot);
    }

    private static bool IsOnTrial(Slot slot) => slot.OnProbation || slot.DeathsInRow > 1;

    private static bool IsLive(AlertRecord record) => record.Open || record.HeldBack is not null;

    private static bool IsAcknowledged(AlertRecord record) => record.Open && record.AcknowledgedBy is not null;

    // Those are open on purpose while it runs; what it says of its own health is another matter.
    private static bool WaitsForStability(AlertRecord record) => record.Open && record.Rule != AlertRule.Unhealthy;

    private static long? StableAt(Slot slot) =>
        slot is { Phase: SlotPhase.Running, ReplacementFailure: null } && slot.ReadyAt is { } readyAt && slot.Alerts.Exists(WaitsForStability)
            ? Monotonic.After(readyAt, slot.Spec.Backoff.ResetAfter)
            : null;

    private static void RecoverAll(Slot slot, Turn turn)
    {
        // What it reports now is newer than its start.
        var isUnhealthy = slot.Status.Health == ServiceHealth.Unhealthy;
        Resolve(slot, turn, record => !isUnhealthy || record.Rule != AlertRule.Unhealthy, Recovered, $"{slot.Name} is running again");
    }

    private static void Raise(Slot slot, Turn turn, AlertSpec channel, int index, long id, string text)
    {
        var record = slot.Alerts[index];
        if (!IsLive(record))
            record = record with { Since = turn.TimeOf(turn.Now), Count = 0 };
        var isWaiting = record.HeldBack is null && record.RaisedAt is null && turn.Alerts.SilentUntil(channel.Name, slot.Name, turn) is null;
        record = slot.Alerts[index] = record with
        {
            Id = id,
            Count = record.Count + 1,
            HeldBack = text,
            HeldBackGeneration = slot.Generation,
            HoldsSince = record.HoldsSince ?? turn.Now,
        };
        if (!IsAcknowledged(record) && turn.Now >= DueAt(slot, record, turn))
            RaiseNow(slot, turn, index, text, slot.Generation);
        else if (!isWaiting)
            slot.Alerts[index] = record with { Suppressed = record.Suppressed + 1 };
    }

    private static void DropHeldBack(Slot slot, Turn turn)
    {
        for (var i = 0; i < slot.Alerts.Count; i++)
        {
            if (slot.Alerts[i].HeldBack is null) continue;
            slot.Alerts[i] = slot.Alerts[i] with { HeldBack = null, HoldsSince = null };
            turn.Save(slot);
        }
    }

    // One recovery may close several alerts of a channel; it is told once.
    private static void Resolve(Slot slot, Turn turn, Predicate<AlertRecord> which, string cause, string text)
    {
        HashSet<string>? told = null;
        for (var i = 0; i < slot.Alerts.Count; i++)
        {
            var record = slot.Alerts[i];
            if (!IsLive(record) || !which(record)) continue;
            slot.Alerts[i] = new AlertRecord(record.Alert, record.Rule) { RaisedAt = record.RaisedAt, Suppressed = record.Suppressed };
            turn.Save(slot);
            if (!record.Open) continue;
            turn.Record(slot, EventKinds.AlertResolved, new EventData()
                .With("alert", record.Alert)
                .With("rule", AlertRuleNames.Of(record.Rule))
                .With("cause", cause)
                .With("alert_id", record.Id));
            var notify = cause == Recovered && ListensTo(slot, record.Alert, AlertRule.Recovered) && (told ??= []).Add(record.Alert);
            turn.Order(new ResolveAlert(record.Alert, record.Rule, slot.Name, slot.Generation, text, notify) { Id = record.Id, Since = record.Since });
        }
    }

    private static bool ListensTo(Slot slot, string alert, AlertRule rule)
    {
        foreach (var channel in slot.Channels)
            if (channel.Name == alert) return channel.On.Contains(rule);
        return false;
    }

    private static void RaiseNow(Slot slot, Turn turn, int index, string text, int generation)
    {
        var record = slot.Alerts[index];
        turn.Record(slot, EventKinds.AlertRaised, new EventData()
            .With("alert", record.Alert)
            .With("rule", AlertRuleNames.Of(record.Rule))
            .With("text", text)
            .With("suppressed", record.Suppressed)
            .With("alert_id", record.Id));
        turn.Order(new RaiseAlert(record.Alert, record.Rule, slot.Name, generation, text, record.Suppressed) { Id = record.Id, Since = record.Since });
        slot.Alerts[index] = record with
        {
            Open = true, RaisedAt = turn.Now, Text = text, Generation = generation, Suppressed = 0, HeldBack = null, HoldsSince = null,
        };
    }

    private static long DueAt(Slot slot, AlertRecord record, Turn turn)
    {
        var due = record.RaisedAt ?? 0;
        foreach (var channel in slot.Channels)
        {
            if (channel.Name != record.Alert) continue;
            if (record.RaisedAt is { } raisedAt) due = Monotonic.After(raisedAt, channel.Throttle);
            if (!record.Open && record.HoldsSince is { } since) due = Math.Max(due, Monotonic.After(since, channel.For));
            break;
        }

        return Math.Max(due, turn.Alerts.SilentUntil(record.Alert, slot.Name, turn) ?? 0);
    }

    private static int Find(Slot slot, string alert, AlertRule rule)
    {
        for (var i = 0; i < slot.Alerts.Count; i++)
            if (slot.Alerts[i].Alert == alert && slot.Alerts[i].Rule == rule) return i;
        slot.Alerts.Add(new(alert, rule));
        return slot.Alerts.Count - 1;
    }
}
