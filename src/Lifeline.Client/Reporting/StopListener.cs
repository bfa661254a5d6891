using Lifeline.Contracts;
using Lifeline.Ipc;

namespace Lifeline.Client;

/// <summary>This process's own stub: the monitor watches its death, and asks through it to stop.</summary>
internal sealed class StopListener(Action<TimeSpan> stopRequested) : MonitoredServiceStub
{
    protected override ValueTask OnStopRequestedAsync(TimeSpan timeout, CallContext context)
    {
        stopRequested(timeout);
        return default;
    }
}
