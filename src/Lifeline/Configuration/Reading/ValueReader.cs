using System.Globalization;
using Lifeline.Linux;

namespace Lifeline.Configuration;

/// <summary>Reads one value as the type of its key, or reports what is wrong with it and gives null.</summary>
internal static class ValueReader
{
    private const string DurationForms = "write a number and a unit: \"250ms\", \"10s\", \"5m\", \"1h\"";
    private const string SizeForms = "write a number and a unit: \"512B\", \"64KiB\", \"10MiB\", \"1GiB\"";

    public static object? Read(KeyDefinition key, ConfigValue value, ReadContext context) => key.Type switch
    {
        KeyType.Boolean => value is ConfigBoolean boolean ? boolean.Value : Wrong(key, value, "true or false", context),
        KeyType.Integer => ReadInteger(key, value, context),
        KeyType.Float => ReadFloat(key, value, context),
        KeyType.Text => ReadText(key, value, "a string", context),
        KeyType.Duration => ReadDuration(key, value, context),
        KeyType.DurationOrNever => value is ConfigString { Text: "never" } ? Never.Instance : ReadDuration(key, value, context),
        KeyType.Size => ReadSize(key, value, context),
        KeyType.SizeOrBytes => value is ConfigInteger ? ReadBytes(key, value, context) : ReadSize(key, value, context),
        KeyType.Choice => ReadChoice(key, value, context),
        KeyType.Signal => ReadSignal(key, value, context),
        KeyType.Umask => ReadUmask(key, value, context),
        KeyType.Folder or KeyType.Path => ReadText(key, value, "a path", context) is { } path ? MakePath(value, path, context) : null,
        KeyType.WebAddress => ReadWebAddress(key, value, context),
        KeyType.Address or KeyType.HttpAddress => AddressReader.Read(key, value, context),
        KeyType.User => IdentityReader.ReadUser(key, value, context),
        KeyType.Group => IdentityReader.ReadGroup(key, value, context),
        KeyType.EnvironmentFile => ReadText(key, value, "a path", context) is { } file && MakePath(value, file, context) is { } full
            ? EnvironmentFile.Read(full, value.Location, context.Errors) : null,
        KeyType.Variables => ListReader.ReadVariables(key, value, context),
        KeyType.Headers => HeaderReader.Read(key, value, context),
        _ => ListReader.Read(key, value, context),
    };

    /// <summary>The text with its variables replaced.</summary>
    public static string? ReadText(KeyDefinition key, ConfigValue value, string expected, ReadContext context)
    {
        if (value is not ConfigString text) return Wrong(key, value, expected, context) as string;
        var result = Interpolation.Expand(text.Text, context.Variables);
        if (result.Text is null)
        {
            context.Errors.Add(Within(text, result.Position), result.Problem!, result.Hint);
            return null;
        }
        if (!result.Text.Contains('\0', StringComparison.Ordinal)) return result.Text;
        context.Errors.Add(value.Location, $"\"{key.Name}\" holds a NUL character");
        return null;
    }

    public static object? Wrong(KeyDefinition key, ConfigValue value, string expected, ReadContext context, string? hint = null)
    {
        context.Errors.Add(value.Location, $"\"{key.Name}\" must be {expected}, found {value.Describe()}", hint);
        return null;
    }

    public static object? ReadInteger(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        if (value is not ConfigInteger integer) return Wrong(key, value, "a whole number", context);
        return InRange(key, integer.Number, integer.Number.ToString(CultureInfo.InvariantCulture), Plain, value, context) ? (int)integer.Number : null;
    }

    public static string? MakePath(ConfigValue value, string path, ReadContext context)
    {
        if (path.Length > 0) return Path.GetFullPath(path, context.Folder);
        context.Errors.Add(value.Location, "a path must not be empty");
        return null;
    }

    private static object? ReadFloat(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        var number = value switch { ConfigFloat f => f.Number, ConfigInteger i => i.Number, _ => (double?)null };
        if (number is not { } known) return Wrong(key, value, "a number", context);
        return InRange(key, known, Plain(known), Plain, value, context) ? known : null;
    }

    private static object? ReadDuration(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        if (value is not ConfigString) return Wrong(key, value, $"a duration such as {key.Example}", context, DurationForms);
        if (ReadText(key, value, "a duration", context) is not { } text) return null;
        if (Durations.TryParse(text) is not { } milliseconds) return NotA(key, value, "duration", text, DurationForms, context);
        return InRange(key, milliseconds, Durations.Format(milliseconds), Durations.Format, value, context)
            ? TimeSpan.FromTicks((long)Math.Round(milliseconds * TimeSpan.TicksPerMillisecond)) : null;
    }

    private static object? ReadSize(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        if (value is not ConfigString) return Wrong(key, value, $"a size such as {key.Example}", context, SizeForms);
        if (ReadText(key, value, "a size", context) is not { } text) return null;
        if (Durations.TryParseSize(text) is not { } bytes) return NotA(key, value, "size", text, SizeForms, context);
        return InRange(key, bytes, Durations.FormatSize(bytes), Durations.FormatSize, value, context) ? (long)bytes : null;
    }

    private static object? ReadBytes(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        var bytes = ((ConfigInteger)value).Number;
        return InRange(key, bytes, Durations.FormatSize(bytes), Durations.FormatSize, value, context) ? bytes : null;
    }

    private static object? ReadChoice(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        var expected = key.Values.Count == 1 ? Quoted.Of(key.Values[0]) : "one of " + Quoted.List(key.Values);
        if (ReadText(key, value, expected, context) is not { } text) return null;
        if (key.Values.Contains(text)) return text;
        if (key.LaterValues.Contains(text))
            context.Errors.Add(value.Location, $"{key.Name} = {Quoted.Of(text)} is not yet supported", $"so far it can be {Quoted.List(key.Values)}");
        else
            context.Errors.Add(value.Location, $"\"{key.Name}\" must be {expected}, found {Quoted.Of(text)}", NearestName.Hint(text, key.Values));
        return null;
    }

    private static object? ReadSignal(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        var text = value is ConfigInteger integer
            ? integer.Number.ToString(CultureInfo.InvariantCulture)
            : ReadText(key, value, "a signal such as \"TERM\"", context);
        if (text is null) return null;
        if (Signals.TryParse(text) is { } number) return number;
        context.Errors.Add(value.Location, $"{Quoted.Of(text)} is not a signal", NearestName.Hint(text, Signals.AllNames) ?? "write a name such as \"TERM\" or a number from 1 to 64");
        return null;
    }

    private static object? ReadUmask(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        const string expected = "a string of octal digits from \"000\" to \"777\"";
        if (ReadText(key, value, expected, context) is not { } text) return null;
        if (text.Length is 3 or 4 && text.All(digit => digit is >= '0' and <= '7') && Convert.ToInt32(text, 8) is var mask and <= 0x1FF)
            return (UnixFileMode)mask;
        return Wrong(key, value, expected, context);
    }

    private static object? ReadWebAddress(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        const string expected = "an address that begins with http:// or https://";
        if (ReadText(key, value, expected, context) is not { } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.Host.Length > 0) return address;
        // The address may hold a secret that came out of a variable, so what is shown is what the file says.
        return Wrong(key, value, expected, context);
    }

    private static bool InRange(KeyDefinition key, double number, string found, Func<double, string> format, ConfigValue value, ReadContext context)
    {
        if (key.Range is not { } range || (number >= range.Minimum && number <= range.Maximum)) return true;
        context.Errors.Add(value.Location, $"\"{key.Name}\" must be from {format(range.Minimum)} to {format(range.Maximum)}, found {found}");
        return false;
    }

    private static object? NotA(KeyDefinition key, ConfigValue value, string what, string text, string hint, ReadContext context)
    {
        context.Errors.Add(value.Location, $"\"{key.Name}\" must be a {what} such as {key.Example}, found {Quoted.Of(text)}", hint);
        return null;
    }

    private static string Plain(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    // Exact only for text without escapes, where file and value run side by side.
    private static SourceLocation Within(ConfigString text, int position)
    {
        var plain = text.Location.Length == text.Text.EnumerateRunes().Count() + 2;
        if (!plain) return text.Location;
        var before = text.Text[..position].EnumerateRunes().Count();
        return text.Location with { Column = text.Location.Column + 1 + before, Length = text.Location.Length - 2 - before };
    }
}

/// <summary>The value of a duration that is "never".</summary>
internal sealed class Never
{
    public static readonly Never Instance = new();

    private Never()
    {
    }
}
