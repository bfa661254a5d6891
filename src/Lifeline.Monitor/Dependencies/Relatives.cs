using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>Whom an order for some services also concerns: what they depend on, and what depends on them.</summary>
internal static class Relatives
{
    /// <summary>The names of the others, directly or not.</summary>
    public static HashSet<string> Of(SlotSet slots, IReadOnlyCollection<string> services, ServiceRelations relations)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        if (relations.HasFlag(ServiceRelations.Dependencies)) Walk(slots, services, slot => slot.DependsOn, found);
        if (relations.HasFlag(ServiceRelations.Dependents)) Walk(slots, services, slot => slot.Dependents, found);
        found.ExceptWith(services);
        return found;
    }

    private static void Walk(SlotSet slots, IReadOnlyCollection<string> services, Func<Slot, IReadOnlyList<Slot>> next, HashSet<string> found)
    {
        var seen = new HashSet<Slot>();
        var open = new Queue<Slot>();
        foreach (var service in services)
            if (slots.Find(service) is { } slot && seen.Add(slot)) open.Enqueue(slot);
        while (open.TryDequeue(out var slot))
        {
            foreach (var other in next(slot))
            {
                found.Add(other.Name);
                if (seen.Add(other)) open.Enqueue(other);
            }
        }
    }
}
