using System.Globalization;

namespace Lifeline.Keeper;

/// <summary>
/// What a keeper and the monitors it starts are told on their command line; the hidden commands <c>__keeper</c> and
/// <c>__monitor</c> read it with <see cref="Parse"/>.
/// </summary>
internal sealed record KeeperOptions
{
    /// <summary>Absolute path of the run folder; made with mode 0711 if it is missing.</summary>
    public required string RunDirectory { get; init; }

    /// <summary>Absolute path of the state folder; made with mode 0700 if it is missing.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Absolute path of the configuration; null lets the monitor decide.</summary>
    public string? ConfigurationFile { get; init; }

    /// <summary>Address for dashboard and API given on the command line (<c>--http</c>); null leaves it to the configuration.</summary>
    public string? HttpAddress { get; init; }

    /// <summary>Keeper and monitor write to the terminal they were started from.</summary>
    public bool Foreground { get; init; }

    /// <summary>Where the outcome of the start is written for <c>up -d</c>; null when nobody waits.</summary>
    public int? NotifyDescriptor { get; init; }

    /// <summary>Socket to a living monitor whose keeper died; null for an ordinary start.</summary>
    public int? AdoptDescriptor { get; init; }

    /// <summary>Where the lock of the run folder is for a keeper that follows another.</summary>
    public int LockDescriptor { get; init; } = KeeperProtocol.LockDescriptor;

    /// <summary>The keeper is the program that replaced itself in its process: the number of its last control group. Null for any other.</summary>
    public long? ContinueFrom { get; init; }

    /// <summary>Launchers kept waiting, 0 to <see cref="MaxIdleLaunchers"/>.</summary>
    public int IdleLaunchers { get; init; } = 1;

    /// <summary>A monitor that gives no sign of life for so long is killed and replaced.</summary>
    public TimeSpan AliveTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Program and arguments started as the monitor instead of this executable's <c>__monitor</c>; for tests.</summary>
    public IReadOnlyList<string> MonitorCommand { get; init; } = [];

    /// <summary>Upper bound of <see cref="IdleLaunchers"/>.</summary>
    public const int MaxIdleLaunchers = 32;

    /// <summary>Reads what <see cref="ToArguments"/> wrote.</summary>
    /// <exception cref="ArgumentException">An option is unknown, lacks its value, or a folder is missing.</exception>
    public static KeeperOptions Parse(IReadOnlyList<string> arguments)
    {
        KeeperOptions options = new() { RunDirectory = "", StateDirectory = "" };
        for (int i = 0; i < arguments.Count; i++)
        {
            string name = arguments[i];
            if (name == "--foreground")
            {
                options = options with { Foreground = true };
                continue;
            }

            if (i + 1 == arguments.Count) throw new ArgumentException($"{name} lacks its value", nameof(arguments));
            options = options.With(name, arguments[++i]);
        }

        if (options.RunDirectory.Length == 0) throw new ArgumentException("--run-dir is missing", nameof(arguments));
        if (options.StateDirectory.Length == 0) throw new ArgumentException("--state-dir is missing", nameof(arguments));
        return options;
    }

    /// <summary>The options as a command line, without the descriptors, which belong to one process only.</summary>
    public List<string> ToArguments()
    {
        List<string> arguments = ["--run-dir", RunDirectory, "--state-dir", StateDirectory];
        if (ConfigurationFile is not null) arguments.AddRange(["--config", ConfigurationFile]);
        if (HttpAddress is not null) arguments.AddRange(["--http", HttpAddress]);
        if (Foreground) arguments.Add("--foreground");
        arguments.AddRange(["--launchers", IdleLaunchers.ToString(CultureInfo.InvariantCulture)]);
        arguments.AddRange(["--alive-timeout-ms", ((long)AliveTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)]);
        foreach (string part in MonitorCommand) arguments.AddRange(["--monitor-command", part]);
        return arguments;
    }

    private KeeperOptions With(string name, string value) => name switch
    {
        "--run-dir" => this with { RunDirectory = Path.GetFullPath(value) },
        "--state-dir" => this with { StateDirectory = Path.GetFullPath(value) },
        "--config" => this with { ConfigurationFile = Path.GetFullPath(value) },
        "--http" => this with { HttpAddress = value },
        "--notify-fd" => this with { NotifyDescriptor = Number(name, value, 0, int.MaxValue) },
        "--adopt-fd" => this with { AdoptDescriptor = Number(name, value, 0, int.MaxValue) },
        "--lock-fd" => this with { LockDescriptor = Number(name, value, 0, int.MaxValue) },
        "--continue-from" => this with { ContinueFrom = Number(name, value, 0, int.MaxValue) },
        "--launchers" => this with { IdleLaunchers = Number(name, value, 0, MaxIdleLaunchers) },
        "--alive-timeout-ms" => this with { AliveTimeout = TimeSpan.FromMilliseconds(Number(name, value, 1, int.MaxValue)) },
        "--monitor-command" => this with { MonitorCommand = [.. MonitorCommand, value] },
        _ => throw new ArgumentException($"the keeper does not know {name}", nameof(name)),
    };

    private static int Number(string name, string value, int least, int most)
    {
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
            return number;

        throw new ArgumentException($"{name} {value}: a number from {least} to {most} is wanted", nameof(value));
    }
}
