namespace Lifeline.Monitor;

/// <summary>Why a silent service gets more time: the <c>reason</c> of service.extended.</summary>
internal static class HangReason
{
    public const string MonitorLate = "monitor_late";
    public const string Starved = "starved";
    public const string Thrashing = "memory_pressure";
    public const string Suspended = "suspended";
    public const string Frozen = "frozen";
    public const string Traced = "traced";

    /// <summary>Nobody could say in time: that is no proof of anything.</summary>
    public const string NoLook = "no_look";

    // A share of the last quarter of the heartbeat; half of it without a processor is no fault of the service.
    private const double StarvedShare = 0.5;
    private const double ThrashingShare = 0.5;
    private const double FullPressure = 0.9;

    /// <summary>It cannot give a sign, for as long as somebody wants that; null: it could.</summary>
    public static string? WhatHolds(HangEvidence? evidence)
    {
        if (evidence is null) return null;
        if (evidence.IsFrozen) return Frozen;
        return evidence.IsTraced ? Traced : null;
    }

    /// <summary>Something else than the service explains the silence; null: nothing does.</summary>
    public static string? WhatExcuses(HangEvidence? evidence, bool isMonitorLate)
    {
        if (isMonitorLate || evidence?.MonitorRunDelay >= StarvedShare) return MonitorLate;
        if (evidence is null) return NoLook;
        if (evidence.Suspended > TimeSpan.Zero) return Suspended;
        if (evidence.RunDelay is { } delay ? delay >= StarvedShare : IsWaitingInACrowd(evidence)) return Starved;
        return evidence.MemoryPressure >= ThrashingShare ? Thrashing : null;
    }

    // A kernel without schedstat: it wants to run, and all the time somebody had to wait.
    private static bool IsWaitingInACrowd(HangEvidence evidence) => evidence is { State: 'R', CpuPressure: >= FullPressure };
}
