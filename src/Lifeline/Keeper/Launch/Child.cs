using System.Collections;
using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>Starts this program's own processes: in a session of their own, with nothing on standard input, with our environment.</summary>
internal static class Child
{
    private static readonly List<string> CurrentEnvironment = ReadEnvironment();

    /// <summary>The environment of this process as NAME=value, as it was at the start.</summary>
    public static IReadOnlyList<string> InheritedEnvironment => CurrentEnvironment;

    /// <param name="path">The executable.</param>
    /// <param name="arguments">Arguments after its name.</param>
    /// <param name="inheritOutput">Standard output and error are ours; else they lead nowhere.</param>
    /// <param name="descriptors">Further descriptors and their numbers.</param>
    /// <exception cref="LinuxException">It could not be started.</exception>
    public static SpawnedProcess Spawn(
        string path, IReadOnlyList<string> arguments, bool inheritOutput, params ReadOnlySpan<(Descriptor Source, int Target)> descriptors) =>
        Spawn(path, arguments, CurrentEnvironment, inheritOutput, descriptors);

    /// <param name="path">The executable.</param>
    /// <param name="arguments">Arguments after its name.</param>
    /// <param name="environment">Its whole environment.</param>
    /// <param name="inheritOutput">Standard output and error are ours; else they lead nowhere.</param>
    /// <param name="descriptors">Further descriptors and their numbers.</param>
    /// <exception cref="LinuxException">It could not be started.</exception>
    public static SpawnedProcess Spawn(
        string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, bool inheritOutput, params ReadOnlySpan<(Descriptor Source, int Target)> descriptors)
    {
        using Descriptor nothing = Descriptor.Open("/dev/null", OpenFlags.ReadWrite);
        List<(Descriptor Source, int Target)> map = [(nothing, 0)];
        if (!inheritOutput) map.AddRange([(nothing, 1), (nothing, 2)]);
        map.AddRange(descriptors);
        return ProcessSpawner.Spawn(new SpawnRequest
        {
            Path = path,
            Arguments = [path, .. arguments],
            Environment = environment,
            Descriptors = map,
        });
    }

    private static List<string> ReadEnvironment()
    {
        List<string> environment = [];
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables()) environment.Add($"{entry.Key}={entry.Value}");
        return environment;
    }
}
