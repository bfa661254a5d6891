using Lifeline.Configuration;

namespace Lifeline.Tests.Configuration;

/// <summary>A temporary folder with configuration files.</summary>
internal sealed class ConfigurationFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("lifeline-configuration-").FullName;

    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public LoadResult Load(string text, params (string Name, string Value)[] variables)
    {
        var path = Write("lifeline.toml", text);
        return ConfigurationLoader.Load(path, variables.ToDictionary(v => v.Name, v => v.Value));
    }

    /// <summary>The configuration; fails with the errors if there are any.</summary>
    public LifelineConfiguration LoadGood(string text, params (string Name, string Value)[] variables)
    {
        var result = Load(text, variables);
        Assert.True(result.Errors.Count == 0, string.Join('\n', result.Errors));
        return result.Configuration!;
    }

    public ServiceConfiguration LoadService(string keys, params (string Name, string Value)[] variables) =>
        Assert.Single(LoadGood("[services.orders]\ncommand = [\"x\"]\n" + keys, variables).Services);

    /// <summary>Errors as "line:column: message; hint", files named relative to the folder.</summary>
    public string[] Errors(string text, params (string Name, string Value)[] variables) =>
        [.. Load(text, variables).Errors.Select(error => error.ToString().Replace(Path + "/", "", StringComparison.Ordinal))];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
