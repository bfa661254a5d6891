using Lifeline.Configuration;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>
/// <c>exit_with</c>: when that service has ended and is not started again, everything ends, with its exit code. On the decision loop only;
/// looks at what is, so that the next monitor comes to the same.
/// </summary>
internal sealed class ExitWatch(Func<LifelineConfiguration> configuration, Action<string> shutDown)
{
    private const int SignalBase = 128;
    private bool _done;

    /// <summary>What to exit with; null while it has not ended.</summary>
    public int? ExitCode { get; private set; }

    public void Look(MonitorCore core)
    {
        if (_done || configuration().Monitor.ExitWith is not { } name)
            return;
        foreach (var service in configuration().Services)
        {
            if (service.Family != name || core.ViewOfService(service.Name) is not { Phase: SlotPhase.Exited or SlotPhase.Failed } view)
                continue;
            _done = true;
            var death = core.Snapshot(service.Name)?.LastDeath;
            ExitCode = CodeOf(death?.ExitCode, death?.Signal, isFailed: view.Phase == SlotPhase.Failed);
            shutDown($"exit_with {service.Name}");
            return;
        }
    }

    // A service that is given up has not succeeded, whatever its last life said.
    private static int CodeOf(int? exitCode, int? signal, bool isFailed) => (exitCode, signal) switch
    {
        (_, { } number) => SignalBase + number,
        (0, _) when isFailed => 1,
        ({ } code, _) => code,
        _ => 1,
    };
}
