namespace Lifeline.Importing;

/// <summary>A service as another supervisor's file describes it, in keys of lifeline.toml.</summary>
internal sealed class ImportedService(string name, string source)
{
    private readonly List<KeyValuePair<string, string>> keys = [];

    public string Name { get; } = name;

    /// <summary>Where it comes from, for the comment above it.</summary>
    public string Source { get; } = source;

    /// <summary>Keys, dotted inside tables, with their values as they are written.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Keys => keys;

    public SortedDictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    public List<string> DependsOn { get; } = [];

    /// <summary>What has no equal, or not quite; each becomes a comment.</summary>
    public List<string> Notes { get; } = [];

    public bool Has(string key) => keys.Exists(entry => entry.Key == key);

    /// <summary>The last value given for a key wins.</summary>
    public void Set(string key, string value)
    {
        keys.RemoveAll(entry => entry.Key == key);
        keys.Add(new(key, value));
    }

    public void Note(string what, string why) => Notes.Add($"{what}: {why}");
}
