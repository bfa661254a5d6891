namespace Lifeline.Configuration;

/// <summary>One service, with [defaults] and the built-in defaults filled in.</summary>
internal sealed record ServiceConfiguration
{
    /// <summary>Name of the slot: as in the file, or <c>NAME.1</c> … <c>NAME.N</c> where there are several instances.</summary>
    public required string Name { get; init; }

    /// <summary>Name as in the file; the same for all instances.</summary>
    public string Family
    {
        get => field ?? Name;
        init;
    }

    /// <summary>Which of its instances, from 1.</summary>
    public int Instance { get; init; } = 1;

    /// <summary>Where the service's table begins, for messages.</summary>
    public required SourceLocation Location { get; init; }

    /// <summary>Program and arguments, at least one; a string in the file is <c>/bin/sh -c STRING</c> here.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    public required string WorkingDirectory { get; init; }

    /// <summary>What <c>env_file</c> and <c>env</c> give; <c>env</c> wins.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Names taken over from the environment of <c>lifeline up</c>.</summary>
    public required IReadOnlyList<string> InheritEnvironment { get; init; }

    /// <summary>Whom it runs as; null: as Lifeline itself.</summary>
    public ServiceIdentity? Identity { get; init; }

    public required UnixFileMode Umask { get; init; }

    /// <summary>From -20 (first served) to 19.</summary>
    public int Nice { get; init; }

    public LimitSettings Limits { get; init; } = new();

    public required bool Autostart { get; init; }

    public required ServiceReadiness Ready { get; init; }

    public required TimeSpan ReadyTimeout { get; init; }

    /// <summary>No sign of life for so long means hung; null: not watched.</summary>
    public required TimeSpan? Heartbeat { get; init; }

    /// <summary>The least spacing of text and field changes as events.</summary>
    public required TimeSpan StatusEvents { get; init; }

    /// <summary>Slots that are ready before it is started and stopped after it.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>How it goes from one generation to the next on order.</summary>
    public UpdateRule Update { get; init; }

    /// <summary>Whether each generation gets a folder for temporary files of its own, which goes with it.</summary>
    public bool PrivateTmp { get; init; }

    /// <summary>Whether everybody may write to its notify socket, and not only root and its user.</summary>
    public bool OpenNotifySocket { get; init; }

    /// <summary>Program and arguments of what must succeed before each start, or null.</summary>
    public IReadOnlyList<string>? BeforeStart { get; init; }

    /// <summary>Program and arguments of what is run after each end, or null.</summary>
    public IReadOnlyList<string>? AfterStop { get; init; }

    public required RestartRule Restart { get; init; }

    public required IReadOnlyList<int> SuccessExitCodes { get; init; }

    public required BackoffSettings Backoff { get; init; }

    /// <summary>Restarts within <see cref="RestartWindow"/>; one more and the service is failed.</summary>
    public required int MaxRestarts { get; init; }

    public required TimeSpan RestartWindow { get; init; }

    /// <summary>The first delay before a failed service is tried again, doubling to one hour; null: never.</summary>
    public required TimeSpan? FailedRetry { get; init; }

    public required StopSettings Stop { get; init; }

    /// <summary>The signal that makes it read its own configuration again; null: it has none.</summary>
    public int? ReloadSignal { get; init; }

    /// <summary>The group whose strategy it shares, or null.</summary>
    public string? Group { get; init; }

    /// <summary>Liveness: counts once it is ready. Null: not probed.</summary>
    public ProbeSettings? Probe { get; init; }

    /// <summary>Readiness; null: <see cref="Probe"/> is asked for that too, where <see cref="Ready"/> wants a probe.</summary>
    public ProbeSettings? ReadyProbe { get; init; }

    /// <summary>Listening sockets that outlive it, in the order of the file.</summary>
    public IReadOnlyList<ListenSettings> Listen { get; init; } = [];

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

    /// <summary>When its probe succeeds.</summary>
    Probe,
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

    /// <summary>What a service that hangs is ended with.</summary>
    public int HungSignal { get; init; } = 6;
}

/// <summary>Limits of a process or of the whole service; null: as Lifeline itself has it, or none.</summary>
internal sealed record LimitSettings
{
    /// <summary>Open files of each process.</summary>
    public long? OpenFiles { get; init; }

    /// <summary>Bytes of memory of all its processes together.</summary>
    public long? Memory { get; init; }

    /// <summary>Processes and threads it may have at once.</summary>
    public int? Processes { get; init; }

    /// <summary>Bytes of a core file.</summary>
    public long? Core { get; init; }
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

    /// <summary>Whether POSIX shared memory that it was seen to hold goes too.</summary>
    public bool PosixShm { get; init; }

    /// <summary>Whether sockets and lock files that it was seen to hold go.</summary>
    public bool Found { get; init; } = true;
}

/// <summary>Rotation of a service's output.</summary>
internal sealed record LogSettings
{
    /// <summary>Bytes.</summary>
    public required long MaxSize { get; init; }

    public required int MaxFiles { get; init; }
}
