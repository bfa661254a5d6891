using Lifeline.Cli;
using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>The hidden commands <c>__keeper</c> and <c>__launcher</c>.</summary>
internal static class KeeperProgram
{
    /// <summary>
    /// Runs a hidden command of this folder if the arguments name one. To be asked first of all in Main: a launcher's
    /// time to start is part of a burst of launches.
    /// </summary>
    public static bool TryRunHidden(string[] arguments, out int exitCode)
    {
        exitCode = 0;
        if (arguments.Length == 0) return false;
        switch (arguments[0])
        {
            case SelfCommand.Launcher:
                LauncherProgram.Run(arguments[1..]);
                return true;
            case SelfCommand.Keeper:
                exitCode = RunCommand(arguments);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Is the keeper until everything has been stopped. The calling thread should be the main thread.</summary>
    /// <returns>0: stopped in order; 1: could not start, is running already, or had to stop the services itself; 2: wrong configuration.</returns>
    public static int Run(KeeperOptions options)
    {
        using NotifyPipe notify = new(options.NotifyDescriptor is { } number ? Descriptor.Adopt(number) : null);
        try
        {
            return options.AdoptDescriptor is { } socket ? RunAdopting(options, socket, notify) : RunFresh(options, notify);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            StandardStream.Error.WriteLine($"lifeline: {e.Message}");
            notify.Tell(1, e.Message);
            return 1;
        }
    }

    private static int RunCommand(string[] arguments)
    {
        try
        {
            return Run(KeeperOptions.Parse(arguments.AsSpan(1).ToArray()));
        }
        catch (ArgumentException e)
        {
            StandardStream.Error.WriteLine($"lifeline: {e.Message}");
            return 2;
        }
    }

    private static int RunFresh(KeeperOptions options, NotifyPipe notify)
    {
        RunFolder.Prepare(options);
        FileLock? runLock = RunFolder.TryLock(options.RunDirectory);
        if (runLock is null)
        {
            string text = $"lifeline is already running (keeper {RunFolder.ReadKeeperPid(options.RunDirectory)?.ToString() ?? "unknown"}, run folder {options.RunDirectory})";
            StandardStream.Error.WriteLine(text);
            notify.Tell(1, text);
            return 1;
        }

        return RunLoop(options, notify, runLock.Descriptor, adopted: null);
    }

    private static int RunAdopting(KeeperOptions options, int socket, NotifyPipe notify)
    {
        using Descriptor inherited = Descriptor.Adopt(socket);
        UnixSocket adopted = UnixSocket.FromDescriptor(inherited);
        inherited.Dispose();
        return RunLoop(options, notify, RunFolder.TryTakeInheritedLock(options.RunDirectory, options.LockDescriptor), adopted);
    }

    // A full run folder must not keep services from having a keeper again.
    private static void WritePid(KeeperOptions options, KeeperLog log, bool isAdopting)
    {
        try
        {
            RunFolder.WriteKeeperPid(options.RunDirectory, CurrentProcess.Id);
        }
        catch (Exception e) when (isAdopting && e is IOException or UnauthorizedAccessException)
        {
            log.Write($"keeper.pid could not be written: {e.Message}");
        }
    }

    private static int RunLoop(KeeperOptions options, NotifyPipe notify, Descriptor? runLock, UnixSocket? adopted)
    {
        using SignalInbox signals = new(Signals.Terminate, Signals.Interrupt, Signals.Hangup);
        using KeeperLog log = new(options.RunDirectory, TimeProvider.System);
        CurrentProcess.SetChildSubreaper();
        CurrentProcess.RaiseDescriptorLimit();
        WritePid(options, log, isAdopting: adopted is not null);
        using KeeperLoop loop = new(options, SelfCommand.Current(), runLock, log, notify, signals);
        int exitCode = loop.Run(adopted);
        RunFolder.RemovePids(options.RunDirectory);
        return exitCode;
    }
}
