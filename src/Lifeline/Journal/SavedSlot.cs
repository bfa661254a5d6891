namespace Lifeline.Journal;

/// <summary>What must be known of a slot to take its process over again after both monitor and keeper died.</summary>
internal sealed record SavedSlot
{
    public required string Slot { get; init; }

    public required int Generation { get; init; }

    /// <summary>Wire name of the process state.</summary>
    public required string State { get; init; }

    /// <summary>Main process, null when none runs.</summary>
    public int? Pid { get; init; }

    /// <summary>Start of the main process in clock ticks since boot; with <see cref="BootId"/> it tells a reused pid.</summary>
    public long? StartTicks { get; init; }

    public string? BootId { get; init; }

    /// <summary>Path of the generation's control group, null where there is none.</summary>
    public string? ControlGroup { get; init; }

    /// <summary>Whatever else the shell wants back, one JSON object in UTF-8: policy counters, last death. The journal does not look inside.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }
}
