namespace Lifeline.Bench.Results;

/// <summary>A scenario as a table: absolute figures and ratios within the run.</summary>
/// <param name="Title">What was measured.</param>
/// <param name="Columns">The figures shown.</param>
/// <param name="Primary">The figure of which ratios are formed.</param>
/// <param name="HigherIsBetter">Whether more of it is better.</param>
internal sealed record ResultTable(string Title, Column[] Columns, string Primary, bool HigherIsBetter)
{
    internal const string Baseline = "c-socket";
    internal const string Ours = "lifeline-native";
    internal const string OursManaged = "lifeline-jit";

    internal void Write(TextWriter output, IReadOnlyList<Outcome> rows)
    {
        double baseline = Of(rows, Baseline);
        double ours = Of(rows, Ours);
        string oursName = "native";
        if (double.IsNaN(ours))
        {
            ours = Of(rows, OursManaged);
            oursName = "Lifeline";
        }

        string what = Columns.First(c => c.Figure == Primary).Title;
        List<string[]> lines = [["", .. Columns.Select(c => c.Title), $"{what}: × C socket", HigherIsBetter ? $"{oursName} is" : $"× {oursName}"]];
        foreach (Outcome row in rows)
        {
            double mine = row.Figures[Primary];
            lines.Add(row.Note is { } note
                ? [row.Name, note]
                : [row.Name, .. Columns.Select(c => c.Text(row.Figures[c.Figure])), Amounts.Times(mine / baseline), Amounts.Times(HigherIsBetter ? ours / mine : mine / ours)]);
        }

        output.WriteLine();
        output.WriteLine(Title);
        WriteAligned(output, lines);
    }

    private static void WriteAligned(TextWriter output, List<string[]> lines)
    {
        int[] widths = new int[lines[0].Length];
        foreach (string[] line in lines.Where(l => l.Length == widths.Length))
        {
            for (int i = 0; i < widths.Length; i++)
                widths[i] = Math.Max(widths[i], line[i].Length);
        }

        widths[0] = lines.Max(l => l[0].Length);
        foreach (string[] line in lines)
        {
            output.Write("  " + line[0].PadRight(widths[0]));
            for (int i = 1; i < line.Length; i++)
                output.Write("  " + (line.Length == widths.Length ? line[i].PadLeft(widths[i]) : line[i]));
            output.WriteLine();
        }
    }

    private double Of(IReadOnlyList<Outcome> rows, string contender) =>
        rows.FirstOrDefault(r => r.Contender == contender && r.Note is null)?.Figures[Primary] ?? double.NaN;
}
