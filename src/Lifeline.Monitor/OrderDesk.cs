namespace Lifeline.Monitor;

/// <summary>Takes or refuses the orders of operators.</summary>
internal sealed class OrderDesk(SlotSet slots, Turn turn, DependencyGraph dependencies, ReplacementBook replacements)
{
    public void Handle(OperatorOrder order)
    {
        var slot = slots.Find(order.Service);
        if (slot is null || (slot.Removed && order is StartOrder or RestartOrder))
        {
            Refuse(order, OrderRefusal.NotFound, $"there is no service \"{order.Service}\"");
            return;
        }

        if (turn.ShuttingDown && order is StartOrder or RestartOrder)
        {
            Refuse(order, OrderRefusal.ShuttingDown, $"{slot.Name} is not started: the monitor is shutting down");
            return;
        }

        var what = Occurrence(order);
        if (turn.Table.Find(slot.Phase, what.Trigger) == SlotAction.Refuse)
        {
            Refuse(order, OrderRefusal.NotRunning, $"{slot.Name} has no process");
            return;
        }

        var required = order is StartOrder or RestartOrder ? dependencies.Require(slot) : [];
        if (order is RestartOrder && replacements.Applies(slot))
        {
            replacements.Request(slot);
        }
        else
        {
            slots.Apply(slot, what);
            replacements.Look(slot);
        }

        turn.Order(new AnswerOrder(order.Id, null, Taken(order) + Also(slot, required)));
    }

    private static Occurrence Occurrence(OperatorOrder order) => order switch
    {
        StartOrder => new(SlotTrigger.Start),
        StopOrder => new(SlotTrigger.Stop),
        RestartOrder => new(SlotTrigger.Restart) { Cause = StopCause.Restart },
        KillOrder => new(SlotTrigger.Kill) { Event = order },
        _ => throw new ArgumentException($"The core does not know {order.GetType().Name}.", nameof(order)),
    };

    private static string Taken(OperatorOrder order) => order switch
    {
        StartOrder => $"{order.Service} shall run",
        StopOrder => $"{order.Service} shall stop",
        RestartOrder => $"{order.Service} shall restart",
        _ => $"signal sent to {order.Service}",
    };

    private static string Also(Slot slot, IReadOnlyList<Slot> required) => required.Count == 0
        ? ""
        : $", and so shall {string.Join(", ", required.Select(dependency => dependency.Name))}, on which {slot.Name} depends";

    private void Refuse(OperatorOrder order, OrderRefusal refusal, string message) =>
        turn.Order(new AnswerOrder(order.Id, refusal, message));
}
