namespace Lifeline.Configuration;

/// <summary>Reads lifeline.toml and what it includes.</summary>
internal static class ConfigurationLoader
{
    /// <summary>Errors that are listed; those beyond are counted.</summary>
    public const int MaximumErrors = 50;

    /// <summary>Never throws for what the files say or for files that cannot be read: that is in the result.</summary>
    /// <remarks><paramref name="path"/>: the file; relative paths start at the current folder. <paramref name="environment"/>: where <c>${VAR}</c> is looked up.</remarks>
    public static LoadResult Load(string path, IReadOnlyDictionary<string, string> environment)
    {
        var errors = new ErrorList();
        var file = Path.GetFullPath(path);
        var files = new FileLoader(environment, errors);
        files.Load(file, new SourceLocation(file, 0, 0, 0));
        var configuration = new ConfigurationBinder(files, errors).Bind();
        return errors.Count > 0 ? errors.ToResult() : new LoadResult { Configuration = configuration, Errors = [], ErrorsOmitted = 0 };
    }

    /// <summary>The environment of this process, for <see cref="Load"/>.</summary>
    public static IReadOnlyDictionary<string, string> CurrentEnvironment()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
            variables[(string)entry.Key] = (string?)entry.Value ?? "";
        return variables;
    }
}
