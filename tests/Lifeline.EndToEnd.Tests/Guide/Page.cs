using System.Text.RegularExpressions;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Guide;

/// <summary>One page of the documentation: what it shows, and what it tells its readers to type.</summary>
internal sealed partial record Page(string Path, string Text)
{
    // For those who work on Lifeline itself: what these tell to type runs for minutes, and in smaller portions in suites of its own.
    private static readonly string[] OfTheWorkshop = ["docs/performance.md", "docs/testing.md"];

    /// <summary>The front page, the guide, and the pages beside it.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. new[] { "docs/guide", "docs" }
            .SelectMany(folder => Directory.GetFiles(System.IO.Path.Combine(Places.Repository, folder), "*.md"))
            .Select(file => System.IO.Path.GetRelativePath(Places.Repository, file)).Except(OfTheWorkshop).Order(StringComparer.Ordinal).Prepend("README.md"),
    ];

    public static Page Read(string path) => new(path, File.ReadAllText(System.IO.Path.Combine(Places.Repository, path)));

    /// <summary>What its blocks tell to type: each line of a block of the shell, and what follows a prompt in others.</summary>
    public IReadOnlyList<string> Typed =>
    [
        .. from block in Block().Matches(Text)
           from line in block.Groups["text"].Value.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
           where line.StartsWith("$ ", StringComparison.Ordinal) || block.Groups["of"].Value == "sh"
           select (line.StartsWith("$ ", StringComparison.Ordinal) ? line[2..] : line).Split("  #")[0].Trim(),
    ];

    /// <summary>Commands within its sentences, with the names of what is to be put in their places.</summary>
    public IReadOnlyList<string> Mentioned =>
    [
        .. from line in Block().Replace(Text, "").Split('\n')
           // The list of all commands names the program only once.
           let listed = line.StartsWith("`lifeline up [FILE] [-d]` · ", StringComparison.Ordinal)
           from span in Span().Matches(listed ? line[..line.IndexOf(". Each has", StringComparison.Ordinal)] : line).Select(span => span.Groups[1].Value)
           let command = listed && !span.StartsWith("lifeline ", StringComparison.Ordinal) ? $"lifeline {span}" : span
           where OfOurs().IsMatch(command)
           select command,
    ];

    /// <summary>Its examples of a configuration.</summary>
    public IReadOnlyList<string> Examples => [.. Block().Matches(Text).Where(block => block.Groups["of"].Value == "toml").Select(block => block.Groups["text"].Value)];

    [GeneratedRegex("^( *)```(?<of>[a-z]*)\n(?<text>.*?)^ *```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("(?<!`)`([^`]+)`(?!`)")]
    private static partial Regex Span();

    [GeneratedRegex(@"(?<![\w.-])lifeline [a-z-]|^dotnet ")]
    private static partial Regex OfOurs();
}
