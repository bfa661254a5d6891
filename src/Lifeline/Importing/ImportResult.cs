namespace Lifeline.Importing;

/// <summary>Everything that was read of another supervisor's files.</summary>
internal sealed class ImportResult(string kind)
{
    /// <summary>The supervisor's name.</summary>
    public string Kind { get; } = kind;

    public List<ImportedService> Services { get; } = [];

    /// <summary>Keys of [monitor], with their values as they are written.</summary>
    public List<KeyValuePair<string, string>> Monitor { get; } = [];

    /// <summary>What concerns no single service.</summary>
    public List<string> Notes { get; } = [];

    public ImportedService Add(string name, string source)
    {
        var valid = ValidName(name);
        var unique = valid;
        for (var i = 2; Services.Exists(service => service.Name == unique); i++) unique = $"{valid}-{i}";
        var service = new ImportedService(unique, source);
        if (unique != name) service.Note($"name \"{name}\"", "a name is 1 to 64 letters, digits, \"_\" and \"-\", and used once");
        Services.Add(service);
        return service;
    }

    private static string ValidName(string name)
    {
        var valid = new string([.. name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '-')]);
        return valid.Length switch { 0 => "service", > 60 => valid[..60], _ => valid };
    }
}

/// <summary>A file that cannot be read as what it seems to be.</summary>
internal sealed class ImportException(string message, string? hint = null, Exception? inner = null) : Exception(message, inner)
{
    public string? Hint { get; } = hint;
}
