using System.Text.Json.Serialization;
using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>How a generation died and what was done about it. Immutable.</summary>
public sealed record DeathRecord
{
    /// <summary>Which generation.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required int Generation { get; init; }

    /// <summary>Why.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required DeathReason Reason { get; init; }

    /// <summary>Exit code of an ordinary exit.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The signal that ended it.</summary>
    public int? Signal { get; init; }

    /// <summary>Whether the kernel wrote a core file.</summary>
    public bool CoreDumped { get; init; }

    /// <summary>Why it could not be launched; only with exec_failed.</summary>
    public string? Error { get; init; }

    /// <summary>The wall clock's time of the end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required DateTimeOffset At { get; init; }

    /// <summary>The main process that ended.</summary>
    public int? Pid { get; init; }

    /// <summary>The keeper's return from the kernel with the end; monotonic nanoseconds of the boot it happened in.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long ExitAt { get; init; }

    /// <summary>From <see cref="ExitAt"/> to the decision; null if the end itself was not seen.</summary>
    public long? DetectNanoseconds { get; init; }

    /// <summary>Duration of the reclaim that succeeded, or of the last attempt; null before.</summary>
    public long? ReclaimNanoseconds { get; init; }

    /// <summary>From <see cref="ExitAt"/> to the exec of the next generation; null before, and where the start was an order of its own.</summary>
    public long? RestartNanoseconds { get; init; }

    /// <summary>What the last reclaim did.</summary>
    public IReadOnlyList<ReclaimStep> Reclaimed { get; init; } = [];
}
