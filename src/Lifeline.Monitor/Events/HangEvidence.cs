namespace Lifeline.Monitor;

/// <summary>
/// What the shell found when it looked at a service that gave no sign of life. Everything is optional: a kernel may not tell it.
/// Shares are parts of the time since <see cref="WatchSilence"/>, from 0 to 1. Immutable.
/// </summary>
public sealed record HangEvidence
{
    /// <summary>State of the main process: R, S, D, T, t, Z; null: it could not be seen.</summary>
    public char? State { get; init; }

    /// <summary>Its control group is frozen: it cannot give a sign.</summary>
    public bool IsFrozen { get; init; }

    /// <summary>It is stopped by a debugger.</summary>
    public bool IsTraced { get; init; }

    /// <summary>The time since <see cref="WatchSilence"/>; null: there is nothing to compare with.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>For how long the machine slept.</summary>
    public TimeSpan? Suspended { get; init; }

    /// <summary>The share in which that thread of the service which waited longest was ready to run and got no processor.</summary>
    public double? RunDelay { get; init; }

    /// <summary>The same of the monitor itself.</summary>
    public double? MonitorRunDelay { get; init; }

    /// <summary>The share in which some task of the machine waited for a processor (pressure stall information).</summary>
    public double? CpuPressure { get; init; }

    /// <summary>The share in which all tasks of the machine waited for memory.</summary>
    public double? MemoryPressure { get; init; }

    /// <summary>Its threads, as the kernel sees them; bounded.</summary>
    public IReadOnlyList<ThreadEvidence> Threads { get; init; } = [];

    /// <summary>How many threads it has.</summary>
    public int ThreadCount { get; init; }

    /// <summary>Its last lines of output; bounded.</summary>
    public IReadOnlyList<string> Output { get; init; } = [];

    /// <summary>How long the look took.</summary>
    public TimeSpan Took { get; init; }
}

/// <summary>One thread of a silent service.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">R, S, D, T, t.</param>
/// <param name="WaitsIn">The kernel function it sleeps in.</param>
/// <param name="SystemCall">The number of the system call it is in, or "running".</param>
/// <param name="Stack">Kernel functions, the innermost first; empty where the kernel does not show them.</param>
public sealed record ThreadEvidence(
    int Id, string Name, char State, string? WaitsIn, string? SystemCall, IReadOnlyList<string> Stack);
