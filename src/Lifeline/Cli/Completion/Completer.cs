using System.CommandLine;
using System.CommandLine.Completions;

namespace Lifeline.Cli.Completion;

/// <summary>Answers the shells' question what may follow.</summary>
internal static class Completer
{
    /// <summary>The hidden command that the scripts of <c>lifeline completion</c> call.</summary>
    public const string Command = "__complete";

    // What a shell shows in one go; more is no help.
    private const int MaximumItems = 2000;

    /// <summary>One line for each: the word, and after a tab what it is.</summary>
    /// <remarks><paramref name="words"/>: those after <c>lifeline</c>, the last one being the one that is typed, perhaps empty.</remarks>
    public static void Write(RootCommand root, IReadOnlyList<string> words, TextWriter output)
    {
        var last = words.Count > 0 ? words[^1] : "";
        foreach (var item in Complete(root, words).Where(item => item.Label.StartsWith(last, StringComparison.Ordinal)).DistinctBy(item => item.Label).Take(MaximumItems))
            output.Write($"{item.Label}\t{FirstSentence(item)}\n");
    }

    private static IEnumerable<CompletionItem> Complete(RootCommand root, IReadOnlyList<string> words)
    {
        // An option is offered once somebody begins one.
        var isOption = words.Count > 0 && words[^1].StartsWith('-');
        // As text: only so does the parser tell the value of an option from what follows it.
        var line = string.Join(' ', words.Select(word => word.Contains(' ', StringComparison.Ordinal) ? $"\"{word}\"" : word));
        var parsed = root.Parse(line, new ParserConfiguration { ResponseFileTokenReplacer = null });
        return parsed.GetCompletions(line.Length).Where(item => item.Label.StartsWith('-') == isOption && item.Label is not ("-?" or "-h" or "/?" or "/h"));
    }

    private static string FirstSentence(CompletionItem item)
    {
        var text = item.Documentation ?? item.Detail ?? "";
        var line = text.Split('\n', 2)[0].Replace('\t', ' ');
        var end = line.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? line : line[..end]).TrimEnd('.');
    }
}
