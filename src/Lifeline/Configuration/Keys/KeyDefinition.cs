namespace Lifeline.Configuration;

/// <summary>What a value may be; decides how it is read, checked and described.</summary>
internal enum KeyType
{
    Boolean,
    Integer,
    Float,
    Text,
    Duration,
    DurationOrNever,
    Size,
    SizeOrBytes,
    Choice,
    Choices,
    Signal,
    Umask,
    Folder,
    EnvironmentFile,
    ReclaimPaths,
    Command,
    Texts,
    VariableNames,
    ServicePatterns,
    Integers,
    Variables,
    Headers,
    Users,
    User,
    Group,
    Address,
    HttpAddress,
    Path,
    WebAddress,
    Table,
    TablesByName,
}

/// <summary>The least and the greatest value: numbers as they are, durations in milliseconds, sizes in bytes.</summary>
internal readonly record struct KeyRange(double Minimum, double Maximum);

/// <summary>
/// One key of the configuration. The one source of its type, default, range and description: the loader, the
/// nearest-key hint and docs/guide/configuration.md all read it.
/// </summary>
internal sealed class KeyDefinition(string name, KeyType type, string? @default, string description, string example)
{
    public string Name { get; } = name;

    public KeyType Type { get; } = type;

    /// <summary>As it would be written in the file; null: none.</summary>
    public string? Default { get; } = @default;

    public string Description { get; } = description;

    /// <summary>A value as it would be written in the file.</summary>
    public string Example { get; } = example;

    /// <summary>False: a name of a later version, refused as not yet supported.</summary>
    public bool Supported { get; init; } = true;

    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>Values of a later version, refused as not yet supported.</summary>
    public IReadOnlyList<string> LaterValues { get; init; } = [];

    public KeyRange? Range { get; init; }

    /// <summary>The keys of the table, where the value is one or holds several by name.</summary>
    public KeySection? Section { get; init; }
}

/// <summary>The keys that may stand in one kind of table.</summary>
/// <remarks><paramref name="Title"/>: as its header would be written, with NAME for what the user chooses.</remarks>
internal sealed record KeySection(string Title, IReadOnlyList<KeyDefinition> Keys)
{
    public KeyDefinition? Find(string name) => Keys.FirstOrDefault(key => key.Name == name);
}
