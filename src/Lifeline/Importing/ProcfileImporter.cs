namespace Lifeline.Importing;

/// <summary>Reads a Procfile (foreman, honcho, overmind): one <c>name: command</c> a line, run by a shell.</summary>
internal static class ProcfileImporter
{
    // Foreman's and its followers' counting of PORT.
    private const int FirstPort = 5000;
    private const int PortStep = 100;

    /// <exception cref="ImportException">A line is none of a Procfile.</exception>
    public static ImportResult Read(ImportSource source)
    {
        var result = new ImportResult("Procfile");
        result.Notes.Add("Foreman ends everything when one process ends; here each is restarted by its own policy.");
        var environmentFile = Path.Combine(source.Folder, ".env");
        var number = 0;
        foreach (var (line, index) in source.Lines.Select((line, index) => (line.Trim(), index)))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var name = colon > 0 ? line[..colon].Trim() : "";
            var command = colon > 0 ? line[(colon + 1)..].Trim() : "";
            if (name.Length == 0 || command.Length == 0 || name.Any(char.IsWhiteSpace))
                throw new ImportException($"{source.Path}:{index + 1}: not \"name: command\": {line}");
            var service = result.Add(name, $"{source.Name}: {name}");
            service.Set("command", TomlText.Of(command));
            service.Set("cwd", TomlText.Of(source.Folder));
            if (File.Exists(environmentFile)) service.Set("env_file", TomlText.Of(environmentFile));
            service.Environment["PORT"] = $"{FirstPort + (PortStep * number++)}";
            service.Environment["PS"] = $"{name}.1";
        }
        return result;
    }
}
