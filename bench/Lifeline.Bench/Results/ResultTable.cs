namespace Lifeline.Bench.Results;

/// <summary>A scenario as a table: absolute figures and ratios within the run.</summary>
/// <param name="Title">What was measured.</param>
/// <param name="Columns">The figures shown.</param>
/// <param name="Primary">The figure of which ratios are formed; null for none.</param>
/// <param name="HigherIsBetter">Whether more of it is better.</param>
/// <param name="Baseline">The id of the contender that the others are related to.</param>
internal sealed record ResultTable(string Title, Column[] Columns, string? Primary, bool HigherIsBetter = false, string Baseline = "c-socket")
{
    internal const string Ours = "lifeline-native";
    internal const string OursManaged = "lifeline-jit";

    /// <summary>The table's lines: titles, then a line for each row; a row without figures has its note alone.</summary>
    internal List<string[]> Lines(IReadOnlyList<Outcome> rows)
    {
        (string[] titles, Func<Figures, string[]> ratios) = Ratios(rows);
        List<string[]> lines = [["", .. Columns.Select(c => c.Title), .. titles]];
        foreach (Outcome row in rows)
            lines.Add(row.Note is { } note ? [row.Name, note] : [row.Name, .. Columns.Select(c => c.Text(row.Figures[c.Figure])), .. ratios(row.Figures)]);
        return lines;
    }

    /// <summary>The titles of the columns of ratios, and what stands in them.</summary>
    private (string[] Titles, Func<Figures, string[]> Ratios) Ratios(IReadOnlyList<Outcome> rows)
    {
        if (Primary is null)
            return ([], _ => []);
        string what = Columns.First(c => c.Figure == Primary).Title;
        Outcome? ours = Find(rows, Ours) ?? Find(rows, OursManaged);
        Outcome? baseline = Find(rows, Baseline);
        double our = ours?.Figures[Primary] ?? double.NaN;
        double theirs = baseline?.Figures[Primary] ?? double.NaN;
        return (
            [$"{what}: × {baseline?.Name ?? Baseline}", HigherIsBetter ? $"{ours?.Name ?? "Lifeline"} is" : $"× {ours?.Name ?? "Lifeline"}"],
            f => [Amounts.Times(f[Primary] / theirs), Amounts.Times(HigherIsBetter ? our / f[Primary] : f[Primary] / our)]);
    }

    private static Outcome? Find(IReadOnlyList<Outcome> rows, string contender) => rows.FirstOrDefault(r => r.Contender == contender && r.Note is null);
}
