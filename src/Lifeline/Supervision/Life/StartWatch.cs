using Lifeline.Contracts;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>
/// Knows when everything that was to start has started, or will not: for whoever waits in <c>up -d</c>. On the decision loop only.
/// Costs nothing more than the services that have settled since the last look.
/// </summary>
internal sealed class StartWatch(Action<int, string> settled)
{
    private readonly Dictionary<string, string?> _outcomes = new(StringComparer.Ordinal);
    private Stack<string>? _open;
    private bool _done;

    /// <summary>Looks at services until one is found that is not settled; tells once.</summary>
    public void Look(MonitorCore core)
    {
        if (_done)
            return;
        _open ??= new(core.Services.Reverse());
        while (_open.TryPeek(out var name))
        {
            if (!TrySettle(core, name))
                return;
            _open.Pop();
        }

        _done = true;
        var failures = _outcomes.Values.OfType<string>().ToList();
        settled(failures.Count == 0 ? 0 : 1, failures.Count == 0 ? "" : string.Join('\n', failures));
    }

    private bool TrySettle(MonitorCore core, string name)
    {
        if (_outcomes.ContainsKey(name) || core.ViewOfService(name) is not { } view)
            return true;
        if (view.State is ServiceState.Running or ServiceState.Exited || !view.Wanted)
            _outcomes[name] = null;
        // Not before it is cleaned up: the last line that it wrote is known then.
        else if (view is { State: ServiceState.Failed, Phase: not SlotPhase.Reclaiming })
            _outcomes[name] = $"{name} failed: {view.FailedBecause ?? "see lifeline events"}";
        else if (view is { State: ServiceState.Waiting, WaitsFor: { } dependency } && WillNotBeReady(core, dependency))
            _outcomes[name] = $"{name} {view.Because}";
        else
            return false;
        return true;
    }

    private bool WillNotBeReady(MonitorCore core, string name) => core.ViewOfService(name) switch
    {
        null => true,
        { State: ServiceState.Failed } or { Wanted: false } => true,
        { State: ServiceState.Waiting, WaitsFor: { } next } => WillNotBeReady(core, next),
        _ => false,
    };
}
