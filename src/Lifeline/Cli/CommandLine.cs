using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Lifeline.Cli.Completion;
using Lifeline.Configuration;

namespace Lifeline.Cli;

/// <summary>The command line of <c>lifeline</c>.</summary>
internal static class CommandLine
{
    private const int Interrupted = 130;

    /// <summary>Runs one command of this process.</summary>
    public static int Run(string[] arguments)
    {
        using var context = CliContext.ForProcess();
        return Run(arguments, context);
    }

    /// <summary>Runs one command and returns its exit code; everything it prints goes to the context.</summary>
    public static int Run(IReadOnlyList<string> arguments, CliContext context)
    {
        try
        {
            var code = RunAsync(arguments, context).GetAwaiter().GetResult();
            // What did not arrive was not done.
            context.Output.Flush();
            return code;
        }
        catch (CliException e)
        {
            context.Output.Flush();
            context.Say(e.Message);
            if (e.Hint is not null) context.Hint(e.Hint);
            return e.ExitCode;
        }
        catch (OperationCanceledException) when (context.Interrupted.IsCancellationRequested)
        {
            return Interrupted;
        }
        catch (IOException e)
        {
            context.Say(e.Message);
            return ExitCode.Failed;
        }
        catch (Exception e)
        {
            // A fault of this program: told whole, and with an exit code that scripts know.
            context.Say($"internal error: {e}");
            return ExitCode.Failed;
        }
        finally
        {
            FlushLast(context);
        }
    }

    // What the reader does not take any more (a full disk, a closed pipe) was told where it was written.
    private static void FlushLast(CliContext context)
    {
        try
        {
            context.Output.Flush();
        }
        catch (IOException e)
        {
            context.Say(e.Message);
        }
    }

    private static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliContext context)
    {
        var root = CommandTree.Build(context);
        if (arguments is [Completer.Command, ..])
        {
            Completer.Write(root, [.. arguments.Skip(1)], context.Output);
            return ExitCode.Done;
        }
        // "lifeline help up", as git and docker have it.
        if (arguments is ["help", ..]) arguments = [.. arguments.Skip(1), "--help"];
        // A text or a name may begin with @; files of arguments are not a thing here.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is not HelpAction)
        {
            if (parsed.Errors.Count > 0) return ReportErrors(parsed, context);
            RefuseUnknownOptions(parsed);
        }
        var invocation = new InvocationConfiguration
        {
            Output = context.Output,
            Error = context.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        return await parsed.InvokeAsync(invocation, CancellationToken.None).ConfigureAwait(false);
    }

    // The parser takes an option that it does not know for a name; only after -- it can be one.
    private static void RefuseUnknownOptions(ParseResult parsed)
    {
        var afterDashes = parsed.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Skip(1).Count();
        var arguments = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(result => result.Tokens).Select(token => token.Value).ToArray();
        if (arguments.SkipLast(afterDashes).FirstOrDefault(value => value.StartsWith('-') && value != "-") is not { } unknown) return;
        throw NoOption(parsed, unknown);
    }

    private static CliException NoOption(ParseResult parsed, string unknown)
    {
        var name = NameOf(parsed.CommandResult);
        var known = parsed.CommandResult.Command.Options.SelectMany(option => option.Aliases.Prepend(option.Name)).Append("--run-dir").Append("--state-dir");
        return new CliException(
            ExitCode.WrongUsage,
            $"\"{name}\" has no option {Quoted.Of(unknown)}",
            NearestName.Hint(unknown, known) ?? $"{name} --help lists them; a name that begins with - goes after --");
    }

    // As it is typed: a command of another one with the name of that.
    private static string NameOf(CommandResult result) => result.Parent is CommandResult parent ? $"{NameOf(parent)} {result.Command.Name}" : "lifeline";

    private static int ReportErrors(ParseResult parsed, CliContext context)
    {
        if (parsed.UnmatchedTokens.FirstOrDefault(token => token.StartsWith('-') && token != "-") is { } unknown) throw NoOption(parsed, unknown);
        var command = parsed.CommandResult.Command;
        var name = NameOf(parsed.CommandResult);
        var commands = command.Subcommands.Where(candidate => !candidate.Hidden).Select(candidate => candidate.Name).ToArray();
        if (commands.Length > 0 && parsed.UnmatchedTokens is [var first, ..])
        {
            context.Say($"there is no command {Quoted.Of($"{name} {first}"["lifeline ".Length..])}");
            if (NearestName.Hint(first, commands) is { } hint) context.Hint(hint);
        }
        else if (commands.Length > 0 && parsed.UnmatchedTokens.Count == 0)
        {
            context.Say($"which command? there are {string.Join(", ", commands[..^1])} and {commands[^1]}");
        }
        else
        {
            foreach (var message in ParserErrors.Describe(parsed, name).Distinct()) context.Say(message);
        }
        context.Hint($"{name} --help says how it is used");
        return ExitCode.WrongUsage;
    }
}
