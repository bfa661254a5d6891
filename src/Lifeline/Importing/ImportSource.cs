namespace Lifeline.Importing;

/// <summary>A file to import.</summary>
internal sealed class ImportSource(string path, string text)
{
    /// <summary>Files above this are no configuration of a supervisor.</summary>
    public const int MaximumBytes = 4 << 20;

    /// <summary>Absolute.</summary>
    public string Path { get; } = path;

    public string Text { get; } = text;

    public string Name { get; } = System.IO.Path.GetFileName(path);

    public string Folder { get; } = System.IO.Path.GetDirectoryName(path) ?? "/";

    public IEnumerable<string> Lines => Text.Split('\n').Select(line => line.TrimEnd('\r'));

    /// <exception cref="ImportException">The file cannot be read.</exception>
    public static ImportSource Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaximumBytes)
                throw new ImportException($"{path} is larger than {MaximumBytes >> 20} MiB", "is it the right file?");
            return new ImportSource(path, File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImportException($"{path} cannot be read: {e.Message}", null, e);
        }
    }

    /// <summary>An absolute path; what is relative starts at the file's folder.</summary>
    public string Resolve(string relative) => System.IO.Path.GetFullPath(relative, Folder);
}
