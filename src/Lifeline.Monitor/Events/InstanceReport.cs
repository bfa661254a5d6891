namespace Lifeline.Monitor;

/// <summary>What the keeper knows of one generation.</summary>
public enum InstancePresence
{
    /// <summary>A launch is under way; its outcome will be told.</summary>
    Launching,

    /// <summary>The main process lives.</summary>
    Alive,

    /// <summary>The main process has ended and the notice was not yet acknowledged.</summary>
    Exited,
}

/// <summary>One line of the keeper's list.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="Presence">Whether it lives.</param>
public sealed record InstanceReport(string Service, int Generation, InstancePresence Presence)
{
    /// <summary>The main process; null while launching.</summary>
    public int? Pid { get; init; }

    /// <summary>Start time of the process in clock ticks since boot, the other half of its identity.</summary>
    public long StartTicks { get; init; }

    /// <summary>When it exec'd; null if nobody knows any more.</summary>
    public long? ExecAt { get; init; }

    /// <summary>How it ended; only with <see cref="InstancePresence.Exited"/>.</summary>
    public ProcessExit? Exit { get; init; }

    /// <summary>When the keeper learned of the end; only with <see cref="InstancePresence.Exited"/>.</summary>
    public long? ExitAt { get; init; }
}
