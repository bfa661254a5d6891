namespace Lifeline.Contracts;

/// <summary>
/// The names and request codes of the monitor's interface. Codes are never renumbered or reused. Every request begins with the interface
/// token. What stands after the fields that a receiver knows is ignored, so that fields can be added.
/// </summary>
public static class ServiceMonitorCodes
{
    /// <summary>The descriptor of the interface.</summary>
    public const string Descriptor = "lifeline.IServiceMonitor";

    /// <summary>The monitor's name in the registry.</summary>
    public const string RegistryName = "lifeline.monitor";

    /// <summary>A reporter makes itself known.</summary>
    public const uint Register = 1;

    /// <summary>One-way: the caller's status slot changed.</summary>
    public const uint Doorbell = 2;

    /// <summary>One-way: the caller lives.</summary>
    public const uint Beat = 3;

    /// <summary>The caller claims something to be reclaimed at its death.</summary>
    public const uint Claim = 4;

    /// <summary>The caller gives a claim up.</summary>
    public const uint Unclaim = 5;

    /// <summary>A status from somebody without a slot.</summary>
    public const uint Report = 6;

    /// <summary>What is known of services.</summary>
    public const uint Status = 32;

    /// <summary>Names, states and relations of services, without what must be looked up.</summary>
    public const uint List = 49;

    /// <summary>Events of the journal; waits for some if asked to.</summary>
    public const uint Events = 33;

    /// <summary>Order: start.</summary>
    public const uint Start = 34;

    /// <summary>Order: stop.</summary>
    public const uint Stop = 35;

    /// <summary>Order: restart.</summary>
    public const uint Restart = 36;

    /// <summary>Order: send a signal.</summary>
    public const uint Kill = 37;

    /// <summary>Order: stop everything and end.</summary>
    public const uint Down = 38;

    /// <summary>Order: read the configuration again.</summary>
    public const uint Reload = 39;

    /// <summary>Order: have services read their own configuration again.</summary>
    public const uint ReloadServices = 48;

    /// <summary>Lines of a service's log; waits for some if asked to.</summary>
    public const uint Logs = 40;

    /// <summary>Order: go over to another program.</summary>
    public const uint Upgrade = 60;

    /// <summary>What the monitor says of itself.</summary>
    public const uint Info = 41;

    /// <summary>What is wrong, who is not told, how channels do.</summary>
    public const uint Alerts = 42;

    /// <summary>Order: somebody takes care of an alert.</summary>
    public const uint AcknowledgeAlert = 43;

    /// <summary>Order: nobody is told for a while.</summary>
    public const uint SilenceAlerts = 44;

    /// <summary>Order: people are told again.</summary>
    public const uint UnsilenceAlerts = 45;

    /// <summary>Order: a test alert through the real channel.</summary>
    public const uint TestAlert = 46;

    /// <summary>Order: nobody takes care of an alert any more.</summary>
    public const uint UnacknowledgeAlert = 47;
}
