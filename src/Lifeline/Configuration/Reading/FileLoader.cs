namespace Lifeline.Configuration;

/// <summary>Reads a file and those it includes, and gathers their sections.</summary>
internal sealed class FileLoader(IReadOnlyDictionary<string, string> variables, ErrorList errors)
{
    public const int MaximumFiles = 256;
    public const int MaximumServices = 20_000;

    private readonly List<string> open = [];
    private readonly Dictionary<string, NamedSection> names = new(StringComparer.Ordinal);

    public List<string> Files { get; } = [];

    public NamedSection? Monitor { get; private set; }

    public NamedSection? Defaults { get; private set; }

    public List<NamedSection> Services { get; } = [];

    public List<NamedSection> Groups { get; } = [];

    public List<NamedSection> Alerts { get; } = [];

    /// <summary>A file could not be read or is no TOML: what it would have said is not known.</summary>
    public bool Incomplete { get; private set; }

    /// <remarks><paramref name="mention"/>: the include that names it; line 0 for the first file.</remarks>
    public void Load(string file, SourceLocation mention)
    {
        if (!MayRead(file, mention)) return;
        Files.Add(file);
        if (FileText.TryRead(file, mention, "the file", errors) is not { } text)
        {
            Incomplete = true;
            return;
        }
        errors.AddFile(file, text);
        if (TomlReader.Read(file, text, errors) is not { } root)
        {
            Incomplete = true;
            return;
        }
        open.Add(file);
        foreach (var entry in root.Entries) ReadRoot(entry, new ReadContext(Path.GetDirectoryName(file)!, variables, errors));
        open.RemoveAt(open.Count - 1);
    }

    private bool MayRead(string file, SourceLocation mention)
    {
        if (open.IndexOf(file) is var start and >= 0)
            errors.Add(mention, $"the include goes in a circle: {string.Join(" → ", open[start..].Append(file).Select(Path.GetFileName))}");
        else if (Files.Contains(file))
            errors.Add(mention, $"{Quoted.Of(file)} is included twice");
        else if (Files.Count == MaximumFiles)
            errors.Add(mention, $"more than {MaximumFiles} files are included");
        else
            return true;
        return false;
    }

    private void ReadRoot(ConfigEntry entry, ReadContext context)
    {
        if (SectionReader.Check(KeyTable.Root, "the file", entry, errors) is not { } key) return;
        switch (key.Name)
        {
            case "include":
                Include(key, entry, context);
                break;
            case "monitor":
                Monitor = ReadOnce(entry, KeyTable.Monitor, Monitor, context);
                break;
            case "defaults":
                Defaults = ReadOnce(entry, KeyTable.Service, Defaults, context);
                break;
            case "services":
                ReadNamed(entry, KeyTable.Service, Services, "service", context);
                break;
            case "groups":
                ReadNamed(entry, KeyTable.Group, Groups, "group", context);
                break;
            case "alerts":
                ReadNamed(entry, KeyTable.Alert, Alerts, "alert", context);
                break;
        }
    }

    private void Include(KeyDefinition key, ConfigEntry entry, ReadContext context)
    {
        if (ValueReader.Read(key, entry.Value, context) is not string[] patterns) return;
        var items = ((ConfigArray)entry.Value).Items;
        for (var i = 0; i < patterns.Length; i++)
            foreach (var file in IncludePattern.Expand(patterns[i], context.Folder, items[i].Location, errors)) Load(file, items[i].Location);
    }

    private NamedSection? ReadOnce(ConfigEntry entry, KeySection keys, NamedSection? first, ReadContext context)
    {
        if (SectionReader.AsTable(entry, errors) is not { } table) return first;
        if (first is not null)
        {
            errors.Add(entry.KeyLocation, $"[{entry.Name}] is given in two files", $"the first is {first.Section.Location}");
            return first;
        }
        return new NamedSection(entry.Name, context.Folder, SectionReader.Read(keys, $"[{entry.Name}]", table, context));
    }

    private void ReadNamed(ConfigEntry group, KeySection keys, List<NamedSection> into, string what, ReadContext context)
    {
        if (SectionReader.AsTable(group, errors) is not { } tables) return;
        foreach (var entry in tables.Entries)
        {
            if (!ServiceName.IsValid(entry.Name))
            {
                errors.Add(entry.KeyLocation, $"{Quoted.Of(entry.Name)} is not a valid {what} name", ServiceName.Rule);
                continue;
            }
            if (SectionReader.AsTable(entry, errors) is not { } table) continue;
            if (into.Count == MaximumServices)
            {
                errors.Add(entry.KeyLocation, $"there are more than {MaximumServices} {group.Name}");
                return;
            }
            var section = SectionReader.Read(keys, $"[{group.Name}.{entry.Name}]", table, context);
            var named = new NamedSection(entry.Name, context.Folder, section);
            if (names.TryAdd($"{group.Name}.{entry.Name}", named)) into.Add(named);
            else errors.Add(entry.KeyLocation, $"[{group.Name}.{entry.Name}] is given in two files", $"the first is {names[$"{group.Name}.{entry.Name}"].Section.Location}");
        }
    }
}

/// <summary>A section with its name and the folder of its file.</summary>
internal sealed record NamedSection(string Name, string Folder, Section Section);
