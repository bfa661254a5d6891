using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Lifeline.Configuration;

namespace Lifeline.Cli;

/// <summary>What is wrong with a command line, in words of our own where the parser has only its own.</summary>
/// <remarks>The words are made of what was typed and what is taken, never of the parser's text: that is in whatever language and may change.</remarks>
internal static class ParserErrors
{
    /// <remarks><paramref name="command"/>: as it is typed, with the names of those that it belongs to.</remarks>
    public static IEnumerable<string> Describe(ParseResult parsed, string command)
    {
        foreach (var token in parsed.UnmatchedTokens) yield return TooMany(parsed.CommandResult.Command, command, token);
        foreach (var error in parsed.Errors)
        {
            switch (error.SymbolResult)
            {
                case ArgumentResult { Parent: OptionResult option }:
                    yield return OfOption(option, command, error);
                    break;
                case OptionResult option:
                    yield return OfOption(option, command, error);
                    break;
                case ArgumentResult argument:
                    yield return argument.Tokens.Count > 0 ? error.Message : Missing(argument.Argument.Name, parsed.CommandResult.Command, command);
                    break;
                // One for each token was said above; what else a command has is of our validators.
                case var _ when parsed.UnmatchedTokens.Count == 0:
                    yield return error.Message;
                    break;
            }
        }
    }

    /// <summary>How a command is written: its arguments, and the options that it needs.</summary>
    public static string Usage(Command command, string name) =>
        name + Arguments(command) + string.Concat(command.Options.Where(option => option.Required).Select(option => $" {option.Name} {ValueOf(option)}"));

    /// <summary>The arguments of a command with a space before each: in brackets if it may be left out, with dots if there may be several.</summary>
    public static string Arguments(Command command) => string.Concat(command.Arguments.Select(argument =>
        $" {(argument.Arity.MinimumNumberOfValues == 0 ? $"[{argument.Name}]" : argument.Name)}{(argument.Arity.MaximumNumberOfValues > 1 ? "..." : "")}"));

    private static string OfOption(OptionResult result, string command, ParseError error)
    {
        var option = result.Option;
        if (result.IdentifierToken is null) return Missing(option.Name, result.Parent is CommandResult parent ? parent.Command : null, command);
        if (result.Tokens.Count < option.Arity.MinimumNumberOfValues) return $"{option.Name} has nothing behind it; write {option.Name} {ValueOf(option)}";
        if (result.Tokens.Count > option.Arity.MaximumNumberOfValues)
            return string.Create(CultureInfo.InvariantCulture, $"{option.Name} was given {result.Tokens.Count} times ({Quoted.List([.. result.Tokens.Select(token => token.Value)])}), and counts only once");
        // What our own parsers and validators say.
        return error.Message;
    }

    private static string Missing(string what, Command? command, string name) => $"{what} is missing; write \"{(command is null ? name : Usage(command, name))}\"";

    private static string TooMany(Command command, string name, string token)
    {
        if (command.Arguments is not [.., var last]) return $"\"{name}\" takes no {Quoted.Of(token)}, nor anything else but options";
        return $"{Quoted.Of(token)} is one too many: \"{name}\" takes one {last.Name}";
    }

    private static string ValueOf(Option option) => option.HelpName ?? "VALUE";
}
