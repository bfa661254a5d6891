namespace Lifeline.Configuration;

/// <summary>The run folder and the state folder, and what lies in them.</summary>
internal sealed record Places
{
    public const string RunFolderVariable = "LIFELINE_RUN_DIR";
    public const string StateFolderVariable = "LIFELINE_STATE_DIR";

    public required string RunFolder { get; init; }

    public required string StateFolder { get; init; }

    public string Socket => Path.Combine(RunFolder, "ipc.sock");

    public string Board => Path.Combine(RunFolder, "board");

    public string HttpSocket => Path.Combine(RunFolder, "http.sock");

    /// <summary>Holds the address at which dashboard and API are served.</summary>
    public string HttpUrlFile => Path.Combine(RunFolder, "http");

    public string TokenFile => Path.Combine(RunFolder, "token");

    public string KeeperPidFile => Path.Combine(RunFolder, "keeper.pid");

    public string MonitorPidFile => Path.Combine(RunFolder, "monitor.pid");

    public string Lock => Path.Combine(RunFolder, "lock");

    public string NotifyFolder => Path.Combine(RunFolder, "notify");

    public string NotifySocket(string service) => Path.Combine(NotifyFolder, service);

    public string Journal => Path.Combine(StateFolder, "journal.db");

    public string LogsFolder => Path.Combine(StateFolder, "logs");

    public string LogFolder(string service) => Path.Combine(LogsFolder, service);

    /// <summary>
    /// An option wins over an environment variable, which wins over the default. Relative paths are made absolute
    /// from the current folder. Nothing is created.
    /// </summary>
    /// <remarks><paramref name="runFolder"/>: the value of --run-dir, or null. <paramref name="stateFolder"/>: the value of --state-dir, or null. <paramref name="environment"/>: looks up an environment variable. <paramref name="userId"/>: the effective user id.</remarks>
    public static Places Resolve(string? runFolder, string? stateFolder, Func<string, string?> environment, uint userId) => new()
    {
        RunFolder = Path.GetFullPath(First(runFolder, environment(RunFolderVariable)) ?? DefaultRunFolder(environment, userId)),
        StateFolder = Path.GetFullPath(First(stateFolder, environment(StateFolderVariable)) ?? DefaultStateFolder(environment, userId)),
    };

    private static string DefaultRunFolder(Func<string, string?> environment, uint userId)
    {
        if (userId == 0) return "/run/lifeline";
        return First(environment("XDG_RUNTIME_DIR")) is { } runtime ? Path.Combine(runtime, "lifeline") : $"/tmp/lifeline-{userId}";
    }

    private static string DefaultStateFolder(Func<string, string?> environment, uint userId)
    {
        if (userId == 0) return "/var/lib/lifeline";
        if (First(environment("XDG_STATE_HOME")) is { } state) return Path.Combine(state, "lifeline");
        return First(environment("HOME")) is { } home
            ? Path.Combine(home, ".local/state/lifeline")
            : throw new PlaceException($"HOME is not set, so there is no default state folder; use --state-dir or {StateFolderVariable}");
    }

    // An empty value counts as unset, as in the XDG specification.
    private static string? First(params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
            if (!string.IsNullOrEmpty(value)) return value;
        return null;
    }
}

/// <summary>The run folder or the state folder cannot be used.</summary>
internal sealed class PlaceException(string message) : IOException(message);
