namespace Lifeline.Configuration;

/// <summary>Collects errors and finds the lines they stand on. Bounded; those beyond are counted.</summary>
internal sealed class ErrorList
{
    // More are collected than shown, so that those shown are the first of the files and not the first found.
    private const int MaximumCollected = 1000;

    private readonly List<ConfigurationError> errors = [];
    private readonly Dictionary<string, string[]> lines = new(StringComparer.Ordinal);
    private readonly List<string> files = [];
    private int uncollected;

    public int Count => errors.Count + uncollected;

    /// <summary>Makes the lines of a file known; errors are listed in the order in which files were added.</summary>
    public void AddFile(string file, string text)
    {
        files.Add(file);
        lines[file] = text.Split('\n');
    }

    public void Add(SourceLocation location, string message, string? hint = null)
    {
        if (errors.Count >= MaximumCollected) uncollected++;
        else errors.Add(new ConfigurationError(location, message, hint, FindLine(location)));
    }

    public LoadResult ToResult()
    {
        var shown = errors
            .OrderBy(error => files.IndexOf(error.File) is var index && index < 0 ? int.MaxValue : index)
            .ThenBy(error => error.Line).ThenBy(error => error.Column)
            .Take(ConfigurationLoader.MaximumErrors).ToArray();
        return new LoadResult { Configuration = null, Errors = shown, ErrorsOmitted = Count - shown.Length };
    }

    private string? FindLine(SourceLocation location)
    {
        if (location.Line == 0 || !lines.TryGetValue(location.File, out var all) || location.Line > all.Length) return null;
        return all[location.Line - 1].TrimEnd('\r');
    }
}
