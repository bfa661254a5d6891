using Lifeline.Contracts;

namespace Lifeline.Cli.Commands;

/// <summary>What <c>depends_on</c> means for an order: which other services it moves, and whether it can still come to its end.</summary>
internal sealed class Relations(IReadOnlyList<ServiceOutline> services)
{
    private readonly Dictionary<string, ServiceOutline> byName = services.ToDictionary(service => service.Name, StringComparer.Ordinal);
    private readonly ILookup<string, ServiceOutline> byFamily = services.ToLookup(service => ServiceNames.FamilyOf(service.Name), StringComparer.Ordinal);

    /// <summary>One line for people about what else an order does; null: nothing.</summary>
    public string? AlsoMoved(Order order, IReadOnlyCollection<string> names)
    {
        var others = (order == Order.Stop ? Above(names) : Beneath(names)).Where(service => !names.Contains(service.Name));
        string[] moved = [.. others.Where(service => order == Order.Stop
            ? service.State is not (ServiceState.Stopped or ServiceState.Failed or ServiceState.Exited or ServiceState.Waiting)
            : service.State is ServiceState.Stopped or ServiceState.Failed).Select(service => service.Name)];
        if (moved.Length == 0) return null;
        return order == Order.Stop
            ? $"{string.Join(", ", moved)} {(moved.Length == 1 ? "stops first, because it depends" : "stop first, because they depend")} on {string.Join(", ", names)}, and {(moved.Length == 1 ? "waits" : "wait")} until that runs again"
            : $"{string.Join(", ", moved)} {(moved.Length == 1 ? "starts" : "start")} too: {string.Join(", ", names)} cannot run without";
    }

    /// <summary>It waits for something that will not become ready by itself.</summary>
    public bool IsStuck(ServiceOutline service) => service.State == ServiceState.Waiting && Dependencies(service).Any(WillNotBeReady);

    private bool WillNotBeReady(ServiceOutline service) =>
        service.State is ServiceState.Failed or ServiceState.Stopped || IsStuck(service);

    private IEnumerable<ServiceOutline> Dependencies(ServiceOutline service) =>
        (service.DependsOn ?? []).SelectMany(name => byName.TryGetValue(name, out var one) ? [one] : byFamily[name]);

    private List<ServiceOutline> Beneath(IEnumerable<string> names) =>
        Walk(names, Dependencies);

    private List<ServiceOutline> Above(IEnumerable<string> names)
    {
        var above = services.SelectMany(service => Dependencies(service).Select(dependency => (dependency.Name, service)))
            .ToLookup(pair => pair.Name, pair => pair.service, StringComparer.Ordinal);
        return Walk(names, service => above[service.Name]);
    }

    private List<ServiceOutline> Walk(IEnumerable<string> names, Func<ServiceOutline, IEnumerable<ServiceOutline>> next)
    {
        var seen = new HashSet<string>(names, StringComparer.Ordinal);
        var open = new Queue<ServiceOutline>(seen.Where(byName.ContainsKey).Select(name => byName[name]));
        var found = new List<ServiceOutline>();
        while (open.TryDequeue(out var service))
        {
            foreach (var other in next(service).Where(other => seen.Add(other.Name)))
            {
                found.Add(other);
                open.Enqueue(other);
            }
        }
        return found;
    }
}
