using System.Collections.Concurrent;

namespace Lifeline.Configuration;

/// <summary>A table after reading: typed values by key, with the place of each.</summary>
internal sealed class Section(KeySection keys, SourceLocation location)
{
    private static readonly ConcurrentDictionary<KeyDefinition, object?> Defaults = new();

    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    public SourceLocation Location { get; } = location;

    /// <summary>The key was written, rightly or wrongly.</summary>
    public bool Has(string key) => entries.ContainsKey(key);

    public SourceLocation? Find(string key) => entries.TryGetValue(key, out var entry) ? entry.Location : null;

    /// <summary>A null value marks a key that was written but could not be read.</summary>
    public void Set(string key, object? value, SourceLocation valueLocation) => entries[key] = new Entry(value, valueLocation);

    /// <summary>The value written, else the default of the key, else null.</summary>
    public T? Get<T>(string key)
    {
        if (entries.TryGetValue(key, out var entry) && entry.Value is T value) return value;
        var definition = keys.Find(key) ?? throw new ArgumentException($"no key {key} in {keys.Title}", nameof(key));
        return Defaults.GetOrAdd(definition, ReadDefault) is T @default ? @default : default;
    }

    /// <summary>The inner table, or an empty one.</summary>
    public Section GetSection(string key) =>
        Get<Section>(key) ?? new Section(keys.Find(key)!.Section!, Location);

    /// <summary>This section, with what it does not say taken from a lower one; inner tables and variables are joined key by key.</summary>
    public Section Over(Section? lower)
    {
        if (lower is null) return this;
        var joined = new Section(keys, Location);
        foreach (var (key, entry) in lower.entries) joined.entries[key] = entry;
        foreach (var (key, entry) in entries)
        {
            joined.entries[key] = (entry.Value, lower.entries.GetValueOrDefault(key).Value) switch
            {
                (Section upper, Section below) => entry with { Value = upper.Over(below) },
                (VariableMap upper, VariableMap below) => entry with { Value = upper.Over(below) },
                (SectionsByName upper, SectionsByName below) => entry with { Value = upper.Over(below) },
                _ => entry,
            };
        }
        return joined;
    }

    // Defaults are written as in a file and read by the same code, so that the guide cannot say something else.
    private static object? ReadDefault(KeyDefinition key)
    {
        if (key.Default is null) return null;
        var errors = new ErrorList();
        var table = TomlReader.Read("built-in defaults", $"v = {key.Default}", errors);
        var context = new ReadContext("/", new Dictionary<string, string>(), errors);
        var value = table is null ? null : ValueReader.Read(key, table.Entries[0].Value, context);
        return errors.Count == 0 ? value : throw new InvalidOperationException($"the default of {key.Name} is wrong: {errors.ToResult().Errors[0].Message}");
    }

    private readonly record struct Entry(object? Value, SourceLocation Location);
}

/// <summary>Environment variables in the order in which they are written.</summary>
internal sealed record VariableMap(IReadOnlyDictionary<string, string> Variables)
{
    public VariableMap Over(VariableMap lower)
    {
        var joined = new Dictionary<string, string>(lower.Variables, StringComparer.Ordinal);
        foreach (var (name, value) in Variables) joined[name] = value;
        return new VariableMap(joined);
    }
}

/// <summary>Tables by name, in the order in which they are written.</summary>
internal sealed record SectionsByName(IReadOnlyList<KeyValuePair<string, Section>> Sections)
{
    public SectionsByName Over(SectionsByName lower)
    {
        var own = Sections.Select(section => section.Key).ToHashSet(StringComparer.Ordinal);
        var below = lower.Sections.ToDictionary(StringComparer.Ordinal);
        return new SectionsByName(
        [
            .. lower.Sections.Where(section => !own.Contains(section.Key)),
            .. Sections.Select(section => below.TryGetValue(section.Key, out var under) ? new(section.Key, section.Value.Over(under)) : section),
        ]);
    }
}
