namespace Lifeline.Contracts;

/// <summary>Why an instance of a service ended.</summary>
public enum DeathReason
{
    /// <summary>It exited by itself; the exit code is known.</summary>
    Exited,

    /// <summary>A signal killed it.</summary>
    Signaled,

    /// <summary>It gave no sign of life within its heartbeat interval and was killed.</summary>
    Hung,

    /// <summary>Its liveness probe failed too often and it was killed.</summary>
    Probe,

    /// <summary>It passed its memory limit.</summary>
    MemoryLimit,

    /// <summary>It was not ready within its ready timeout and was killed.</summary>
    StartTimeout,

    /// <summary>Its program could not be executed.</summary>
    ExecFailed,

    /// <summary>It was stopped on order.</summary>
    Stopped,

    /// <summary>It is gone, and nothing could tell how.</summary>
    Lost,

    /// <summary>It had more processes than it may.</summary>
    ProcessLimit,
}
