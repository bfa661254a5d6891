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
            if (parsed.Errors.Count > 0) return ReportErrors(parsed, root, context);
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
        var command = parsed.CommandResult.Command;
        var known = command.Options.SelectMany(option => option.Aliases.Prepend(option.Name)).Append("--run-dir").Append("--state-dir");
        throw new CliException(
            ExitCode.WrongUsage,
            $"\"lifeline {command.Name}\" has no option {Quoted.Of(unknown)}",
            NearestName.Hint(unknown, known) ?? $"lifeline {command.Name} --help lists them; a name that begins with - goes after --");
    }

    private static int ReportErrors(ParseResult parsed, RootCommand root, CliContext context)
    {
        var command = parsed.CommandResult.Command;
        var name = command == root ? "lifeline" : $"lifeline {command.Name}";
        if (command == root && parsed.UnmatchedTokens is [var first, ..] && !first.StartsWith('-'))
        {
            context.Say($"there is no command {Quoted.Of(first)}");
            var commands = root.Subcommands.Where(candidate => !candidate.Hidden).Select(candidate => candidate.Name);
            if (NearestName.Hint(first, commands) is { } hint) context.Hint(hint);
        }
        else
        {
            foreach (var message in parsed.Errors.Select(error => error.Message).Distinct()) context.Say(message);
        }
        context.Hint($"{name} --help says how it is used");
        return ExitCode.WrongUsage;
    }
}
