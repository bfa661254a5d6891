namespace Lifeline.Configuration;

/// <summary>One service, with [defaults] and the built-in defaults filled in.</summary>
internal sealed record ServiceConfiguration
{
    public required string Name { get; init; }

    /// <summary>Where the service's table begins, for messages.</summary>
    public required SourceLocation Location { get; init; }

    /// <summary>Program and arguments, at least one; a string in the file is <c>/bin/sh -c STRING</c> here.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    public required string WorkingDirectory { get; init; }

    /// <summary>What <c>env_file</c> and <c>env</c> give; <c>env</c> wins.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Names taken over from the environment of <c>lifeline up</c>.</summary>
    public required IReadOnlyList<string> InheritEnvironment { get; init; }

    public required UnixFileMode Umask { get; init; }

    public required bool Autostart { get; init; }

    public required ServiceReadiness Ready { get; init; }

    public required TimeSpan ReadyTimeout { get; init; }

    /// <summary>No sign of life for so long means hung; null: not watched.</summary>
    public required TimeSpan? Heartbeat { get; init; }

    /// <summary>The least spacing of text and field changes as events.</summary>
    public required TimeSpan StatusEvents { get; init; }

    public required RestartRule Restart { get; init; }

    public required IReadOnlyList<int> SuccessExitCodes { get; init; }

    public required BackoffSettings Backoff { get; init; }

    /// <summary>Restarts within <see cref="RestartWindow"/>; one more and the service is failed.</summary>
    public required int MaxRestarts { get; init; }

    public required TimeSpan RestartWindow { get; init; }

    /// <summary>The first delay before a failed service is tried again, doubling to one hour; null: never.</summary>
    public required TimeSpan? FailedRetry { get; init; }

    public required StopSettings Stop { get; init; }

    public required ReclaimSettings Reclaim { get; init; }

    public required LogSettings Log { get; init; }
}

/// <summary>When a service counts as ready.</summary>
internal enum ServiceReadiness
{
    /// <summary>As soon as its program was executed.</summary>
    Exec,

    /// <summary>When it says so.</summary>
    Status,
}

/// <summary>After which ends a service is started again.</summary>
internal enum RestartRule
{
    Always,
    OnFailure,
    Never,
}

/// <summary>The delay of the restarts after the first, which is immediate.</summary>
internal sealed record BackoffSettings
{
    public required TimeSpan Initial { get; init; }

    public required TimeSpan Max { get; init; }

    public required double Factor { get; init; }

    /// <summary>From 0 to 1: the part of a delay that is random.</summary>
    public required double Jitter { get; init; }

    /// <summary>After so long of stable running the delays begin anew.</summary>
    public required TimeSpan ResetAfter { get; init; }
}

/// <summary>How a service is asked to stop, and for how long it is waited for before it is killed.</summary>
internal sealed record StopSettings
{
    public required int Signal { get; init; }

    public required TimeSpan Timeout { get; init; }
}

/// <summary>What is cleaned up after a death beside the process tree.</summary>
internal sealed record ReclaimSettings
{
    /// <summary>Absolute; the last part may hold <c>*</c>, <c>?</c> and <c>[…]</c>.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Program and arguments, or null.</summary>
    public required IReadOnlyList<string>? Command { get; init; }

    public required TimeSpan Timeout { get; init; }

    public required bool SysVIpc { get; init; }
}

/// <summary>Rotation of a service's output.</summary>
internal sealed record LogSettings
{
    /// <summary>Bytes.</summary>
    public required long MaxSize { get; init; }

    public required int MaxFiles { get; init; }
}
