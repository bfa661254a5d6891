namespace Lifeline.Configuration;

/// <summary>Checks what services and settings say of other services, and writes dependencies out to slots.</summary>
internal sealed class ReferenceCheck(FileLoader files, LifelineConfiguration configuration, ErrorList errors)
{
    private readonly Dictionary<string, string[]> families = configuration.Services
        .GroupBy(service => service.Family, StringComparer.Ordinal)
        .ToDictionary(family => family.Key, family => family.First().DependsOn.ToArray(), StringComparer.Ordinal);

    private readonly HashSet<string> slots = configuration.Services.Select(service => service.Name).ToHashSet(StringComparer.Ordinal);

    public void Run(Section monitor)
    {
        foreach (var named in files.Services) CheckNames(named);
        FindCircles();
        CheckGroups();
        CheckListeners();
        CheckOverlaps();
        if (configuration.Monitor.ExitWith is { } name && !families.ContainsKey(name) && !slots.Contains(name))
            errors.Add(monitor.Find("exit_with")!.Value, $"there is no service {Quoted.Of(name)}", NearestName.Hint(name, families.Keys));
    }

    private void CheckNames(NamedSection named)
    {
        if (!families.TryGetValue(named.Name, out var wanted)) return;
        foreach (var name in wanted)
        {
            if (Family(name) is null)
                errors.Add(Place(named), $"{named.Name} depends on {Quoted.Of(name)}, which does not exist", NearestName.Hint(name, families.Keys.Where(family => family != named.Name)));
        }
    }

    // Depth first, each family once; what is on the path and met again closes a circle.
    private void FindCircles()
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var named in files.Services)
        {
            if (done.Contains(named.Name)) continue;
            var path = new List<string>();
            var stack = new Stack<(string Name, int Next)>();
            stack.Push((named.Name, 0));
            while (stack.TryPop(out var top))
            {
                if (top.Next == 0) path.Add(top.Name);
                var wanted = families.GetValueOrDefault(top.Name) ?? [];
                if (top.Next == wanted.Length)
                {
                    path.RemoveAt(path.Count - 1);
                    done.Add(top.Name);
                    continue;
                }
                stack.Push((top.Name, top.Next + 1));
                if (Family(wanted[top.Next]) is not { } next || done.Contains(next)) continue;
                if (path.IndexOf(next) is var start and >= 0) Report(path[start..]);
                else stack.Push((next, 0));
            }
        }
    }

    private void Report(List<string> circle)
    {
        var named = files.Services.First(service => service.Name == circle[^1]);
        errors.Add(Place(named), $"depends_on goes in a circle: {string.Join(" → ", circle.Append(circle[0]))}", "take one of these dependencies out");
    }

    private void CheckGroups()
    {
        if (files.Groups.Count == 0) return;
        var declared = files.Groups.Select(group => group.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var service in configuration.Services.DistinctBy(service => service.Family))
        {
            if (service.Group is { } group && ServiceName.IsValid(group) && !declared.Contains(group))
                errors.Add(service.Location, $"{service.Family} is in the group {Quoted.Of(group)}, which has no table", NearestName.Hint(group, declared) ?? $"add [groups.{group}]");
        }
    }

    private void CheckListeners()
    {
        var owners = new Dictionary<(ListenKind, string, int), string>();
        foreach (var service in configuration.Services.DistinctBy(service => service.Family))
            foreach (var socket in service.Listen)
            {
                var key = (socket.Kind, socket.Address, socket.Port);
                if (owners.TryGetValue(key, out var first))
                    errors.Add(service.Location, $"{service.Family} listens where {first} does already ({(socket.Port == 0 ? socket.Address : new ProbeAddress(socket.Address, socket.Port))})", "give each socket an address of its own");
                else
                    owners.Add(key, service.Family);
            }
    }

    // What could not work is refused: the new one must be able to say that it, and not the old one, is ready.
    private void CheckOverlaps()
    {
        var strict = configuration.Groups.Where(group => group.Strategy != GroupStrategy.OneForOne).Select(group => group.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var service in configuration.Services.Where(service => service.Update == UpdateRule.Overlap).DistinctBy(service => service.Family))
        {
            var place = files.Services.FirstOrDefault(named => named.Name == service.Family)?.Section.Find("update") ?? service.Location;
            if (service.Ready == ServiceReadiness.Exec)
                errors.Add(place, $"update = \"overlap\" of {service.Family} needs to know when the new one serves, and ready = \"exec\" does not tell", "set ready = \"status\", or \"probe\" with a command");
            if (service.Ready == ServiceReadiness.Probe && (service.ReadyProbe ?? service.Probe) is { Exec: null })
                errors.Add(place, $"update = \"overlap\" of {service.Family}: the old one would answer the probe of the new one", "let ready_probe ask with a command (exec), which is told LIFELINE_GENERATION, or set ready = \"status\"");
            if (service.Group is { } group && strict.Contains(group))
                errors.Add(place, $"update = \"overlap\" of {service.Family} does not go with the strategy of its group {Quoted.Of(group)}", "take it out of the group, or set strategy = \"one_for_one\"");
        }
    }

    // "orders" or, of several instances, "orders.2".
    private string? Family(string name)
    {
        if (families.ContainsKey(name)) return name;
        return slots.Contains(name) ? name[..name.LastIndexOf('.')] : null;
    }

    private SourceLocation Place(NamedSection named) =>
        named.Section.Find("depends_on") ?? files.Defaults?.Section.Find("depends_on") ?? named.Section.Location;
}
