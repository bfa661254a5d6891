using System.Text.Json;
using System.Text.Json.Serialization;
using Lifeline.Configuration;

namespace Lifeline.Supervision;

/// <summary>
/// The configuration that was put in force last, kept in the state folder: a monitor that takes over from a dead one goes on with it.
/// Only <c>up</c> and a reload read the file; what somebody is editing meanwhile, or has deleted, changes nothing.
/// </summary>
internal static class AcceptedConfiguration
{
    private const string FileName = "configuration.json";

    /// <summary>Keeps a configuration; it may hold secrets and is readable by the monitor's user only.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Save(string stateFolder, LifelineConfiguration configuration)
    {
        var path = Path.Combine(stateFolder, FileName);
        var fresh = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var file = new FileStream(fresh, options))
            JsonSerializer.Serialize(file, configuration, AcceptedConfigurationJson.Default.LifelineConfiguration);
        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>What was kept; null if there is nothing that can be read.</summary>
    public static LifelineConfiguration? TryLoad(string stateFolder)
    {
        try
        {
            using var file = File.OpenRead(Path.Combine(stateFolder, FileName));
            return JsonSerializer.Deserialize(file, AcceptedConfigurationJson.Default.LifelineConfiguration);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // A state folder of an older version, or a damaged one: the file is read instead.
            return null;
        }
    }
}

[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(LifelineConfiguration))]
internal sealed partial class AcceptedConfigurationJson : JsonSerializerContext;
