namespace Lifeline.Supervision;

/// <summary>The named limits of the monitor process.</summary>
internal static class SupervisionLimits
{
    /// <summary>Reporters of one generation; one more is refused.</summary>
    public const int MaxReporters = 16;

    /// <summary>Orders that may wait for the decision loop; one more is refused.</summary>
    public const int MaxPendingOrders = 1024;

    /// <summary>Least spacing of two looks at one reporter's status slot, so that a busy reporter costs a bounded part of a processor.</summary>
    public static readonly TimeSpan SlotSpacing = TimeSpan.FromMilliseconds(5);

    /// <summary>Spacing of the signs of life to the keeper.</summary>
    public static readonly TimeSpan AliveSpacing = TimeSpan.FromSeconds(5);

    /// <summary>The wall clock was set if it moved by more than this against the monotonic one.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMilliseconds(500);

    /// <summary>Capacity asked for each log pipe: what a service may write while nobody collects.</summary>
    public const int LogPipeBytes = 256 * 1024;
}
