namespace Lifeline.Contracts;

/// <summary>What the supervisor does with a service's process.</summary>
public enum ServiceState
{
    /// <summary>Not running, and not wanted to.</summary>
    Stopped,

    /// <summary>Wanted, held back until what it depends on is ready.</summary>
    Waiting,

    /// <summary>Started, not ready yet.</summary>
    Starting,

    /// <summary>Ready.</summary>
    Running,

    /// <summary>Asked to stop, not gone yet.</summary>
    Stopping,

    /// <summary>Died, and is started again after a delay.</summary>
    Backoff,

    /// <summary>Given up, until the slow retry or an operator's order.</summary>
    Failed,

    /// <summary>Ended by itself, and its restart policy leaves it so.</summary>
    Exited,
}
