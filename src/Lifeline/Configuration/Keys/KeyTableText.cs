using System.Text;

namespace Lifeline.Configuration;

/// <summary>The table of keys as the guide shows it.</summary>
internal static class KeyTableText
{
    /// <summary>Markdown: one heading and one table for each kind of table of the file.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder();
        foreach (var section in KeyTable.Sections)
        {
            text.Append("### ").Append(section == KeyTable.Root ? "Top of the file" : $"`{section.Title}`").Append("\n\n");
            text.Append("| key | type | default | example | meaning |\n|---|---|---|---|---|\n");
            foreach (var key in section.Keys.Where(key => key.Supported)) AppendRow(text, key);
            var later = section.Keys.Where(key => !key.Supported).Select(key => $"`{key.Name}`").ToArray();
            if (later.Length > 0) text.Append("\nNot yet supported, and refused by name: ").AppendJoin(", ", later).Append(".\n");
            text.Append('\n');
        }
        return text.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>The type of a key with its range or its values, in words.</summary>
    public static string TypeOf(KeyDefinition key)
    {
        var type = key.Type switch
        {
            KeyType.Boolean => "true or false",
            KeyType.Integer => "whole number",
            KeyType.Float => "number",
            KeyType.Text => "string",
            KeyType.Duration => "duration",
            KeyType.DurationOrNever => "duration or `\"never\"`",
            KeyType.Size => "size",
            KeyType.SizeOrBytes => "size, or bytes",
            KeyType.Choice => string.Join(", ", key.Values.Select(value => $"`\"{value}\"`")),
            KeyType.Choices => "array of " + string.Join(", ", key.Values.Select(value => $"`\"{value}\"`")),
            KeyType.Signal => "signal",
            KeyType.Umask => "octal string",
            KeyType.Folder or KeyType.Path => "path",
            KeyType.EnvironmentFile => "path",
            KeyType.ReclaimPaths => "array of paths",
            KeyType.Command => "array of strings, or string",
            KeyType.Texts => "array of strings",
            KeyType.VariableNames => "array of names",
            KeyType.ServicePatterns => "array of names",
            KeyType.Integers => "array of whole numbers",
            KeyType.Variables or KeyType.Headers => "table of strings",
            KeyType.Users => "array of names or numbers",
            KeyType.User or KeyType.Group => "name or number",
            KeyType.Address => "host:port",
            KeyType.HttpAddress => "address:port or `\"off\"`",
            KeyType.WebAddress => "http or https address",
            KeyType.Table => "table",
            _ => "tables by name",
        };
        return key.Range is { } range ? $"{type}, {Format(key, range.Minimum)} to {Format(key, range.Maximum)}" : type;
    }

    private static string Format(KeyDefinition key, double value) => key.Type switch
    {
        KeyType.Duration or KeyType.DurationOrNever => Durations.Format(value),
        KeyType.Size or KeyType.SizeOrBytes => Durations.FormatSize(value),
        _ => value.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture),
    };

    private static void AppendRow(StringBuilder text, KeyDefinition key)
    {
        text.Append("| `").Append(key.Name).Append("` | ").Append(TypeOf(key)).Append(" | ")
            .Append(key.Default is null ? "" : $"`{key.Default}`").Append(" | `").Append(key.Example).Append("` | ")
            .Append(key.Description.Replace("|", "\\|", StringComparison.Ordinal)).Append(" |\n");
    }
}
