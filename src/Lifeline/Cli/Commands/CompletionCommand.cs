using System.CommandLine;
using Lifeline.Cli.Completion;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline completion</c>: prints the script that a shell needs.</summary>
internal static class CompletionCommand
{
    public static Command Create(CommandScope scope)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        shell.Only("bash", "zsh", "fish");
        var command = new Command("completion", "Print the script that lets a shell complete commands, options and the names of services: source <(lifeline completion bash)") { shell };
        command.SetAction(parsed =>
        {
            scope.Context.Output.Write(parsed.GetValue(shell) switch
            {
                "bash" => CompletionScripts.Bash,
                "zsh" => CompletionScripts.Zsh,
                _ => CompletionScripts.Fish,
            });
            return ExitCode.Done;
        });
        return command;
    }
}
