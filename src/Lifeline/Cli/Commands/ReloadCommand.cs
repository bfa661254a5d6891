using System.CommandLine;
using Lifeline.Cli.Rendering;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline reload</c>: the configuration of Lifeline, or, with names, the own one of services.</summary>
internal static class ReloadCommand
{
    public static Command Create(CommandScope scope)
    {
        var names = new Argument<string[]>("NAME") { Description = "Services that are to read their own configuration again (their reload_signal is sent); none: Lifeline's configuration", Arity = ArgumentArity.ZeroOrMore };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would change" };
        var json = JsonText.Option();
        var command = new Command("reload", "Read the configuration again; services whose part of it did not change go on untouched. With names: have these read their own.") { names, dryRun, json };
        scope.SetAction(command, async (parsed, cancellation) =>
        {
            var wanted = parsed.GetValue(names)!.Distinct().ToArray();
            var isDry = parsed.GetValue(dryRun);
            if (wanted.Length > 0 && isDry)
                throw new CliException(ExitCode.WrongUsage, "--dry-run is about Lifeline's own configuration; what services would change nobody knows", "leave out the names, or --dry-run");
            await using var monitor = await scope.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            if (wanted.Length == 0) return await ReloadAsync(scope.Context, monitor, isDry, parsed.GetValue(json), cancellation).ConfigureAwait(false);
            var meant = await ServiceNames.ExpandAsync(monitor.Admin, wanted, cancellation).ConfigureAwait(false);
            await monitor.Admin.ReloadServicesAsync(meant, cancellation).ConfigureAwait(false);
            if (parsed.GetValue(json)) scope.Context.Output.WriteLine(JsonText.Object(told => told.WriteStrings("told", meant)));
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<int> ReloadAsync(CliContext context, MonitorConnection monitor, bool isDry, bool asJson, CancellationToken cancellation)
    {
        var result = await monitor.Admin.ReloadAsync(isDry, cancellation).ConfigureAwait(false);
        foreach (var error in result.Errors) context.Say(error);
        if (result.Errors.Count > 0) throw new CliException(ExitCode.WrongUsage, "the configuration is not taken; what was in force stays", null);
        if (asJson)
        {
            context.Output.WriteLine(JsonText.Object(json => json.WriteStrings("changes", result.Changes)));
            return ExitCode.Done;
        }
        foreach (var change in result.Changes) context.Output.WriteLine(change);
        if (result.Changes.Count == 0) context.Output.WriteLine("nothing changes");
        return ExitCode.Done;
    }
}
