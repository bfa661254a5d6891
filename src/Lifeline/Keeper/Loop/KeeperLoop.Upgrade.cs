using System.Globalization;
using Lifeline.Linux;

namespace Lifeline.Keeper;

// The change to another program: first the monitor, and if that serves, this process itself, by exec. Its children, its pid, the socket to
// the monitor and the lock stay; everything else the monitor hands over, as to the keeper that follows a dead one.
internal sealed partial class KeeperLoop
{
    private UpgradePhase upgrade;
    private SelfCommand? replaced;

    private enum UpgradePhase
    {
        None,

        /// <summary>The monitor of the old program is being ended.</summary>
        EndingMonitor,

        /// <summary>The monitor of the new program is not ready yet. If it dies, everything is as before.</summary>
        ProvingMonitor,

        /// <summary>It serves: the keeper follows as soon as no launch is under way.</summary>
        Following,
    }

    /// <summary>Begins to go over to another program.</summary>
    public void Upgrade(SelfCommand next)
    {
        if (finishCode is not null || stop.IsRequested || upgrade is UpgradePhase.EndingMonitor or UpgradePhase.ProvingMonitor) return;
        log.Write($"going over from {Monitor.Self.Path} to {next.Path}");
        replaced = Monitor.Self;
        Monitor.Self = next;
        launchers.UseProgram(next);
        upgrade = UpgradePhase.EndingMonitor;
        Monitor.Kill();
    }

    private void NoteMonitorOfUpgradeGone()
    {
        if (upgrade == UpgradePhase.EndingMonitor)
        {
            upgrade = UpgradePhase.ProvingMonitor;
            return;
        }

        if (upgrade != UpgradePhase.ProvingMonitor || replaced is null) return;
        log.Write($"the monitor of {Monitor.Self.Path} did not come to serve: going back to {replaced.Path}");
        Monitor.Self = replaced;
        launchers.UseProgram(replaced);
        upgrade = UpgradePhase.None;
    }

    private void NoteNextMonitorReady()
    {
        if (upgrade == UpgradePhase.ProvingMonitor) upgrade = UpgradePhase.Following;
    }

    private void GoOnAsNextProgram()
    {
        if (upgrade != UpgradePhase.Following || finishCode is not null || stop.IsRequested || !IsMonitorReady) return;
        if (instances.Launching > 0 || Notify.IsWaiting || !announcer.IsAllTold || !announcer.TryBidFarewell()) return;
        launchers.EndAll();
        log.Write($"goes on as {Monitor.Self.Path}");
        List<string> rest = [.. options.ToArguments(), "--continue-from", Text(launchers.LastGroup)];
        CurrentProcess.CloseOnExecFrom(3);
        Leave("--adopt-fd", Monitor.Channel!.Socket, rest);
        if (runLock is not null) Leave("--lock-fd", runLock, rest);
        Execute(Monitor.Self.Path, Monitor.Self, rest);
        // What runs here is at least a program that works, whatever became of its file.
        Execute("/proc/self/exe", replaced!, rest);
        CurrentProcess.Exit(1); // the monitor starts another keeper
    }

    // At the number that it has: low ones belong to the runtime, whose threads read there until the exec.
    private static void Leave(string option, Descriptor descriptor, List<string> arguments)
    {
        CurrentProcess.Place(descriptor, descriptor.Number);
        arguments.AddRange([option, Text(descriptor.Number)]);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private void Execute(string path, SelfCommand program, List<string> rest)
    {
        try
        {
            CurrentProcess.Execute(path, [program.Path, .. program.Arguments(SelfCommand.Keeper, rest)], Child.InheritedEnvironment);
        }
        catch (LinuxException e)
        {
            log.Write($"{path} could not be executed: {e.Message}");
        }
    }
}
