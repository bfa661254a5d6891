namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>
/// What must hold between the members of a group, from the events alone: those concerned by a death stop before anything of the group
/// starts, the last first, and none of them lives on over it.
/// </summary>
internal sealed class GroupWatch
{
    private readonly Dictionary<string, Member> _members;
    private readonly Dictionary<string, HashSet<string>> _owed;
    private IReadOnlyList<ServiceSpec> _order;
    private Dictionary<string, GroupStrategy> _strategies;

    public GroupWatch()
        : this([], [], [], [])
    {
    }

    private GroupWatch(
        Dictionary<string, Member> members, Dictionary<string, HashSet<string>> owed,
        IReadOnlyList<ServiceSpec> order, Dictionary<string, GroupStrategy> strategies) =>
        (_members, _owed, _order, _strategies) = (members, owed, order, strategies);

    private enum Member
    {
        Down,
        Up,
        AskedByGroup,
        AskedByOthers,
    }

    public GroupWatch Copy() => new(
        new(_members), _owed.ToDictionary(owed => owed.Key, owed => owed.Value.ToHashSet()), _order, _strategies);

    public void Configure(MonitorConfiguration configuration)
    {
        _order = configuration.Services;
        _strategies = configuration.Groups.ToDictionary(group => group.Name, group => group.Strategy);
        _owed.Clear();
    }

    /// <summary>What was going down for its group goes down for other reasons now.</summary>
    public void ForgetRounds()
    {
        _owed.Clear();
        foreach (var (service, _) in _members.Where(member => member.Value == Member.AskedByGroup).ToArray())
            _members[service] = Member.AskedByOthers;
    }

    /// <summary>A launch: nothing of the group may still be going down, and whoever was to go down with it has.</summary>
    public void Start(string service, bool isNews)
    {
        if (isNews)
        {
            foreach (var other in Others(service, all: true))
                if (_members.GetValueOrDefault(other) == Member.AskedByGroup)
                    throw new InvariantBrokenException($"group: {service} is launched while {other} of its group is going down");
            if (_owed.TryGetValue(service, out var owed) && owed.Count > 0)
                throw new InvariantBrokenException($"group: {service} is restarted and {string.Join(", ", owed)} of its group lives on");
        }

        _owed.Remove(service);
        _members[service] = Member.Up;
    }

    public void Ask(string service, string cause, bool isNews, Func<string, bool> isWanted)
    {
        if (isNews && cause == "group")
        {
            foreach (var other in Others(service, all: false))
                if (_members.GetValueOrDefault(other) is Member.Up or Member.AskedByGroup && isWanted(other))
                    throw new InvariantBrokenException($"group: {service} is asked to stop before {other}, which comes after it, has ended");
        }

        _members[service] = cause == "group" ? Member.AskedByGroup : Member.AskedByOthers;
    }

    /// <summary>A death; if it is followed by a restart, others are concerned.</summary>
    public void Die(string service, bool concernsOthers, Func<string, bool> isWanted)
    {
        _members[service] = Member.Down;
        foreach (var owed in _owed.Values)
            owed.Remove(service);
        if (concernsOthers && StrategyOf(service) is { } strategy)
            _owed[service] = [.. Others(service, all: strategy == GroupStrategy.OneForAll)
                .Where(other => _members.GetValueOrDefault(other) == Member.Up && isWanted(other))];
    }

    /// <summary>It cannot be ended: nobody waits for it.</summary>
    public void Exempt(string service)
    {
        _members.Remove(service);
        foreach (var owed in _owed.Values)
            owed.Remove(service);
    }

    /// <summary>Its death is followed by no restart.</summary>
    public void Rest(string service) => _owed.Remove(service);

    private GroupStrategy? StrategyOf(string service) =>
        _order.FirstOrDefault(spec => spec.Name == service)?.Group is { } group
        && _strategies.TryGetValue(group, out var strategy) && strategy != GroupStrategy.OneForOne ? strategy : null;

    // The other members, or those after it.
    private IEnumerable<string> Others(string service, bool all)
    {
        if (StrategyOf(service) is null) return [];
        var group = _order.First(spec => spec.Name == service).Group;
        var members = _order.Where(spec => spec.Group == group).Select(spec => spec.Name).ToList();
        return members.Skip(all ? 0 : members.IndexOf(service) + 1).Where(name => name != service);
    }
}
