namespace Lifeline.Bench.Results;

/// <summary>Lines of cells as text: in columns for people at a terminal, or as Markdown.</summary>
internal static class TableText
{
    internal static void WriteAligned(TextWriter output, List<string[]> lines)
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

    internal static void WriteMarkdown(TextWriter output, List<string[]> lines)
    {
        int columns = lines[0].Length;
        WriteRow(lines[0]);
        WriteRow(["---", .. Enumerable.Repeat("---:", columns - 1)]);
        foreach (string[] line in lines.Skip(1))
            WriteRow([.. line, .. Enumerable.Repeat("", columns - line.Length)]);

        void WriteRow(string[] cells) => output.WriteLine($"| {string.Join(" | ", cells.Select(c => c.Replace("|", "/", StringComparison.Ordinal)))} |");
    }
}
