using Lifeline.Contracts;

namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>
/// Who is ready and who lives, from the events alone, in the order in which they were decided; and what must hold between services
/// that depend on each other at each of those moments.
/// </summary>
internal sealed class OrderWatch
{
    private readonly Dictionary<string, Life> _rests;
    private readonly Dictionary<(string Service, int Generation), Life> _lives;
    private readonly Dictionary<string, IReadOnlyList<string>> _dependsOn;
    private readonly GroupWatch _groups;
    private HashSet<string> _configured;

    public OrderWatch()
        : this([], [], [], [], new())
    {
    }

    private OrderWatch(
        Dictionary<string, Life> rests, Dictionary<(string Service, int Generation), Life> lives, Dictionary<string, IReadOnlyList<string>> dependsOn,
        HashSet<string> configured, GroupWatch groups) =>
        (_rests, _lives, _dependsOn, _configured, _groups) = (rests, lives, dependsOn, configured, groups);

    private enum Life
    {
        Down,
        Up,
        Ready,
        Done,
        Stuck,
    }

    /// <summary>Whether a service shall run, as the core says after the decision.</summary>
    public Func<string, bool> IsWanted { get; init; } = _ => true;

    public OrderWatch Copy() => new(new(_rests), new(_lives), new(_dependsOn), _configured, _groups.Copy()) { IsWanted = IsWanted };

    public void Configure(MonitorConfiguration configuration)
    {
        _groups.Configure(configuration);
        _configured = [.. configuration.Services.Select(spec => spec.Name)];
        foreach (var spec in configuration.Services)
            _dependsOn[spec.Name] = spec.DependsOn;
    }

    /// <summary>A shutdown came in between: everything begins anew.</summary>
    public void ForgetRounds() => _groups.ForgetRounds();

    /// <summary>Notes an event; where it is no news, what it meant was looked at before.</summary>
    public void Note(RecordEvent recorded, bool isNews = true)
    {
        if (recorded.Service is not { } service) return;
        var key = (service, recorded.Generation);
        var now = _lives.GetValueOrDefault(key);
        if (recorded.Kind == EventKinds.ServiceStopped)
            _rests[service] = (string)recorded.Data["state"]!.Value.Value! == "exited" ? Life.Done : Life.Down;
        if (recorded.Kind == EventKinds.ServiceStarting)
            _rests.Remove(service);
        _lives[key] = recorded.Kind switch
        {
            EventKinds.ServiceStarting => isNews ? Begin(service) : Life.Up,
            EventKinds.ServiceReady => Life.Ready,
            EventKinds.ServiceHung => Life.Up,
            EventKinds.ServiceStopping => !isNews ? Life.Up : Ask(key, now, (string)recorded.Data["cause"]!.Value.Value!),
            EventKinds.ServiceFailed when now is Life.Up or Life.Ready => Life.Stuck,
            EventKinds.ServiceDied => Life.Down,
            _ => now,
        };
        if (_lives[key] == Life.Down) _lives.Remove(key);
        NoteGroup(recorded, service, now, isNews);
    }

    private void NoteGroup(RecordEvent recorded, string service, Life before, bool isNews)
    {
        switch (recorded.Kind)
        {
            case EventKinds.ServiceStarting: _groups.Start(service, isNews); break;
            case EventKinds.ServiceStopping: _groups.Ask(service, (string)recorded.Data["cause"]!.Value.Value!, isNews, IsWanted); break;
            case EventKinds.ServiceFailed when before is Life.Up or Life.Ready: _groups.Exempt(service); break;
            case EventKinds.ServiceFailed or EventKinds.ServiceStopped: _groups.Rest(service); break;
            case EventKinds.ServiceDied:
                var reason = (string)recorded.Data["reason"]!.Value.Value!;
                _groups.Die(service, isNews && reason is not ("stopped" or "lost") && IsWanted(service), IsWanted);
                break;
        }
    }

    // Of two generations the better one serves; one that is stuck on its way out is in nobody's way.
    private Life LifeOf(string service)
    {
        var best = _rests.GetValueOrDefault(service);
        foreach (var (key, life) in _lives)
            if (key.Service == service && (best == Life.Down || life == Life.Ready)) best = life;
        return best;
    }

    private Life Begin(string service)
    {
        foreach (var dependency in _dependsOn.GetValueOrDefault(service, []))
            if (LifeOf(dependency) is not (Life.Ready or Life.Done) || !_configured.Contains(dependency))
                throw new InvariantBrokenException($"order: {service} is launched while {dependency}, on which it depends, is {LifeOf(dependency)}");
        return Life.Up;
    }

    // A restart leaves dependents alone; who is not ready serves nobody.
    private Life Ask((string Service, int Generation) key, Life now, string cause)
    {
        var service = key.Service;
        if (cause == "replaced" && now == Life.Ready && !_lives.Any(one => one.Key.Service == service && one.Key != key && one.Value == Life.Ready))
            throw new InvariantBrokenException($"overlap: {service}/{key.Generation} is asked to stop for another generation, and none is ready");
        if (now != Life.Ready || cause is not ("operator" or "shutdown" or "removed" or "dependency")) return Life.Up;
        foreach (var (dependent, dependencies) in _dependsOn)
        {
            if (!dependencies.Contains(service) || (_configured.Contains(dependent) && !_configured.Contains(service))) continue;
            if (LifeOf(dependent) is Life.Up or Life.Ready)
                throw new InvariantBrokenException($"order: {service} is asked to stop while {dependent}, which depends on it, lives");
        }

        return Life.Up;
    }
}
