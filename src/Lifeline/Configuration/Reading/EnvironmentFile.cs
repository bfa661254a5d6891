using System.Text;

namespace Lifeline.Configuration;

/// <summary>
/// Files of <c>NAME=VALUE</c> lines. Empty lines and lines that begin with # or ; are passed over, a leading <c>export</c> too.
/// A value in single quotes is taken as it stands; in double quotes <c>\n \t \" \\ \$</c> are replaced; without quotes it is trimmed.
/// </summary>
internal static class EnvironmentFile
{
    private const string Export = "export ";

    /// <remarks><paramref name="mention"/>: where the configuration names the file.</remarks>
    public static VariableMap? Read(string file, SourceLocation mention, ErrorList errors)
    {
        if (FileText.TryRead(file, mention, "env_file", errors) is not { } text) return null;
        errors.AddFile(file, text);
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        var number = 0;
        var before = errors.Count;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            ReadLine(raw.TrimEnd('\r'), new SourceLocation(file, number, 1, 1), variables, errors);
        }
        return errors.Count == before ? new VariableMap(variables) : null;
    }

    private static void ReadLine(string raw, SourceLocation start, Dictionary<string, string> variables, ErrorList errors)
    {
        var line = raw.TrimStart();
        if (line.Length == 0 || line[0] is '#' or ';') return;
        if (line.StartsWith(Export, StringComparison.Ordinal)) line = line[Export.Length..].TrimStart();
        var indent = raw.Length - line.Length;
        var equals = line.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? line : line[..equals].TrimEnd();
        if (equals <= 0 || name.Contains(' ', StringComparison.Ordinal) || line.Contains('\0', StringComparison.Ordinal))
        {
            errors.Add(start with { Column = indent + 1, Length = Math.Max(1, line.Length) }, "this line is not NAME=VALUE", "begin comments with #");
            return;
        }
        if (Unquote(line[(equals + 1)..].Trim()) is { } value) variables[name] = value;
        else errors.Add(start with { Column = indent + equals + 2, Length = line.Length - equals - 1 }, $"the quotes of {name} are not closed on this line");
    }

    private static string? Unquote(string value)
    {
        if (value.Length == 0 || value[0] is not ('"' or '\'')) return value;
        var quote = value[0];
        var result = new StringBuilder();
        for (var i = 1; i < value.Length; i++)
        {
            if (value[i] == quote) return i == value.Length - 1 ? result.ToString() : null;
            if (quote == '"' && value[i] == '\\' && i + 1 < value.Length && value[i + 1] is 'n' or 't' or '"' or '\\' or '$')
                result.Append(value[++i] switch { 'n' => '\n', 't' => '\t', var other => other });
            else
                result.Append(value[i]);
        }
        return null;
    }
}
