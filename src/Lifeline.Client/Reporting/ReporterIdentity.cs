using System.Globalization;

namespace Lifeline.Client;

/// <summary>Where the monitor is and who this process believes to be: given, or from the environment.</summary>
internal sealed record ReporterIdentity(string? SocketPath, string? Service, int? Generation)
{
    public static ReporterIdentity From(StatusReporterOptions options) => new(
        options.SocketPath ?? Read("LIFELINE_SOCKET"),
        options.Service ?? Read("LIFELINE_SERVICE"),
        options.Generation ?? ReadNumber("LIFELINE_GENERATION"));

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    // A value that is no number is as good as none: the monitor knows the generation by the process.
    private static int? ReadNumber(string name) =>
        int.TryParse(Read(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
