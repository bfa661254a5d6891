using Lifeline.Linux;
using Lifeline.Monitor;
using Lifeline.Supervision;

namespace Lifeline.Probing;

/// <summary>Brings the outcomes of probes to the core. Safe for any thread.</summary>
internal sealed class ProbeReports(Supervisor supervisor)
{
    public void Tell(ProbeResult result) => supervisor.Post(() =>
    {
        // A frozen service cannot answer; whoever froze it knows.
        if (!result.IsGood && supervisor.Core.View(result.Service)?.Pid is { } pid && Freezer.IsFrozen(pid))
            return;
        supervisor.Handle(result);
    });
}
