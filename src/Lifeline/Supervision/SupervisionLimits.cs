namespace Lifeline.Supervision;

/// <summary>The named limits of the monitor process.</summary>
internal static class SupervisionLimits
{
    /// <summary>Reporters of one generation; one more is refused.</summary>
    public const int MaxReporters = 16;

    /// <summary>Sessions of one user: most services run as one. A quarter of <see cref="Ipc.IpcEndpointOptions.MaxSessions"/> is left to the others.</summary>
    public const int MaxSessionsPerUser = 12_288;

    /// <summary>Orders that may wait for the decision loop; one more is refused.</summary>
    public const int MaxPendingOrders = 1024;

    /// <summary>Least spacing of two looks at one reporter's status slot, so that a busy reporter costs a bounded part of a processor.</summary>
    public static readonly TimeSpan SlotSpacing = TimeSpan.FromMilliseconds(5);

    /// <summary>Spacing of the signs of life to the keeper.</summary>
    public static readonly TimeSpan AliveSpacing = TimeSpan.FromSeconds(5);

    /// <summary>The wall clock was set if it moved by more than this against the monotonic one.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMilliseconds(500);

    /// <summary>Memory is given back after so long without work.</summary>
    public static readonly TimeSpan QuietBeforeTrim = TimeSpan.FromSeconds(2);

    /// <summary>No memory is given back with less than this to the next deadline: collecting all of it may take a part of that.</summary>
    public static readonly TimeSpan TrimPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Memory is given back only if so much was allocated since the last time.</summary>
    public const long TrimAfterBytes = 512 * 1024;

    /// <summary>After less the pages of the program that are only read are let go of, at most so often: whoever works again needs some of them.</summary>
    public static readonly TimeSpan LetGoInterval = TimeSpan.FromMinutes(1);

    /// <summary>Heaps of the C library in the monitor. It uses little of it, from many threads.</summary>
    public const int NativeHeaps = 2;

    /// <summary>Capacity asked for each log pipe: what a service may write while nobody collects.</summary>
    public const int LogPipeBytes = 256 * 1024;

    /// <summary>Services whose files a starting monitor opens before it gives the keeper another sign of life: a busy disk makes each take its time.</summary>
    public const int ServicesForASign = 50;
}
