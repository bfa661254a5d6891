namespace Lifeline.Importing;

/// <summary>Finds out whose file it is, and reads it.</summary>
internal static class ImportFormats
{
    public static IReadOnlyList<string> Names { get; } = ["supervisord", "procfile", "systemd", "pm2", "process-compose"];

    /// <exception cref="ImportException">The files cannot be read, or are of kinds that do not go together.</exception>
    /// <remarks><paramref name="format"/>: one of <see cref="Names"/>, or null to find it out.</remarks>
    public static ImportResult Read(IReadOnlyList<string> paths, string? format)
    {
        var sources = paths.Select(ImportSource.Read).ToList();
        var formats = sources.Select(source => format ?? Find(source)).Distinct().ToList();
        if (formats.Count > 1) throw new ImportException($"these files are of several kinds: {string.Join(", ", formats)}", "import each kind on its own");
        if (formats[0] == "systemd") return SystemdImporter.Read(sources);
        if (sources.Count > 1) throw new ImportException($"only one file of {formats[0]} can be imported at once", "what it includes is read too");
        return formats[0] switch
        {
            "supervisord" => SupervisorImporter.Read(sources[0]),
            "procfile" => ProcfileImporter.Read(sources[0]),
            "pm2" => Pm2Importer.Read(sources[0]),
            _ => ProcessComposeImporter.Read(sources[0]),
        };
    }

    private static string Find(ImportSource source)
    {
        var name = source.Name;
        if (name.EndsWith(".service", StringComparison.Ordinal) || name.EndsWith(".socket", StringComparison.Ordinal)) return "systemd";
        if (name.StartsWith("Procfile", StringComparison.OrdinalIgnoreCase)) return "procfile";
        if (name.EndsWith(".json", StringComparison.Ordinal) || name.EndsWith(".js", StringComparison.Ordinal) || name.EndsWith(".cjs", StringComparison.Ordinal)) return "pm2";
        if (name.EndsWith(".yaml", StringComparison.Ordinal) || name.EndsWith(".yml", StringComparison.Ordinal)) return "process-compose";
        if (name.EndsWith(".conf", StringComparison.Ordinal) || name.EndsWith(".ini", StringComparison.Ordinal) || source.Text.Contains("[program:", StringComparison.Ordinal)) return "supervisord";
        throw new ImportException($"it is not clear whose file {source.Path} is", $"say it with --format: {string.Join(", ", Names)}");
    }
}
