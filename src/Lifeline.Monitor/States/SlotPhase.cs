namespace Lifeline.Monitor;

/// <summary>
/// Where a slot stands, finer than the public state. docs/states.md draws it; <c>SlotTable</c> says what each event does in each.
/// </summary>
public enum SlotPhase
{
    /// <summary>Nothing lives and nothing is wanted. Public: stopped.</summary>
    Stopped,

    /// <summary>A launch was ordered and not yet answered. Public: starting.</summary>
    Launching,

    /// <summary>Exec'd, not yet ready. Public: starting.</summary>
    Starting,

    /// <summary>Ready. Public: running.</summary>
    Running,

    /// <summary>Ready, and to be asked to stop as soon as nothing that depends on it lives any more. Public: stopping.</summary>
    Holding,

    /// <summary>Asked to stop. Public: stopping.</summary>
    Stopping,

    /// <summary>KILL was sent to the tree; its end is awaited. Public: stopping.</summary>
    Killing,

    /// <summary>KILL did not help; it is repeated. Public: failed.</summary>
    Unkillable,

    /// <summary>Dead; its remains are being cleaned up. Public: backoff if it shall run, else stopping.</summary>
    Reclaiming,

    /// <summary>Dead; the tree is not proven empty; cleaning up is repeated. Public: failed.</summary>
    ReclaimFailed,

    /// <summary>Clean; starts as soon as everything it depends on is ready. Public: waiting.</summary>
    Waiting,

    /// <summary>Clean; waits for its next start. Public: backoff.</summary>
    Backoff,

    /// <summary>Clean; the restart budget is spent or the policy allows no restart. Public: failed.</summary>
    Failed,

    /// <summary>Clean; it ended by itself with success. Public: exited.</summary>
    Exited,
}
