using Lifeline.Configuration;
using Lifeline.Linux;

namespace Lifeline.Cli.Diagnosis;

/// <summary>
/// What a configuration needs of this machine and does not find on it now. No errors: what is missing may come before the start, or be on
/// another machine.
/// </summary>
internal static class StartChecks
{
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <param name="configuration">Without errors.</param>
    /// <param name="variables">The environment that services would inherit from.</param>
    /// <returns>One sentence for each thing, in the order of the file.</returns>
    public static IReadOnlyList<string> Run(LifelineConfiguration configuration, IReadOnlyDictionary<string, string> variables)
    {
        var found = new List<string>();
        if (configuration.Monitor.Http is { } http)
        {
            found.AddRange(MissingFile("monitor", "tls_certificate", http.Certificate));
            found.AddRange(MissingFile("monitor", "tls_key", http.Key));
        }

        // Instances differ in little: what is missing for one is told once.
        foreach (var service in configuration.Services.DistinctBy(service => (service.Family, service.WorkingDirectory, string.Join('\0', service.Command))))
            found.AddRange(Look(service, variables));
        foreach (var alert in configuration.Alerts)
            found.AddRange(Program($"alerts.{alert.Name}", "command", alert.Command, alert.WorkingDirectory, variables.GetValueOrDefault("PATH")));
        return found;
    }

    private static IEnumerable<string> Look(ServiceConfiguration service, IReadOnlyDictionary<string, string> variables)
    {
        var name = $"services.{service.Family}";
        foreach (var socket in service.Listen.Where(socket => socket.Kind == ListenKind.Unix))
            if (Path.GetDirectoryName(socket.Address) is { Length: > 0 } parent && !IsFolder(parent))
                yield return $"{name}: listen.{socket.Name} is to be in {Quoted.Of(parent)}, which {Missing}";
        if (!IsFolder(service.WorkingDirectory))
        {
            // No program can be looked for from there.
            yield return $"{name}: its cwd {Quoted.Of(service.WorkingDirectory)} {Missing}";
            yield break;
        }

        var path = service.Environment.GetValueOrDefault("PATH")
            ?? (service.InheritEnvironment.Contains("PATH") ? variables.GetValueOrDefault("PATH") : null);
        (string Key, IReadOnlyList<string>? Command)[] commands =
        [
            ("command", service.Command), ("before_start", service.BeforeStart), ("after_stop", service.AfterStop),
            ("probe.exec", service.Probe?.Exec), ("ready_probe.exec", service.ReadyProbe?.Exec), ("reclaim.command", service.Reclaim.Command),
        ];
        foreach (var (key, command) in commands)
            foreach (var wrong in Program(name, key, command, service.WorkingDirectory, path))
                yield return wrong;
    }

    private static IEnumerable<string> Program(string section, string key, IReadOnlyList<string>? command, string folder, string? path)
    {
        if (command is not [var program, ..]) yield break;
        if (!program.Contains('/', StringComparison.Ordinal))
        {
            var folders = (path ?? DefaultPath).Split(':', StringSplitOptions.RemoveEmptyEntries);
            if (!folders.Any(one => IsExecutable(Path.Combine(folder, one, program))))
                yield return $"{section}: the program {Quoted.Of(program)} of {key} is in no folder of its PATH ({string.Join(':', folders)})";
            yield break;
        }

        var file = Path.GetFullPath(program, folder);
        if (FileStatus.TryOf(file, followLinks: true) is not { } status)
            yield return $"{section}: the program {Quoted.Of(file)} of {key} {Missing}";
        else if (status.Kind == FileKind.Folder)
            yield return $"{section}: the program {Quoted.Of(file)} of {key} is a folder";
        else if ((status.Mode & AnyExecute) == 0)
            yield return $"{section}: the program {Quoted.Of(file)} of {key} may be executed by nobody (chmod +x)";
    }

    private static IEnumerable<string> MissingFile(string section, string key, string? file) =>
        file is not null && FileStatus.TryOf(file, followLinks: true) is null ? [$"{section}: the file {Quoted.Of(file)} of {key} {Missing}"] : [];

    private static string Missing => CurrentProcess.Uid == 0 ? "does not exist" : "does not exist, or you may not look at it";

    private static bool IsFolder(string path) => FileStatus.TryOf(path, followLinks: true) is { Kind: FileKind.Folder };

    private static bool IsExecutable(string path) =>
        FileStatus.TryOf(path, followLinks: true) is { Kind: not FileKind.Folder } status && (status.Mode & AnyExecute) != 0;
}
