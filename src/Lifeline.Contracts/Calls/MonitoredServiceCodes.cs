namespace Lifeline.Contracts;

/// <summary>The request codes of the stub that a service hands to the monitor. Never renumbered or reused.</summary>
public static class MonitoredServiceCodes
{
    /// <summary>The descriptor of the interface.</summary>
    public const string Descriptor = "lifeline.IMonitoredService";

    /// <summary>One-way: please stop.</summary>
    public const uint StopRequested = 1;
}
