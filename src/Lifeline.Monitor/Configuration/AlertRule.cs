namespace Lifeline.Monitor;

/// <summary>What an alert can be about.</summary>
public enum AlertRule
{
    /// <summary>A generation died without being asked to (and did not end as exited).</summary>
    Died,

    /// <summary>No sign of life within the heartbeat.</summary>
    Hung,

    /// <summary>The restart budget is spent, or the policy allows no restart.</summary>
    Failed,

    /// <summary>The service reported itself unhealthy.</summary>
    Unhealthy,

    /// <summary>A process tree could not be proven empty.</summary>
    ReclaimFailed,

    /// <summary>What an alert was open for is over.</summary>
    Recovered,

    /// <summary>Monitor or keeper died and were replaced. About no service.</summary>
    Monitor,
}
