using Lifeline.Keeper;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>Turns the keeper's messages into events of the core. Called on the link's thread.</summary>
internal sealed class KeeperEvents(Supervisor supervisor, StatusIntake intake, CallerResolver callers, KeeperIdentity identity, ConfigurationReloader reloader)
{
    public void Receive(KeeperMessage message)
    {
        switch (message)
        {
            case LaunchedMessage launched:
                callers.Add(launched.Pid, launched.Slot, launched.Generation);
                supervisor.Post(new LaunchSucceeded(launched.Slot, launched.Generation, launched.Pid, launched.StartTime, launched.ExecAtNanoseconds));
                break;
            case LaunchFailedMessage failed:
                supervisor.Post(new LaunchFailed(failed.Slot, failed.Generation, failed.Text, Linux.MonotonicClock.Nanoseconds)
                {
                    IsLost = failed.Step == LaunchStep.KeeperLost,
                });
                break;
            case ExitedMessage exited:
                supervisor.Post(() =>
                {
                    // The last status first: what Report returned from counts, and the death must find it there.
                    intake.ReadAll(exited.Slot, exited.Generation);
                    supervisor.Handle(new ProcessExited(exited.Slot, exited.Generation, Recovery.ExitOf(exited.Status), exited.ExitAtNanoseconds));
                    callers.Remove(exited.Pid, exited.Slot, exited.Generation);
                });
                break;
            case StopRequestedMessage stop:
                supervisor.Post(new ShutdownRequested("signal") { IsUrgent = stop.Urgent });
                break;
            case ReloadRequestedMessage:
                _ = reloader.ReloadAsync(dryRun: false);
                break;
            case KeeperRestartedMessage restarted:
                identity.Pid = restarted.KeeperPid;
                break;
        }
    }
}
