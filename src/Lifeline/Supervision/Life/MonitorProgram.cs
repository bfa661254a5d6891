using Lifeline.Configuration;
using Lifeline.Journal;
using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>The hidden command <c>__monitor</c>: what the keeper starts.</summary>
internal static class MonitorProgram
{
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
        using var restarter = new KeeperRestarter(SelfCommand.Current(), options, Log);
        using var keeper = KeeperLink.Connect(restarter);
        keeper.ReportAlive();
        CurrentProcess.RaiseDescriptorLimit();
        try
        {
            var configuration = Load(options);
            if (configuration.Configuration is not { } good)
                return Refuse(keeper, MonitorExitCode.WrongConfiguration, 2, string.Join('\n', configuration.Errors));
            return RunWith(keeper, options, good);
        }
        catch (Exception e) when (e is IOException or JournalException or UnauthorizedAccessException)
        {
            return Refuse(keeper, MonitorExitCode.CannotStart, 1, e.Message);
        }
    }

    private static LoadResult Load(KeeperOptions options) =>
        ConfigurationLoader.Load(options.ConfigurationFile ?? "lifeline.toml", ConfigurationLoader.CurrentEnvironment());

    private static int RunWith(KeeperLink keeper, KeeperOptions options, LifelineConfiguration configuration)
    {
        using var monitor = MonitorHost.Build(keeper, options, configuration, TimeProvider.System);
        return monitor.Run();
    }

    private static int Refuse(KeeperLink keeper, int exitCode, int outcome, string text)
    {
        Log(text);
        keeper.StartFailed(outcome, text);
        return exitCode;
    }

    private static void Log(string text) => Console.Error.WriteLine($"lifeline: {text}");
}
