using System.Globalization;
using Lifeline.Contracts;
using Lifeline.Ipc;

namespace Lifeline.Supervision;

/// <summary>
/// The sessions of each generation and the names that its processes hold in the registry, so that they go with it and the reclaim
/// can tell. Safe for any thread.
/// </summary>
internal sealed class SessionRemains
{
    /// <summary>Sessions remembered for one generation; later ones end by themselves and are not told of.</summary>
    public const int MaxSessions = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Service, int Generation), List<IpcSession>> _sessions = [];
    private readonly Dictionary<(string Service, int Generation), List<string>> _names = [];

    // Whose each of the remembered sessions is: thousands may end at once.
    private readonly Dictionary<long, (string Service, int Generation)> _owners = [];
    private readonly CallerResolver _callers;
    private readonly IpcRegistry _registry;

    public SessionRemains(IpcEndpoint endpoint, IpcRegistry registry, CallerResolver callers)
    {
        _callers = callers;
        _registry = registry;
        endpoint.SessionOpened += Opened;
        endpoint.SessionClosed += Closed;
        registry.Removed += NameRemoved;
    }

    /// <summary>Ends the sessions of a dead generation, frees its names, and forgets it.</summary>
    public IReadOnlyList<ReclaimStep> Reclaim(string service, int generation)
    {
        List<IpcSession>? sessions;
        lock (_gate)
        {
            if (!_sessions.Remove((service, generation), out sessions))
                return [];
            foreach (var session in sessions)
                _owners.Remove(session.Id);
        }

        var steps = new List<ReclaimStep>();
        foreach (var session in sessions)
        {
            var freed = _registry.RemoveAllOf(session.Peer);
            steps.AddRange(freed.Select(name => new ReclaimStep(ReclaimKind.Name, name, ReclaimOutcome.Removed, null)));
            session.Close($"generation {generation} of {service} died");
            steps.Add(new ReclaimStep(
                ReclaimKind.Session, session.Peer.Pid.ToString(CultureInfo.InvariantCulture), ReclaimOutcome.Removed, null));
        }

        lock (_gate)
        {
            _names.Remove((service, generation), out var before);
            steps.InsertRange(0, (before ?? []).Select(name => new ReclaimStep(ReclaimKind.Name, name, ReclaimOutcome.Removed, null)));
        }

        return steps;
    }

    /// <summary>Puts steps where they belong: after the processes, before everything else.</summary>
    public static IReadOnlyList<ReclaimStep> Insert(IReadOnlyList<ReclaimStep> steps, IReadOnlyList<ReclaimStep> ofSessions)
    {
        if (ofSessions.Count == 0)
            return steps;
        var processes = steps.TakeWhile(step => step.Kind == ReclaimKind.Process).Count();
        return [.. steps.Take(processes), .. ofSessions, .. steps.Skip(processes)];
    }

    private void Opened(IpcSession session)
    {
        var owner = _callers.ResolveAsync(session.Peer.Pid);
        if (owner.IsCompletedSuccessfully)
            Remember(session, owner.Result);
        else
            _ = RememberLaterAsync(session, owner.AsTask());
    }

    // A service that was launched a moment ago, and the keeper's word of it is still under way.
    private async Task RememberLaterAsync(IpcSession session, Task<(string Service, int Generation)?> owner) =>
        Remember(session, await owner.ConfigureAwait(false));

    private void Remember(IpcSession session, (string Service, int Generation)? known)
    {
        if (known is not { } owner)
            return;
        lock (_gate)
        {
            if (!_sessions.TryGetValue(owner, out var sessions))
                _sessions[owner] = sessions = [];
            sessions.RemoveAll(earlier => earlier.IsClosed && earlier.Peer.Equals(session.Peer) && _owners.Remove(earlier.Id));
            if (sessions.Count >= MaxSessions)
                return;
            sessions.Add(session);
            _owners[session.Id] = owner;
        }
    }

    // What others than the main process end is nothing to be reclaimed: `lifeline report` opens and ends a session each time.
    // A main process's last session is kept: its socket closes before the kernel says that it is dead.
    private void Closed(IpcSession session)
    {
        if (_callers.IsMain(session.Peer.Pid))
            return;
        lock (_gate)
        {
            if (!_owners.Remove(session.Id, out var owner) || !_sessions.TryGetValue(owner, out var sessions))
                return;
            sessions.Remove(session);
            if (sessions.Count == 0)
                _sessions.Remove(owner);
        }
    }

    private void NameRemoved(RegistryRemoval removal)
    {
        lock (_gate)
        {
            foreach (var (owner, sessions) in _sessions)
            {
                if (!sessions.Any(s => s.Peer.Equals(removal.Holder)))
                    continue;
                if (!_names.TryGetValue(owner, out var names))
                    _names[owner] = names = [];
                if (names.Count < MaxSessions)
                    names.Add(removal.Name);
                return;
            }
        }
    }
}
