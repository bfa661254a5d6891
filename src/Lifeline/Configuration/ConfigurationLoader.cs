namespace Lifeline.Configuration;

/// <summary>Reads lifeline.toml and what it includes.</summary>
internal static class ConfigurationLoader
{
    /// <summary>Errors that are listed; those beyond are counted.</summary>
    public const int MaximumErrors = 50;

    /// <summary>Never throws for what the files say or for files that cannot be read: that is in the result.</summary>
    /// <param name="path">The file; relative paths start at the current folder.</param>
    /// <param name="environment">Where <c>${VAR}</c> is looked up.</param>
    public static LoadResult Load(string path, IReadOnlyDictionary<string, string> environment) =>
        throw new NotImplementedException();
}
