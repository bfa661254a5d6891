using System.CommandLine;
using System.CommandLine.Parsing;
using Lifeline.Configuration;

namespace Lifeline.Cli;

/// <summary>Options and arguments that take one of a few words, with a message of our own for another.</summary>
internal static class Choices
{
    /// <summary>Of these and no others; the shell completes them.</summary>
    public static void Only(this Option<string?> option, params string[] words)
    {
        option.CompletionSources.Add(words);
        option.Validators.Add(result => Check(result, option.Name, result.Tokens, words));
    }

    /// <inheritdoc cref="Only(Option{string?}, string[])"/>
    public static void Only(this Argument<string> argument, params string[] words)
    {
        argument.CompletionSources.Add(words);
        argument.Validators.Add(result => Check(result, argument.Name, result.Tokens, words));
    }

    /// <summary>Whether an option was typed, and not taken back by <c>=false</c>. Safe in validators: these see an option with too many values too, whose value cannot be had.</summary>
    public static bool IsGiven(this CommandResult result, Option option) =>
        result.GetResult(option) is { Implicit: false } given && given.Tokens is not [{ Value: "false" }];

    private static void Check(SymbolResult result, string name, IReadOnlyList<Token> typed, string[] words)
    {
        foreach (var text in typed.Select(token => token.Value).Where(text => !words.Contains(text)))
        {
            var nearest = NearestName.Hint(text, words) is { } hint ? $"; {hint}" : "";
            result.AddError($"{name} {Quoted.Of(text)} is not one of {string.Join(", ", words[..^1])} and {words[^1]}{nearest}");
        }
    }
}
