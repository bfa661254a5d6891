using System.CommandLine;
using System.CommandLine.Help;
using Lifeline.Cli.Commands;

namespace Lifeline.Cli;

/// <summary>All commands with their options.</summary>
internal static class CommandTree
{
    public static RootCommand Build(CliContext context)
    {
        var scope = new CommandScope(context);
        var root = new RootCommand(
            "Starts services, always knows which are alive, cleans up after the ones that die, brings them back, and tells you.")
        {
            HelpName = "lifeline",
        };
        root.Directives.Clear();
        foreach (var option in root.Options.Where(option => option is VersionOption).ToArray()) root.Options.Remove(option);
        var version = new Option<bool>("--version") { Description = "Print the version" };
        root.Add(version);
        root.Add(scope.RunFolder);
        root.Add(scope.StateFolder);
        root.Add(UpCommand.Create(scope));
        root.Add(DownCommand.Create(scope));
        root.Add(StatusCommand.Create(scope));
        root.Add(TopCommand.Create(scope));
        foreach (var order in OrderCommands.Create(scope)) root.Add(order);
        root.Add(KillCommand.Create(scope));
        root.Add(ReloadCommand.Create(scope));
        root.Add(LogsCommand.Create(scope));
        root.Add(EventsCommand.Create(scope));
        root.Add(AlertCommands.Create(scope));
        root.Add(CheckCommand.Create(scope));
        root.Add(ImportCommand.Create(scope));
        root.Add(ReportCommand.Create(scope));
        root.Add(DashboardCommand.Create(scope));
        root.Add(UpgradeCommand.Create(scope));
        root.Add(DoctorCommand.Create(scope));
        root.Add(CompletionCommand.Create(scope));
        root.Add(ManCommand.Create(scope, root));
        root.SetAction(parsed =>
        {
            if (!parsed.GetValue(version)) throw new CliException(ExitCode.WrongUsage, "which command?", "lifeline --help lists them");
            context.Output.WriteLine($"lifeline {ProductVersion.Text}");
            return ExitCode.Done;
        });
        return root;
    }
}
