namespace Lifeline.Contracts;

/// <summary>How a service says it is doing. Independent of its <see cref="ServiceState"/>.</summary>
public enum ServiceHealth
{
    /// <summary>Nothing has been reported by this generation, or the session to it was lost.</summary>
    Unknown,

    /// <summary>All is well.</summary>
    Healthy,

    /// <summary>It works, with less than its full ability.</summary>
    Degraded,

    /// <summary>It does not do its job.</summary>
    Unhealthy,
}
