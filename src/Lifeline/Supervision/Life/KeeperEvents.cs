using Lifeline.Keeper;
using Lifeline.Limits;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>Turns the keeper's messages into events of the core. Called on the link's thread.</summary>
internal sealed class KeeperEvents(Supervisor supervisor, StatusIntake intake, CallerResolver callers, ControlGroups groups, KeeperIdentity identity, ConfigurationReloader reloader, NotifySockets notifications, LimitWatch limits)
{
    public void Receive(KeeperMessage message)
    {
        switch (message)
        {
            case LaunchedMessage launched:
                // Before the core hears of it: what it saves then names the group, and who registers is found by it.
                groups.Note(launched.Slot, launched.Generation, launched.Group);
                callers.Add(launched.Pid, launched.Slot, launched.Generation);
                supervisor.Post(new LaunchSucceeded(launched.Slot, launched.Generation, launched.Pid, launched.StartTime, launched.ExecAtNanoseconds)
                {
                    PreparedNanoseconds = launched.PreparedNanoseconds > 0 ? launched.PreparedNanoseconds : null,
                });
                limits.Begin(launched.Slot);
                break;
            case PreparingMessage preparing:
                // What runs before the start can be killed, and may report, only where its group is known.
                groups.Note(preparing.Slot, preparing.Generation, preparing.Group);
                break;
            case LaunchFailedMessage failed:
                if (failed.Step == LaunchStep.KeeperLost)
                    groups.Note(failed.Slot, failed.Generation, failed.Group);
                else
                    groups.NoteUnborn(failed.Slot, failed.Generation, failed.Group);
                supervisor.Post(new LaunchFailed(failed.Slot, failed.Generation, failed.Text, Linux.MonotonicClock.Nanoseconds)
                {
                    IsLost = failed.Step == LaunchStep.KeeperLost,
                    IsTooLate = failed.Step == LaunchStep.BeforeStartTimeout,
                });
                break;
            case ExitedMessage exited:
                groups.Note(exited.Slot, exited.Generation, exited.Group);
                // What it said before its end counts: another main process above all.
                notifications.Drain(exited.Slot);
                var over = limits.WhyEnded(exited.Slot, exited.Generation);
                supervisor.Post(() =>
                {
                    // The last status first: what Report returned from counts, and the death must find it there.
                    intake.ReadAll(exited.Slot, exited.Generation);
                    if (over is not null)
                        supervisor.Handle(over);
                    var exit = Recovery.ExitOf(exited.Status) with { MemoryLimit = over is not null };
                    supervisor.Handle(new ProcessExited(exited.Slot, exited.Generation, exit, exited.ExitAtNanoseconds) { Pid = exited.Pid });
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
                supervisor.Post(new KeeperChanged(restarted.KeeperPid));
                break;
        }
    }
}
