namespace Lifeline.Importing;

/// <summary>Sections of <c>key = value</c> lines, in the dialect of a supervisor.</summary>
internal sealed record IniSection(string Name, List<IniEntry> Entries)
{
    /// <summary>The last value of a key, or null.</summary>
    public string? Find(string key) => Entries.LastOrDefault(entry => entry.Key == key)?.Value;
}

/// <remarks><paramref name="Line"/>: from 1.</remarks>
internal sealed record IniEntry(string Key, string Value, int Line);

/// <summary>Reads the two dialects that supervisors use.</summary>
internal static class IniFile
{
    /// <summary>As Python's ConfigParser with inline comments: supervisord.</summary>
    public static List<IniSection> ReadPython(ImportSource source)
    {
        var sections = new List<IniSection>();
        var number = 0;
        foreach (var raw in source.Lines)
        {
            number++;
            var line = WithoutInlineComment(raw);
            if (line.Trim().Length == 0) continue;
            var last = sections.LastOrDefault()?.Entries;
            if (char.IsWhiteSpace(line[0]) && last is { Count: > 0 }) last[^1] = last[^1] with { Value = $"{last[^1].Value}\n{line.Trim()}" };
            else if (TryReadHeader(line.Trim()) is { } name) sections.Add(new IniSection(name, []));
            else sections.LastOrDefault()?.Entries.Add(ReadEntry(source, line.Trim(), number, ['=', ':']));
        }
        return sections;
    }

    /// <summary>As systemd: whole-line comments, a backslash at the end joins lines, an empty value empties a list.</summary>
    public static List<IniSection> ReadSystemd(ImportSource source)
    {
        var sections = new List<IniSection>();
        var number = 0;
        var joined = "";
        foreach (var raw in source.Lines)
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 && joined.Length == 0) continue;
            if (line.StartsWith('#') || line.StartsWith(';')) continue;
            if (line.EndsWith('\\'))
            {
                joined += line[..^1] + " ";
                continue;
            }
            line = (joined + line).Trim();
            joined = "";
            if (TryReadHeader(line) is { } name) sections.Add(new IniSection(name, []));
            else if (line.Length > 0) sections.LastOrDefault()?.Entries.Add(ReadEntry(source, line, number, ['=']));
        }
        return sections;
    }

    private static string? TryReadHeader(string line) => line.StartsWith('[') && line.EndsWith(']') ? line[1..^1].Trim() : null;

    private static IniEntry ReadEntry(ImportSource source, string line, int number, char[] separators)
    {
        var at = line.IndexOfAny(separators);
        return at > 0
            ? new IniEntry(line[..at].Trim(), line[(at + 1)..].Trim(), number)
            : throw new ImportException($"{source.Path}:{number}: not \"key = value\": {line}");
    }

    private static string WithoutInlineComment(string line)
    {
        if (line.TrimStart() is ['#' or ';', ..]) return "";
        for (var i = 1; i < line.Length; i++)
            if (line[i] is ';' or '#' && char.IsWhiteSpace(line[i - 1])) return line[..(i - 1)].TrimEnd();
        return line;
    }
}
