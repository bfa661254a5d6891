using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>A slot as it stands now, for the shell. Immutable.</summary>
/// <param name="Service">The slot's key (<see cref="SlotKeys"/>); of a service with one slot its name.</param>
/// <param name="Phase">Where it stands.</param>
/// <param name="State">The same for people.</param>
/// <param name="Generation">The latest generation; 0 before the first.</param>
/// <param name="Wanted">Whether it shall run.</param>
public sealed record SlotView(string Service, SlotPhase Phase, ServiceState State, int Generation, bool Wanted)
{
    /// <summary>What it is to its service.</summary>
    public SlotRole Role { get; init; }

    /// <summary>Its latest status; null: it has none.</summary>
    public StatusReport? Status { get; init; }

    /// <summary>What it has claimed.</summary>
    public IReadOnlyList<ClaimRecord> Claimed { get; init; } = [];

    /// <summary>The main process, while it lives.</summary>
    public int? Pid { get; init; }

    /// <summary>Its start time in clock ticks since boot.</summary>
    public long StartTicks { get; init; }

    /// <summary>When the next step comes by itself (backoff, retry, timeout); monotonic; null: never.</summary>
    public long? Deadline { get; init; }

    /// <summary>What it says of its health itself, without what probes find.</summary>
    public ServiceHealth ReportedHealth { get; init; }

    /// <summary>Sessions that are open.</summary>
    public int Sessions { get; init; }

    /// <summary>Claims of the current generation; <see cref="MonitorCoreOptions.MaxClaims"/> at most, the shell refuses more.</summary>
    public int Claims { get; init; }

    /// <summary>Why it is failed, for people.</summary>
    public string? FailedBecause { get; init; }

    /// <summary>While it waits to be launched: a service that is not ready.</summary>
    public string? WaitsFor { get; init; }

    /// <summary>Why it is failed, or what it waits for, for people; null where the state says all.</summary>
    public string? Because { get; init; }

    /// <summary>Alerts that are open.</summary>
    public IReadOnlyList<AlertRecord> Alerts { get; init; } = [];

    /// <summary>Whether there is a main process or a launch under way.</summary>
    public bool IsAlive => Phase is SlotPhase.Launching or SlotPhase.Starting or SlotPhase.Running
        or SlotPhase.Holding or SlotPhase.Stopping or SlotPhase.Killing or SlotPhase.Unkillable;
}
