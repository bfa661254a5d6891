using System.CommandLine;
using Lifeline.Configuration;
using Lifeline.Journal;
using Lifeline.Keeper;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline up</c>: the process becomes the keeper, or starts one and waits until all is ready.</summary>
internal static class UpCommand
{
    // What the services' own ready_timeout adds up to is known; this is for what nobody counts on.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public static Command Create(CommandScope scope)
    {
        var file = CheckCommand.FileArgument();
        var detach = new Option<bool>("--detach", "-d") { Description = "Return once everything is ready, and leave it running in the background" };
        var http = new Option<string?>("--http") { Description = "Address of the dashboard and API, or \"off\"; wins over http of [monitor]", HelpName = "ADDR:PORT" };
        var command = new Command("up", "Start everything that the configuration names. In the foreground, Ctrl-C stops it all in order.") { file, detach, http };
        command.SetAction(parsed =>
        {
            var context = scope.Context;
            var address = parsed.GetValue(http);
            if (address is not (null or "off") && AddressReader.ParseHttp(address) is null)
                throw new CliException(ExitCode.WrongUsage, $"--http {address} is not understood", "write \"off\" or an IP address and port such as 127.0.0.1:7070; port 0 takes a free one");
            var configuration = CheckCommand.Load(parsed.GetValue(file), context);
            var places = scope.Places(parsed);
            SocketPaths.Check(places, configuration);
            if (SqliteLibrary.WhyMissing() is { } why) throw new CliException(ExitCode.Failed, why, "copy it there together with the executable");
            if (RunningMonitor.FindKeeper(places) is { } pid) throw AlreadyRunning(places, pid);
            var options = new KeeperOptions { RunDirectory = places.RunFolder, StateDirectory = places.StateFolder, ConfigurationFile = configuration.File, HttpAddress = address };
            context.Output.Flush();
            return parsed.GetValue(detach) ? Detach(options, configuration, context) : KeeperStarter.RunForeground(options);
        });
        return command;
    }

    private static int Detach(KeeperOptions options, LifelineConfiguration configuration, CliContext context)
    {
        var longest = configuration.Services.Select(service => service.ReadyTimeout).DefaultIfEmpty().Max();
        var result = KeeperStarter.StartDetached(options, longest + Grace);
        if (result.Text.Length > 0)
        {
            if (result.IsSuccess) context.Say(result.Text);
            else throw new CliException(result.ExitCode, result.Text.Trim().Replace("\n", "\nlifeline: ", StringComparison.Ordinal), !result.GoesOn ? null : "it goes on running; \"lifeline events\" tells each step, \"lifeline logs NAME\" what a service printed");
        }
        return result.ExitCode;
    }

    private static CliException AlreadyRunning(Places places, int pid) => new(
        ExitCode.Failed,
        $"already running in {places.RunFolder} (keeper pid {pid})",
        "\"lifeline status\" shows its services, \"lifeline down\" ends it; another one needs another --run-dir and --state-dir");
}
