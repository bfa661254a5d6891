using System.Text.RegularExpressions;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Guide;

/// <summary>The code in docs/guide/ipc.md is the code that tests run.</summary>
public sealed partial class GuideDocumentTests
{
    private static readonly string[] Sources = ["tests/Lifeline.Ipc.Tests/Guide/Shop.cs", "tests/Lifeline.Ipc.Tests/Guide/GuideTests.cs"];

    [Fact]
    public void Each_piece_of_code_is_word_for_word_one_that_runs()
    {
        Dictionary<string, string> pieces = Pieces();
        var shown = new HashSet<string>();
        string page = Pages.Read("docs/guide/ipc.md");
        MatchCollection blocks = Block().Matches(page);
        Assert.Equal(page.Split("```csharp").Length - 1, blocks.Count);
        foreach (Match block in blocks)
        {
            string name = block.Groups["name"].Value;
            Assert.True(pieces.TryGetValue(name, out string? piece), $"No test has a piece of code with the mark [{name}].");
            Assert.Equal(piece, block.Groups["code"].Value.TrimEnd('\n'));
            shown.Add(name);
        }

        Assert.Equal(pieces.Keys.Order(), shown.Order());
    }

    [Fact]
    public void Each_metric_named_on_the_page_exists_and_each_that_exists_is_named()
    {
        string page = Pages.Read("docs/guide/ipc.md");
        string source = Pages.Read("src/Lifeline.Ipc/Diagnostics/IpcMeter.cs");
        IEnumerable<string> made = Metric().Matches(source).Select(m => m.Groups["name"].Value).Where(n => n.Length > 0).Distinct().Order();
        IEnumerable<string> named = NamedMetric().Matches(page).Select(m => m.Groups["name"].Value).Distinct().Order();
        Assert.Equal(made, named);
    }

    private static Dictionary<string, string> Pieces()
    {
        var pieces = new Dictionary<string, string>();
        foreach (Match piece in Sources.SelectMany(s => Piece().Matches(Pages.Read(s))))
        {
            // These tests see the internals of the kit, so the language wants the word here and forbids it elsewhere.
            string code = piece.Groups["code"].Value.Replace("protected internal override", "protected override", StringComparison.Ordinal);
            string[] lines = code.TrimEnd().Split('\n');
            int indent = lines.Where(l => l.Length > 0).Min(l => l.Length - l.TrimStart().Length);
            pieces.Add(piece.Groups["name"].Value, string.Join('\n', lines.Select(l => l.Length > 0 ? l[indent..] : l)).TrimEnd('\n'));
        }

        return pieces;
    }

    [GeneratedRegex(@"<!-- code: (?<name>[\w-]+) -->\n```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();

    [GeneratedRegex(@"^ *// \[(?<name>[a-z-]+)\]\n(?<code>.*?)^ *// \[/\k<name>\]", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Piece();

    [GeneratedRegex("\"lifeline\\.ipc\\.(?<name>[a-z.]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Metric();

    [GeneratedRegex(@"`lifeline\.ipc\.(?<name>[a-z.]+)`", RegexOptions.ExplicitCapture)]
    private static partial Regex NamedMetric();
}
