using System.Globalization;
using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>What people say about alerts: I take care; be quiet; speak again.</summary>
internal static class AlertOrders
{
    public static void Handle(AlertOrder order, SlotSet slots, Turn turn)
    {
        var (refusal, message) = order switch
        {
            AcknowledgeOrder acknowledge => Acknowledge(acknowledge, slots, turn),
            UnacknowledgeOrder unacknowledge => Unacknowledge(unacknowledge, slots, turn),
            SilenceOrder silence => Silence(silence, slots, turn),
            _ => Unsilence((UnsilenceOrder)order, turn),
        };
        turn.Order(new AnswerOrder(order.Id, refusal, message));

        // A silence, or nobody who takes care any more, moves the time at which what is held back goes out.
        if (refusal is null && order is not AcknowledgeOrder)
            foreach (var slot in slots.InOrder.ToArray())
                slots.Settle(slot);
    }

    private static (OrderRefusal?, string) Acknowledge(AcknowledgeOrder order, SlotSet slots, Turn turn)
    {
        var id = long.TryParse(order.Target, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
        var found = 0;
        foreach (var slot in slots.InOrder)
            if (slot.Name == order.Target || slot.Alerts.Exists(alert => alert.Id == id))
                found += Acknowledge(slot, slot.Name == order.Target ? null : id, order, turn);
        return found > 0
            ? (null, $"{found} acknowledged")
            : (OrderRefusal.NotFound, NotFound(order.Target, "open", slots));
    }

    private static string NotFound(string target, string state, SlotSet slots) =>
        long.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? string.Create(CultureInfo.InvariantCulture, $"no alert with the number {id} is {state}; \"lifeline alert list\" shows those that are open")
            : slots.Find(target) is not null
                ? $"no alert about {target} is {state}; \"lifeline alert list\" shows those that are open"
                : $"there is no service \"{target}\"; give the number of an alert (\"lifeline alert list\" shows them) or a service";

    private static int Acknowledge(Slot slot, long? id, AcknowledgeOrder order, Turn turn)
    {
        var told = new HashSet<long>();
        for (var i = 0; i < slot.Alerts.Count; i++)
        {
            var alert = slot.Alerts[i];
            if (!alert.Open || (id is not null && alert.Id != id)) continue;
            slot.Alerts[i] = alert with { AcknowledgedBy = order.By, AcknowledgedAt = turn.TimeOf(turn.Now), Note = order.Note };
            turn.Save(slot);
            if (!told.Add(alert.Id)) continue;
            turn.Record(slot, EventKinds.AlertAcknowledged, new EventData()
                .With("alert_id", alert.Id)
                .With("rule", AlertRuleNames.Of(alert.Rule))
                .With("by", order.By)
                .With("note", order.Note));
        }

        return told.Count;
    }

    private static (OrderRefusal?, string) Unacknowledge(UnacknowledgeOrder order, SlotSet slots, Turn turn)
    {
        var id = long.TryParse(order.Target, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
        var told = new HashSet<long>();
        foreach (var slot in slots.InOrder)
        {
            for (var i = 0; i < slot.Alerts.Count; i++)
            {
                var alert = slot.Alerts[i];
                if (!alert.Open || alert.AcknowledgedBy is null || (slot.Name != order.Target && alert.Id != id)) continue;
                slot.Alerts[i] = alert with { AcknowledgedBy = null, AcknowledgedAt = null, Note = null };
                turn.Save(slot);
                if (!told.Add(alert.Id)) continue;
                turn.Record(slot, EventKinds.AlertUnacknowledged, new EventData()
                    .With("alert_id", alert.Id)
                    .With("rule", AlertRuleNames.Of(alert.Rule))
                    .With("by", order.By));
            }
        }

        return told.Count > 0
            ? (null, $"{told.Count} no longer acknowledged")
            : (OrderRefusal.NotFound, NotFound(order.Target, "acknowledged", slots));
    }

    private static (OrderRefusal?, string) Silence(SilenceOrder order, SlotSet slots, Turn turn)
    {
        var isKnown = turn.Alerts.Channels.Any(channel => channel.Name == order.Target)
            || slots.InOrder.Any(slot => NamePattern.Matches(order.Target, slot.Name));
        if (!isKnown)
            return (OrderRefusal.NotFound, $"there is no alert channel and no service \"{order.Target}\"");
        var now = turn.TimeOf(turn.Now);
        var silence = new AlertSilence { Target = order.Target, Since = now, Until = now + order.Duration, By = order.By, Note = order.Note };
        if (!turn.Alerts.TryAdd(silence, turn))
            return (OrderRefusal.TooMany, $"there are {turn.Options.MaxSilences} silences already, the limit");
        turn.Record(EventKinds.AlertSilenced, new EventData()
            .With("target", order.Target)
            .With("until", ContractsJson.Spell(silence.Until))
            .With("by", order.By)
            .With("note", order.Note));
        return (null, "silenced");
    }

    private static (OrderRefusal?, string) Unsilence(UnsilenceOrder order, Turn turn)
    {
        if (!turn.Alerts.Remove(order.Target, turn))
            return (OrderRefusal.NotFound, $"there is no silence of \"{order.Target}\"");
        turn.Record(EventKinds.AlertUnsilenced, new EventData().With("target", order.Target).With("by", order.By));
        return (null, "no longer silenced");
    }
}
