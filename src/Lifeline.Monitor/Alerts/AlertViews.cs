using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>Alerts as people see them: one for each service and rule.</summary>
internal static class AlertViews
{
    public static IReadOnlyList<OpenAlert> Open(IReadOnlyList<Slot> slots, Func<AlertRecord, bool> which)
    {
        var open = new List<OpenAlert>();
        foreach (var slot in slots)
            foreach (var group in slot.Alerts.Where(which).GroupBy(alert => alert.Rule))
                open.Add(Of(slot, [.. group]));
        open.Sort((left, right) => left.Id.CompareTo(right.Id));
        return open;
    }

    private static OpenAlert Of(Slot slot, IReadOnlyList<AlertRecord> alerts)
    {
        var newest = alerts.MaxBy(alert => alert.Count)!;
        var acknowledged = alerts.FirstOrDefault(alert => alert.AcknowledgedBy is not null);
        return new()
        {
            Id = alerts.Max(alert => alert.Id),
            Service = slot.Name,
            Rule = AlertRuleNames.Of(newest.Rule),
            State = acknowledged is not null ? "acknowledged" : alerts.Any(alert => alert.Open) ? "open" : "held_back",
            Generation = newest.HeldBack is null ? newest.Generation : newest.HeldBackGeneration,
            Since = alerts.Min(alert => alert.Since),
            Text = newest.HeldBack ?? newest.Text ?? "",
            Count = newest.Count,
            Channels = [.. alerts.Select(alert => alert.Alert)],
            AcknowledgedBy = acknowledged?.AcknowledgedBy,
            AcknowledgedAt = acknowledged?.AcknowledgedAt,
            Note = acknowledged?.Note,
        };
    }
}
