namespace Lifeline.Contracts;

/// <summary>What the monitor says of itself.</summary>
public sealed record MonitorInfo
{
    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>Its process.</summary>
    public required int Pid { get; init; }

    /// <summary>The keeper's process.</summary>
    public required int KeeperPid { get; init; }

    /// <summary>When this monitor process started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The configuration file.</summary>
    public string ConfigurationFile { get; init; } = "";

    /// <summary>The run folder.</summary>
    public string RunDirectory { get; init; } = "";

    /// <summary>The state folder.</summary>
    public string StateDirectory { get; init; } = "";

    /// <summary>Where the dashboard is; null if it is off.</summary>
    public string? HttpUrl { get; init; }

    /// <summary>Changes when the journal was begun anew, and ids with it.</summary>
    public string JournalEpoch { get; init; } = "";
}
