using Lifeline.Configuration;
using Lifeline.Journal;
using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>The hidden command <c>__monitor</c>: what the keeper starts.</summary>
internal static class MonitorProgram
{
    private const int StateLockAttempts = 50;
    private const int StateLockPauseMilliseconds = 100;

    /// <summary>Runs the monitor if the arguments name it.</summary>
    public static bool TryRunHidden(string[] arguments, out int exitCode)
    {
        exitCode = 0;
        if (arguments is not [SelfCommand.Monitor, ..])
            return false;
        exitCode = Run(KeeperOptions.Parse(arguments[1..]));
        return true;
    }

    private static int Run(KeeperOptions options)
    {
        ProcessMemory.MapDataSparingly();
        ProcessMemory.LimitNativeHeaps(SupervisionLimits.NativeHeaps);
        using var log = new MonitorLog(options.RunDirectory, TimeProvider.System);
        using var restarter = new KeeperRestarter(SelfCommand.Current(), options, log.Write);
        using var keeper = KeeperLink.Connect(restarter);
        keeper.ReportAlive();
        CurrentProcess.RaiseDescriptorLimit();
        try
        {
            using var alone = HoldStateFolder(options.StateDirectory);
            if (alone is null)
                return Refuse(keeper, log, MonitorExitCode.CannotStart, 1, $"another monitor uses the state folder {options.StateDirectory}; each needs a --state-dir of its own");
            // A successor goes on with what is in force, whatever happened to the file meanwhile.
            if (IsSuccessor(keeper) && AcceptedConfiguration.TryLoad(options.StateDirectory) is { } accepted)
                return RunWith(keeper, options, accepted, log);
            var configuration = ConfigurationLoader.Load(options.ConfigurationFile ?? "lifeline.toml", ConfigurationLoader.CurrentEnvironment());
            if (configuration.Configuration is not { } good)
                return Refuse(keeper, log, MonitorExitCode.WrongConfiguration, 2, string.Join('\n', configuration.Errors));
            AcceptedConfiguration.Save(options.StateDirectory, good);
            return RunWith(keeper, options, good, log);
        }
        catch (Exception e) when (e is IOException or JournalException or UnauthorizedAccessException)
        {
            return Refuse(keeper, log, MonitorExitCode.CannotStart, 1, e.Message);
        }
    }

    private static bool IsSuccessor(KeeperLink keeper) => keeper.State.MonitorStarts > 1 || keeper.State.Descriptors.Count > 0;

    // A monitor that has just been killed lets go of it within moments.
    private static FileLock? HoldStateFolder(string folder)
    {
        using var never = EventFd.Create();
        for (var attempt = 0; attempt < StateLockAttempts; attempt++)
        {
            if (FileLock.TryAcquire(Path.Combine(folder, "lock")) is { } held)
                return held;
            Poller.IsReady(never, PollEvents.In, StateLockPauseMilliseconds);
        }

        return null;
    }

    private static int RunWith(KeeperLink keeper, KeeperOptions options, LifelineConfiguration configuration, MonitorLog log)
    {
        using var monitor = MonitorHost.Build(keeper, options, configuration, TimeProvider.System, log);
        return monitor.Run();
    }

    private static int Refuse(KeeperLink keeper, MonitorLog log, int exitCode, int outcome, string text)
    {
        log.Write(text);
        keeper.StartFailed(outcome, text);
        return exitCode;
    }
}
