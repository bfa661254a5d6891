namespace Lifeline.Bench.Results;

/// <summary>All tables of a run as Markdown: a file of its own, or the marked part of a page.</summary>
internal sealed class MarkdownReport
{
    private const string Begin = "<!-- figures: written by the bench -->";
    private const string End = "<!-- end of the figures -->";
    private readonly StringWriter _text = new() { NewLine = "\n" };

    internal void Add(string title, List<string[]> lines)
    {
        _text.WriteLine($"### {title}\n");
        TableText.WriteMarkdown(_text, lines);
        _text.WriteLine();
    }

    /// <summary>Writes the tables into the marked part of the file; the whole file where there is none, or no such part.</summary>
    internal async Task WriteAsync(string file, CancellationToken cancellationToken)
    {
        string text = _text.ToString().TrimEnd() + "\n";
        string page = File.Exists(file) ? await File.ReadAllTextAsync(file, cancellationToken) : "";
        int begin = page.IndexOf(Begin, StringComparison.Ordinal);
        int end = page.IndexOf(End, StringComparison.Ordinal);
        if (begin >= 0 && end > begin)
            text = $"{page[..(begin + Begin.Length)]}\n{text}{page[end..]}";
        await File.WriteAllTextAsync(file, text, cancellationToken);
    }
}
