namespace Lifeline.Monitor;

/// <summary>One alert channel: which rules for which services, and how often. Where it goes is the shell's business. Immutable.</summary>
public sealed record AlertSpec
{
    /// <summary>The channel's name, unique in a configuration.</summary>
    public required string Name { get; init; }

    /// <summary>The rules it listens to. Default: all about services.</summary>
    public IReadOnlyList<AlertRule> On { get; init; } =
        [AlertRule.Died, AlertRule.Hung, AlertRule.Failed, AlertRule.Unhealthy, AlertRule.ReclaimFailed, AlertRule.Recovered];

    /// <summary>Patterns of service names with <c>*</c> and <c>?</c>. Default: every service.</summary>
    public IReadOnlyList<string> Services { get; init; } = ["*"];

    /// <summary>How long something must hold before people are told. What is over sooner is never told. Default: at once.</summary>
    public TimeSpan For { get; init; }

    /// <summary>
    /// Least spacing of two alerts of the same rule for the same service. What is held back is counted, and raised when the
    /// spacing is over if it still holds then. Default 1 min.
    /// </summary>
    public TimeSpan Throttle { get; init; } = TimeSpan.FromMinutes(1);
}
