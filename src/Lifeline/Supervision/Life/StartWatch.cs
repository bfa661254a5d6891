using Lifeline.Contracts;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>
/// Knows when everything that was to start has started, or will not: for whoever waits in <c>up -d</c>. On the decision loop only.
/// </summary>
internal sealed class StartWatch(Action<int, string> settled)
{
    private readonly Dictionary<string, string?> _outcomes = new(StringComparer.Ordinal);
    private bool _done;

    /// <summary>Looks at all services; tells once.</summary>
    public void Look(MonitorCore core)
    {
        if (_done)
            return;
        foreach (var name in core.Services)
        {
            if (core.View(name) is not { } view || _outcomes.ContainsKey(name))
                continue;
            if (view.State is ServiceState.Running or ServiceState.Exited || !view.Wanted)
                _outcomes[name] = null;
            else if (view.State == ServiceState.Failed)
                _outcomes[name] = $"{name} failed: {view.FailedBecause ?? "see lifeline events"}";
        }

        if (_outcomes.Count < core.Services.Count)
            return;
        _done = true;
        var failures = _outcomes.Values.OfType<string>().ToList();
        settled(failures.Count == 0 ? 0 : 1, failures.Count == 0 ? "" : string.Join('\n', failures));
    }
}
