namespace Lifeline.Configuration;

/// <summary>Finds the files of one include pattern, sorted by name; a name that begins with a dot must be asked for.</summary>
internal static class IncludePattern
{
    public static IReadOnlyList<string> Expand(string pattern, string folder, SourceLocation location, ErrorList errors)
    {
        if (pattern.Length == 0)
        {
            errors.Add(location, "a path must not be empty");
            return [];
        }
        if (!Glob.HasWildcard(pattern)) return [Path.GetFullPath(pattern, folder)];
        // The folder itself may hold wildcard characters, which mean nothing there.
        IEnumerable<string> found = [Path.IsPathRooted(pattern) ? "/" : folder];
        var parts = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        try
        {
            for (var i = 0; i < parts.Length; i++)
            {
                var (part, last) = (parts[i], i == parts.Length - 1);
                found = found.SelectMany(parent => Step(parent, part, last)).ToArray();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(location, $"{Quoted.Of(pattern)} cannot be searched: {e.Message}");
            return [];
        }
        return [.. found.Select(Path.GetFullPath).Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Step(string parent, string part, bool last)
    {
        if (!Glob.HasWildcard(part))
        {
            var next = Path.Combine(parent, part);
            return (last ? File.Exists(next) : Directory.Exists(next)) ? [next] : [];
        }
        return (last ? Directory.EnumerateFiles(parent) : Directory.EnumerateDirectories(parent))
            .Where(path => Path.GetFileName(path) is var name && (name[0] != '.' || part[0] == '.') && Glob.IsMatch(part, name));
    }
}
