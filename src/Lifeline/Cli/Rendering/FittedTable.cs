namespace Lifeline.Cli.Rendering;

/// <summary>A column of a table that keeps to a width.</summary>
/// <remarks><paramref name="Weight"/>: columns with the least are left out first. <paramref name="Least"/>: how narrow its cells may be cropped; 0: not at all.</remarks>
internal sealed record FittedColumn(string Header, int Weight, bool IsRight = false, int Least = 0);

/// <summary>Which columns of a table are shown in a given width, and how wide. What does not fit is cropped, then left out.</summary>
internal sealed class FittedTable
{
    public const int Gap = 2;

    private readonly IReadOnlyList<FittedColumn> columns;
    private readonly int[] widths;

    private FittedTable(IReadOnlyList<FittedColumn> columns, int[] shown, int[] widths) => (this.columns, Shown, this.widths) = (columns, shown, widths);

    /// <summary>Numbers of the columns that are shown, in their order.</summary>
    public int[] Shown { get; }

    /// <remarks><paramref name="width"/>: null for as wide as it needs.</remarks>
    public static FittedTable Fit(IReadOnlyList<FittedColumn> columns, IReadOnlyCollection<string[]> rows, int? width)
    {
        var natural = columns.Select((column, i) => rows.Select(row => row[i].Length).Append(column.Header.Length).Max()).ToArray();
        var shown = Enumerable.Range(0, columns.Count).ToList();
        while (width is { } limit && shown.Count > 1 && shown.Sum(i => Least(columns[i], natural[i]) + Gap) - Gap > limit)
            shown.Remove(shown.MinBy(i => columns[i].Weight));
        return new FittedTable(columns, [.. shown], Share(columns, shown, natural, width));
    }

    public int WidthOf(int column) => widths[column];

    public string Cell(string[] row, int column) => Crop(row[column], widths[column]);

    /// <summary>The row as one line, without blanks at its end.</summary>
    public string Line(string[] row) => Line(row, static (_, cell) => cell).TrimEnd();

    /// <summary>The same, but a last column that is too narrow for its text has it on several lines.</summary>
    public string WrappedLine(string[] row)
    {
        if (Shown.Length == 1 || row[Shown[^1]].Length <= widths[Shown[^1]]) return Line(row);
        var head = Line(row, (column, cell) => column == Shown[^1] ? "" : cell);
        return Wrapping.Below(head, row[Shown[^1]], head.Length + widths[Shown[^1]]);
    }

    /// <remarks><paramref name="paint"/>: gets the number of the column and the cell with its padding.</remarks>
    public string Line(string[] row, Func<int, string, string> paint) => string.Join(new string(' ', Gap), Shown.Select(column =>
        paint(column, columns[column].IsRight ? Cell(row, column).PadLeft(widths[column]) : column == Shown[^1] ? Cell(row, column) : Cell(row, column).PadRight(widths[column]))));

    public string[] Headers() => [.. columns.Select(column => column.Header)];

    public static string Crop(string text, int width) => text.Length <= width ? text : width < 1 ? "" : string.Concat(text.AsSpan(0, width - 1), "…");

    private static int Least(FittedColumn column, int natural) => column.Least == 0 ? natural : Math.Min(column.Least, natural);

    // What is left beyond the least goes to the cropped columns in turn.
    private static int[] Share(IReadOnlyList<FittedColumn> columns, List<int> shown, int[] natural, int? width)
    {
        if (width is not { } limit) return natural;
        var widths = natural.Select((most, i) => Least(columns[i], most)).ToArray();
        var left = limit - shown.Sum(i => widths[i] + Gap) + Gap;
        if (left < 0) widths[shown[0]] = Math.Max(1, widths[shown[0]] + left);
        while (left > 0)
        {
            var cropped = shown.Where(i => widths[i] < natural[i]).Take(left).ToList();
            if (cropped.Count == 0) break;
            foreach (var column in cropped) widths[column]++;
            left -= cropped.Count;
        }
        return widths;
    }
}
