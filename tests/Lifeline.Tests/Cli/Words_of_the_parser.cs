using System.Collections;
using System.CommandLine;
using System.Globalization;
using System.Resources;
using System.Text.RegularExpressions;
using Lifeline.Cli;

namespace Lifeline.Tests.Cli;

/// <summary>Whatever is wrong with a command line is said in our words: every command is given everything that the parser refuses.</summary>
public sealed class Words_of_the_parser : IDisposable
{
    private static readonly Dictionary<string, string> Resources = new ResourceManager("System.CommandLine.Properties.Resources", typeof(RootCommand).Assembly)
        .GetResourceSet(CultureInfo.InvariantCulture, createIfNotExists: true, tryParents: true)!
        .Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!);

    private readonly CommandRun command = new();

    public void Dispose() => command.Dispose();

    [Fact]
    public void Are_those_that_were_looked_at()
    {
        // A parser that has learned to say more may say it here: look when, then add it.
        string[] known =
        [
            "ArgumentConversionCannotParse", "ArgumentConversionCannotParseForCommand", "ArgumentConversionCannotParseForCommand_Completions",
            "ArgumentConversionCannotParseForOption", "ArgumentConversionCannotParseForOption_Completions", "CommandRequiredArgumentMissing",
            "DirectoryDoesNotExist", "ErrorReadingResponseFile", "ExceptionHandlerHeader", "FileDoesNotExist", "FileOrDirectoryDoesNotExist",
            "InvalidCharactersInFileName", "InvalidCharactersInPath", "OptionExpectsOneArgument", "OptionRequiredArgumentMissing",
            "RequiredCommandWasNotProvided", "RequiredOptionWasNotProvided", "ResponseFileNotFound", "SuggestionsTokenNotMatched",
            "UnrecognizedArgument", "UnrecognizedCommandOrArgument", "VersionOptionCannotBeCombinedWithOtherArguments", "VersionOptionDescription",
        ];
        Assert.Equal(known, Resources.Keys.Where(name => !name.StartsWith("Help", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Are_never_shown()
    {
        var patterns = Resources.Where(entry => !entry.Key.StartsWith("Help", StringComparison.Ordinal)).Select(entry => Pattern(entry.Value)).ToArray();
        using var context = CliContext.ForProcess();
        var root = CommandTree.Build(context);
        var refused = 0;
        var said = new HashSet<string>();
        foreach (var wrong in Commands(root, []).SelectMany(one => Wrong(one.Command, one.Path)).Append(["alert", "-"]).Append(["--version=x"]))
        {
            // Before the rest, where an option without a value does not take it for one.
            string[] line = ["--run-dir", command.RunFolder, .. wrong];
            var parsed = root.Parse(line, new ParserConfiguration { ResponseFileTokenReplacer = null });
            // What is not refused would be done.
            if (parsed.Errors.Count == 0 || parsed.Action is System.CommandLine.Help.HelpAction) continue;
            refused++;
            said.UnionWith(parsed.Errors.Select(error => patterns.FirstOrDefault(pattern => pattern.IsMatch(error.Message))?.ToString() ?? ""));
            var (code, output, error) = command.Run(line);
            Assert.Equal((2, "", string.Join(' ', line)), (code, output, string.Join(' ', line)));
            Assert.StartsWith("lifeline: ", error, StringComparison.Ordinal);
            Assert.All(patterns, pattern => Assert.False(pattern.IsMatch(error), $"{string.Join(' ', line)}: {error}"));
        }
        Assert.InRange(refused, 150, int.MaxValue);
        // Each kind that can occur did. What is read from text is read by us, and what a switch does not understand is taken for the next argument.
        string[] seen = ["CommandRequiredArgumentMissing", "OptionRequiredArgumentMissing", "OptionExpectsOneArgument", "RequiredOptionWasNotProvided", "UnrecognizedCommandOrArgument", "RequiredCommandWasNotProvided"];
        Assert.All(seen, name => Assert.Contains(Pattern(Resources[name]).ToString(), said));
    }

    private static IEnumerable<(Command Command, string[] Path)> Commands(Command command, string[] path)
    {
        yield return (command, path);
        foreach (var inner in command.Subcommands.SelectMany(inner => Commands(inner, [.. path, inner.Name]))) yield return inner;
    }

    private static IEnumerable<string[]> Wrong(Command command, string[] path)
    {
        string[] several = ["a", "b", "c"];
        yield return path;
        yield return [.. path, "a"];
        yield return [.. path, .. several];
        yield return [.. path, "--nope"];
        yield return [.. path, "-"];
        yield return [.. path, "--", "--x", .. several];
        foreach (var option in command.Options.Where(option => option.Name != "--help"))
        {
            yield return [.. path, .. several[..1], option.Name];
            yield return [.. path, .. several[..1], option.Name + "="];
            yield return [.. path, .. several[..1], option.Name + "=maybe"];
            yield return [.. path, .. several[..1], option.Name + "=true", option.Name + "=false"];
            yield return [.. path, .. several[..1], option.Name, "1", option.Name, "2"];
            yield return [.. path, option.Name];
        }
    }

    // Its words, with anything in place of what is put in.
    private static Regex Pattern(string resource) => new(Regex.Replace(Regex.Escape(resource.Trim()), @"\\\{\d}", ".*"), RegexOptions.None, TimeSpan.FromSeconds(1));
}
