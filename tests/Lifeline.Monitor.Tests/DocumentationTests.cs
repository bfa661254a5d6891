using System.Runtime.CompilerServices;
using System.Text;
using Lifeline.Contracts;

namespace Lifeline.Monitor.Tests;

/// <summary>The pages say what the code does. LIFELINE_WRITE_DOCS=1 writes the generated part anew.</summary>
public sealed class DocumentationTests
{
    private const string Begin = "<!-- table: written by DocumentationTests -->\n";
    private const string End = "<!-- end of table -->\n";

    [Fact]
    public void The_page_of_states_shows_the_table_of_the_code()
    {
        var path = Page("states.md");
        var text = File.ReadAllText(path);
        var (start, end) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable("LIFELINE_WRITE_DOCS") == "1")
            File.WriteAllText(path, text = string.Concat(text.AsSpan(0, start), Table(), text.AsSpan(end)));
        Assert.Contains(Begin + Table() + End, text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_of_events_lists_every_kind()
    {
        var text = File.ReadAllText(Page("events.md"));
        var kinds = typeof(EventKinds).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);
        Assert.All(kinds, kind => Assert.Contains($"`{kind}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_of_states_names_every_phase_and_action()
    {
        var text = File.ReadAllText(Page("states.md"));
        Assert.All(Enum.GetNames<SlotPhase>(), phase => Assert.Contains($"**{phase}**", text, StringComparison.Ordinal));
        Assert.All(Enum.GetNames<SlotAction>().Except([nameof(SlotAction.Ignore)]),
            action => Assert.Contains($"`{action}`", text, StringComparison.Ordinal));
    }

    private static string Table()
    {
        var phases = Enum.GetValues<SlotPhase>();
        var table = new StringBuilder();
        table.Append("| |").AppendJoin('|', phases.Select(phase => $" {phase} ")).Append("|\n|---|");
        table.AppendJoin('|', phases.Select(_ => "---")).Append("|\n");
        foreach (var trigger in Enum.GetValues<SlotTrigger>())
        {
            table.Append("| **").Append(trigger).Append("** |");
            table.AppendJoin('|', phases.Select(phase => $" {Cell(phase, trigger)} ")).Append("|\n");
        }

        return table.ToString();
    }

    private static string Cell(SlotPhase phase, SlotTrigger trigger) =>
        SlotTable.Default.Find(phase, trigger) is var action && action == SlotAction.Ignore ? "–" : action.ToString();

    private static string Page(string name, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", name);
}
