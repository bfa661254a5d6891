using System.Globalization;

namespace Lifeline.Configuration;

/// <summary>A value of a TOML file with the place where it stands.</summary>
internal abstract class ConfigValue(SourceLocation location)
{
    public SourceLocation Location { get; } = location;

    /// <summary>What it is, for "found …" in a message.</summary>
    public abstract string Describe();
}

internal sealed class ConfigString(SourceLocation location, string text) : ConfigValue(location)
{
    public string Text { get; } = text;

    public override string Describe() => $"the string {Quoted.Of(Text)}";
}

internal sealed class ConfigInteger(SourceLocation location, long number) : ConfigValue(location)
{
    public long Number { get; } = number;

    public override string Describe() => $"the integer {Number}";
}

internal sealed class ConfigFloat(SourceLocation location, double number) : ConfigValue(location)
{
    public double Number { get; } = number;

    public override string Describe() => string.Create(CultureInfo.InvariantCulture, $"the number {Number}");
}

internal sealed class ConfigBoolean(SourceLocation location, bool value) : ConfigValue(location)
{
    public bool Value { get; } = value;

    public override string Describe() => Value ? "true" : "false";
}

internal sealed class ConfigDate(SourceLocation location) : ConfigValue(location)
{
    public override string Describe() => "a date or time";
}

internal sealed class ConfigArray(SourceLocation location, bool isTableArray = false) : ConfigValue(location)
{
    public List<ConfigValue> Items { get; } = [];

    /// <summary>Written as [[name]].</summary>
    public bool IsTableArray { get; } = isTableArray;

    public override string Describe() => IsTableArray ? "an array of tables ([[…]])" : "an array";
}

/// <summary>How a table came to be decides what may still be added to it.</summary>
internal enum TableOrigin
{
    /// <summary>Made by the header of a table inside it; its own header may still follow.</summary>
    Implied,

    /// <summary>Made by its own header.</summary>
    Header,

    /// <summary>Made by a dotted key.</summary>
    Dotted,

    /// <summary>Written in braces; closed.</summary>
    Inline,
}

internal sealed class ConfigTable(SourceLocation location, TableOrigin origin) : ConfigValue(location)
{
    private readonly Dictionary<string, ConfigEntry> byName = new(StringComparer.Ordinal);
    private readonly List<ConfigEntry> inOrder = [];

    public TableOrigin Origin { get; set; } = origin;

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<ConfigEntry> Entries => inOrder;

    public ConfigEntry? Find(string name) => byName.GetValueOrDefault(name);

    public void Add(ConfigEntry entry)
    {
        byName.Add(entry.Name, entry);
        inOrder.Add(entry);
    }

    public override string Describe() => "a table";
}

/// <summary>A key and its value.</summary>
internal sealed record ConfigEntry(string Name, SourceLocation KeyLocation, ConfigValue Value);
