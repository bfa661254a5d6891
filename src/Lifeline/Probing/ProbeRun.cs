using Lifeline.Configuration;
using Lifeline.Monitor;

namespace Lifeline.Probing;

/// <summary>The probing of one generation for one use, from its begin to its end. What changes is guarded by the <see cref="Prober"/>.</summary>
internal sealed class ProbeRun(StartProbing order, ProbeSettings settings, IProbe probe) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public StartProbing Order { get; } = order;

    public ProbeSettings Settings { get; } = settings;

    public IProbe Probe { get; } = probe;

    public CancellationToken Stop => _stop.Token;

    /// <summary>The pause before the next probe while it is not ready yet.</summary>
    public TimeSpan Pause { get; set; } = ProbeLimits.FirstPause;

    /// <summary>Breaks off what is under way. Never under a lock: others' code runs.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }
}
