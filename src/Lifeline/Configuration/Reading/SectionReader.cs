namespace Lifeline.Configuration;

/// <summary>Reads one table by the keys it may have.</summary>
internal static class SectionReader
{
    /// <summary>Tables by name inside another table.</summary>
    public const int MaximumByName = 64;

    /// <remarks><paramref name="title"/>: the table as its header is written, with its name.</remarks>
    public static Section Read(KeySection keys, string title, ConfigTable table, ReadContext context)
    {
        var section = new Section(keys, table.Location);
        foreach (var entry in table.Entries)
        {
            if (Check(keys, title, entry, context.Errors) is not { } key)
            {
                // A misspelt key is not missing as well.
                if (NearestName.Find(entry.Name, keys.Keys.Select(known => known.Name)) is { } meant && table.Find(meant) is null)
                    section.Set(meant, null, entry.KeyLocation);
                continue;
            }
            var value = key.Section is { } inner ? ReadInner(inner, title, key, entry, context) : ValueReader.Read(key, entry.Value, context);
            section.Set(key.Name, value, entry.Value.Location);
        }
        return section;
    }

    private static object? ReadInner(KeySection inner, string title, KeyDefinition key, ConfigEntry entry, ReadContext context)
    {
        if (AsTable(entry, context.Errors, key.Type == KeyType.Table ? $"write {key.Name} = {key.Example}" : null) is not { } table) return null;
        var header = Inside(title, key.Name);
        return key.Type == KeyType.Table ? Read(inner, header, table, context) : ReadByName(inner, header, table, context);
    }

    private static SectionsByName ReadByName(KeySection inner, string header, ConfigTable tables, ReadContext context)
    {
        var sections = new List<KeyValuePair<string, Section>>();
        foreach (var entry in tables.Entries)
        {
            if (!ServiceName.IsValid(entry.Name))
                context.Errors.Add(entry.KeyLocation, $"{Quoted.Of(entry.Name)} is not a valid name in {header}", ServiceName.Rule);
            else if (sections.Count == MaximumByName)
                context.Errors.Add(entry.KeyLocation, $"there are more than {MaximumByName} in {header}");
            else if (AsTable(entry, context.Errors) is { } table)
                sections.Add(new(entry.Name, Read(inner, Inside(header, entry.Name), table, context)));
        }
        return new SectionsByName(sections);
    }

    /// <summary>The definition of the key, or null after reporting that it is unknown or not yet supported.</summary>
    public static KeyDefinition? Check(KeySection keys, string title, ConfigEntry entry, ErrorList errors)
    {
        var key = keys.Find(entry.Name);
        if (key is null) errors.Add(entry.KeyLocation, $"unknown key {Quoted.Of(entry.Name)} in {title}", HintFor(keys, entry));
        else if (!key.Supported) errors.Add(entry.KeyLocation, $"\"{key.Name}\" in {title} is not yet supported", "remove it; it comes with a later version");
        else return key;
        return null;
    }

    /// <summary>The value as a table, or null after reporting that it is none.</summary>
    public static ConfigTable? AsTable(ConfigEntry entry, ErrorList errors, string? hint = null)
    {
        if (entry.Value is ConfigTable table) return table;
        errors.Add(entry.Value.Location, $"\"{entry.Name}\" must be a table, found {entry.Value.Describe()}", hint);
        return null;
    }

    private static string Inside(string title, string key) => title == "[defaults]" ? $"[defaults.{key}]" : $"{title[..^1]}.{key}]";

    private static string? HintFor(KeySection keys, ConfigEntry entry)
    {
        if (ReferenceEquals(keys, KeyTable.Root) && entry.Value is ConfigTable table && table.Find("command") is not null)
            return $"services stand under [services.{entry.Name}]";
        if (NearestName.Hint(entry.Name, keys.Keys.Select(key => key.Name)) is { } near) return near;
        var home = KeyTable.Sections.FirstOrDefault(section => section.Find(entry.Name) is not null);
        return home is null ? null : $"it is a key of {home.Title}";
    }
}
