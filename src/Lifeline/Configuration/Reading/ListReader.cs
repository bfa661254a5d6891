using System.Globalization;
using Lifeline.Linux;

namespace Lifeline.Configuration;

/// <summary>Reads arrays and tables of values.</summary>
internal static class ListReader
{
    private const int MaximumItems = 1024;

    // Lifeline tells the service these itself; a value of the file would be lost or would lie.
    private static readonly string[] OwnVariables =
        ["LIFELINE_SOCKET", "LIFELINE_SERVICE", "LIFELINE_GENERATION", "LIFELINE_INSTANCE", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"];

    public static object? Read(KeyDefinition key, ConfigValue value, ReadContext context) => key.Type switch
    {
        KeyType.Command => ReadCommand(key, value, context),
        KeyType.Texts => ReadItems(key, value, "an array of strings", context, item => ValueReader.ReadText(key, item, "an array of strings", context)),
        KeyType.ServicePatterns => ReadItems(key, value, "an array of service names", context, item => ReadPattern(key, item, context)),
        KeyType.VariableNames => ReadItems(key, value, "an array of variable names", context, item => ReadVariableName(key, item, context)),
        KeyType.Choices => ReadChoices(key, value, context),
        KeyType.Integers => ReadIntegers(key, value, context),
        KeyType.Users => ReadUsers(key, value, context),
        KeyType.ReclaimPaths => ReadItems(key, value, "an array of paths", context, item => ReadReclaimPath(key, item, context)),
        _ => throw new ArgumentOutOfRangeException(nameof(key), key.Type, "not a list"),
    };

    public static object? ReadVariables(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        if (value is not ConfigTable table) return ValueReader.Wrong(key, value, "a table of variables", context);
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in table.Entries)
        {
            if (!CheckVariableName(entry.Name, entry.KeyLocation, context)) continue;
            if (Array.IndexOf(OwnVariables, entry.Name) >= 0)
                context.Errors.Add(entry.KeyLocation, $"the variable {entry.Name} is set by Lifeline itself", "remove it");
            else if (ReadVariable(entry, context) is { } text) variables[entry.Name] = text;
        }
        return new VariableMap(variables);
    }

    private static string? ReadVariable(ConfigEntry entry, ReadContext context)
    {
        switch (entry.Value)
        {
            case ConfigInteger integer: return integer.Number.ToString(CultureInfo.InvariantCulture);
            case ConfigBoolean boolean: return boolean.Value ? "true" : "false";
            default:
                var key = new KeyDefinition(entry.Name, KeyType.Text, null, "", "");
                return ValueReader.ReadText(key, entry.Value, "a string, a whole number, true or false", context);
        }
    }

    private static string[]? ReadCommand(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        const string expected = "an array of strings (program and arguments) or one string";
        if (value is ConfigString)
        {
            if (ValueReader.ReadText(key, value, expected, context) is not { } line) return null;
            if (!string.IsNullOrWhiteSpace(line)) return ["/bin/sh", "-c", line];
            context.Errors.Add(value.Location, $"\"{key.Name}\" must not be empty");
            return null;
        }
        if (ReadItems(key, value, expected, context, item => ValueReader.ReadText(key, item, expected, context)) is not { } parts) return null;
        if (parts.Length > 0 && parts[0].Length > 0) return parts;
        if (((ConfigArray)value).Items.Count == 0 || parts.Length > 0) context.Errors.Add(value.Location, $"\"{key.Name}\" must name a program");
        return null;
    }

    private static T[]? ReadItems<T>(KeyDefinition key, ConfigValue value, string expected, ReadContext context, Func<ConfigValue, T?> read)
        where T : class
    {
        if (value is not ConfigArray array) return ValueReader.Wrong(key, value, expected, context) as T[];
        if (array.Items.Count > MaximumItems)
        {
            context.Errors.Add(value.Location, $"\"{key.Name}\" has {array.Items.Count} items, at most {MaximumItems} are allowed");
            return null;
        }
        var items = new List<T>(array.Items.Count);
        var failed = false;
        foreach (var item in array.Items)
        {
            if (read(item) is { } good) items.Add(good);
            else failed = true;
        }
        return failed ? null : [.. items];
    }

    private static string? ReadPattern(KeyDefinition key, ConfigValue item, ReadContext context)
    {
        if (ValueReader.ReadText(key, item, "an array of service names", context) is not { } text) return null;
        if (text.Length > 0) return text;
        context.Errors.Add(item.Location, $"\"{key.Name}\" holds an empty name");
        return null;
    }

    private static string? ReadVariableName(KeyDefinition key, ConfigValue item, ReadContext context) =>
        ValueReader.ReadText(key, item, "an array of variable names", context) is { } name && CheckVariableName(name, item.Location, context) ? name : null;

    private static bool CheckVariableName(string name, SourceLocation location, ReadContext context)
    {
        if (name.Length > 0 && name.AsSpan().IndexOfAny('=', '\0') < 0) return true;
        context.Errors.Add(location, $"{Quoted.Of(name)} cannot be the name of a variable", "a name is not empty and holds no \"=\"");
        return false;
    }

    private static string[]? ReadChoices(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        var expected = "an array of " + Quoted.List(key.Values);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var items = ReadItems(key, value, expected, context, item =>
        {
            if (ValueReader.ReadText(key, item, expected, context) is not { } text) return null;
            if (!key.Values.Contains(text))
                context.Errors.Add(item.Location, $"{Quoted.Of(text)} in \"{key.Name}\" is not one of {Quoted.List(key.Values)}", NearestName.Hint(text, key.Values));
            else if (!seen.Add(text))
                context.Errors.Add(item.Location, $"{Quoted.Of(text)} is given twice in \"{key.Name}\"");
            else
                return text;
            return null;
        });
        if (items is not { Length: 0 }) return items;
        context.Errors.Add(value.Location, $"\"{key.Name}\" must not be empty");
        return null;
    }

    private static int[]? ReadIntegers(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        var items = ReadItems(key, value, "an array of whole numbers", context,
            item => item is ConfigInteger ? ValueReader.ReadInteger(key, item, context) : ValueReader.Wrong(key, item, "an array of whole numbers", context));
        return items?.Select(item => (int)item).Distinct().ToArray();
    }

    private static uint[]? ReadUsers(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        const string expected = "an array of user names or numbers";
        var items = ReadItems<object>(key, value, expected, context, item =>
        {
            if (item is ConfigInteger { Number: >= 0 and < uint.MaxValue } number) return (uint)number.Number;
            if (item is ConfigInteger) return ValueReader.Wrong(key, item, "an array of user numbers from 0 to 4294967294", context);
            if (ValueReader.ReadText(key, item, expected, context) is not { } name) return null;
            if (uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != uint.MaxValue) return id;
            if (Users.Find(name) is { } user) return user.Uid;
            context.Errors.Add(item.Location, $"there is no user {Quoted.Of(name)}", "create it, or write the number");
            return null;
        });
        return items?.Select(item => (uint)item).Distinct().ToArray();
    }

    private static string? ReadReclaimPath(KeyDefinition key, ConfigValue item, ReadContext context)
    {
        if (ValueReader.ReadText(key, item, "an array of paths", context) is not { } text) return null;
        if (ValueReader.MakePath(item, text, context) is not { } path) return null;
        if (text.EndsWith('/') || path == "/")
            context.Errors.Add(item.Location, $"{Quoted.Of(text)} names a folder", "name files or sockets in it, \"*\" for all of them");
        else if (Glob.HasWildcard(Path.GetDirectoryName(path)!))
            context.Errors.Add(item.Location, $"{Quoted.Of(text)} has a wildcard before its last part", "wildcards may stand in the last part only");
        else
            return path;
        return null;
    }
}
