using System.CommandLine;
using Lifeline.Cli.Completion;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline man</c>: prints the manual page.</summary>
internal static class ManCommand
{
    public static Command Create(CommandScope scope, RootCommand root)
    {
        var command = new Command("man", "Print the manual page: lifeline man | man -l -");
        command.SetAction(_ =>
        {
            scope.Context.Output.Write(ManualPage.Write(root));
            return ExitCode.Done;
        });
        return command;
    }
}
