namespace Lifeline.Configuration;

/// <summary>Reads one table by the keys it may have.</summary>
internal static class SectionReader
{
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
            object? value;
            if (key.Section is { } inner && key.Type == KeyType.Table)
                value = AsTable(entry, context.Errors) is { } innerTable ? Read(inner, Inside(title, key.Name), innerTable, context) : null;
            else
                value = ValueReader.Read(key, entry.Value, context);
            section.Set(key.Name, value, entry.Value.Location);
        }
        return section;
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
    public static ConfigTable? AsTable(ConfigEntry entry, ErrorList errors)
    {
        if (entry.Value is ConfigTable table) return table;
        errors.Add(entry.Value.Location, $"\"{entry.Name}\" must be a table, found {entry.Value.Describe()}");
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
