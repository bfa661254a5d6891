using Lifeline.Monitor;

namespace Lifeline.Reclaim;

/// <summary>What a dead generation may have left behind.</summary>
internal sealed record ReclaimRequest
{
    public required string Service { get; init; }

    public required int Generation { get; init; }

    public required ProcessTree Tree { get; init; }

    /// <summary>Whether the generation's control group is removed once it is empty. That happens after the answer.</summary>
    public bool RemoveGroup { get; init; } = true;

    /// <summary>The service's user: nothing that belongs to another is removed.</summary>
    public required uint OwnerUid { get; init; }

    /// <summary>Absolute paths of the configuration; the last part may be a pattern.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>What the service claimed at run time.</summary>
    public IReadOnlyList<ClaimRecord> Claims { get; init; } = [];

    /// <summary>What the generation was seen to hold while it lived.</summary>
    public IReadOnlyList<FoundRecord> Found { get; init; } = [];

    /// <summary>Whether POSIX shared memory that it was seen to hold goes too.</summary>
    public bool PosixShm { get; init; }

    /// <summary>Paths of sockets that are held for it and outlive it.</summary>
    public IReadOnlyList<string> OwnSockets { get; init; } = [];

    /// <summary>Ports that it needs and that are not held for it: looked at, never taken away.</summary>
    public IReadOnlyList<System.Net.IPEndPoint> Ports { get; init; } = [];

    /// <summary>Its folder for temporary files, removed with everything in it; null if it has none.</summary>
    public string? PrivateFolder { get; init; }

    /// <summary>Whether System V shared memory that its processes made goes too.</summary>
    public bool SysVIpc { get; init; }

    /// <summary>Whether no other service has its user: then semaphores and queues of that user are its own, if no process of the user lives.</summary>
    public bool OwnsUser { get; init; }

    /// <summary>When the generation was started; System V objects older than this are not its own. Null: not known, and then none is.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The user's command: program and arguments, or null.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    public string CommandFolder { get; init; } = "/";

    /// <summary>The whole environment of the command, but for what it is told of the death.</summary>
    public IReadOnlyDictionary<string, string> CommandEnvironment { get; init; } = new Dictionary<string, string>();

    /// <summary>How long the command may take.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The user's command after the end of a service: run as the service was; null if there is none.</summary>
    public Func<CommandResult>? AfterStop { get; init; }

    /// <summary>What it is called in the report.</summary>
    public string AfterStopName { get; init; } = "";

    /// <summary>How long it may take until the process tree is empty.</summary>
    public TimeSpan TreeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What the command is told; null for a generation that never lived.</summary>
    public DeathRecord? Death { get; init; }
}
