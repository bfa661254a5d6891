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
        foreach (var channel in slot.Channels)
        {
            if (!channel.On.Contains(rule)) continue;
            var index = Find(slot, channel.Name, rule);
            var record = slot.Alerts[index];
            if (record.RaisedAt is { } raisedAt && turn.Now < Monotonic.After(raisedAt, channel.Throttle))
                slot.Alerts[index] = record with
                {
                    Suppressed = record.Suppressed + 1, HeldBack = text, HeldBackGeneration = slot.Generation,
                };
            else
                RaiseNow(slot, turn, index, text, slot.Generation);
            turn.Save(slot);
        }
    }

    /// <summary>When the next held-back alert may go; null: none is.</summary>
    public static long? NextDue(Slot slot)
    {
        long? due = null;
        foreach (var record in slot.Alerts)
        {
            if (record.HeldBack is not null)
                due = Monotonic.Earliest(due, DueAt(slot, record));
        }

        return due;
    }

    /// <summary>What was held back and still holds goes now.</summary>
    public static void RaiseHeldBack(Slot slot, Turn turn)
    {
        for (var i = 0; i < slot.Alerts.Count; i++)
        {
            var record = slot.Alerts[i];
            if (record.HeldBack is not { } text || turn.Now < DueAt(slot, record)) continue;
            RaiseNow(slot, turn, i, text, record.HeldBackGeneration);
            turn.Save(slot);
        }
    }

    /// <summary>It runs and is ready again (or is no longer unhealthy): all alerts, or those of one rule, are over.</summary>
    public static void Recover(Slot slot, Turn turn, AlertRule? rule = null) =>
        Resolve(slot, turn, rule, Recovered, rule == AlertRule.Unhealthy
            ? $"{slot.Name} is no longer unhealthy"
            : $"{slot.Name} is running again");

    /// <summary>It is no longer meant to run: its alerts are over, and nobody is told that it recovered.</summary>
    public static void Close(Slot slot, Turn turn, string cause) =>
        Resolve(slot, turn, null, cause, $"{slot.Name} is {cause}");

    /// <summary>Channels that left the configuration have no alerts any more.</summary>
    public static void DropUnknown(Slot slot, Turn turn)
    {
        if (slot.Alerts.RemoveAll(record => slot.Channels.All(channel => channel.Name != record.Alert)) > 0)
            turn.Save(slot);
    }

    // One recovery may close several alerts of a channel; it is told once.
    private static void Resolve(Slot slot, Turn turn, AlertRule? rule, string cause, string text)
    {
        HashSet<string>? told = null;
        for (var i = 0; i < slot.Alerts.Count; i++)
        {
            var record = slot.Alerts[i];
            if ((rule is not null && record.Rule != rule) || (!record.Open && record.HeldBack is null)) continue;
            slot.Alerts[i] = record with { Open = false, HeldBack = null };
            turn.Save(slot);
            if (!record.Open) continue;
            turn.Record(slot, EventKinds.AlertResolved, new EventData()
                .With("alert", record.Alert)
                .With("rule", AlertRuleNames.Of(record.Rule))
                .With("cause", cause));
            var notify = cause == Recovered && ListensTo(slot, record.Alert, AlertRule.Recovered) && (told ??= []).Add(record.Alert);
            turn.Order(new ResolveAlert(record.Alert, record.Rule, slot.Name, slot.Generation, text, notify));
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
            .With("suppressed", record.Suppressed));
        turn.Order(new RaiseAlert(record.Alert, record.Rule, slot.Name, generation, text, record.Suppressed));
        slot.Alerts[index] = record with { Open = true, RaisedAt = turn.Now, Suppressed = 0, HeldBack = null };
    }

    private static long DueAt(Slot slot, AlertRecord record)
    {
        foreach (var channel in slot.Channels)
            if (channel.Name == record.Alert) return Monotonic.After(record.RaisedAt ?? 0, channel.Throttle);
        return record.RaisedAt ?? 0;
    }

    private static int Find(Slot slot, string alert, AlertRule rule)
    {
        for (var i = 0; i < slot.Alerts.Count; i++)
            if (slot.Alerts[i].Alert == alert && slot.Alerts[i].Rule == rule) return i;
        slot.Alerts.Add(new(alert, rule));
        return slot.Alerts.Count - 1;
    }
}
