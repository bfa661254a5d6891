namespace Lifeline.Keeper;

/// <summary>What the keeper handed over when this monitor started.</summary>
internal sealed record KeeperState
{
    /// <summary>The keeper's process.</summary>
    public required int KeeperPid { get; init; }

    /// <summary><see cref="KeeperProtocol.Version"/> of the keeper, which may be older or newer than this monitor.</summary>
    public required int KeeperVersion { get; init; }

    /// <summary>How many monitors this keeper has started, this one included: 1 is a fresh start.</summary>
    public required int MonitorStarts { get; init; }

    /// <summary>Someone asked for a stop before this monitor started.</summary>
    public required bool StopRequested { get; init; }

    /// <summary>That stop shall be at once.</summary>
    public required bool StopUrgent { get; init; }

    /// <summary>The living.</summary>
    public required IReadOnlyList<KeeperProcess> Processes { get; init; }

    /// <summary>The dead whose exit was not acknowledged, with the exits of each slot in their order.</summary>
    public required IReadOnlyList<ExitedMessage> Exits { get; init; }

    /// <summary>Launches an earlier monitor ordered and whose outcome will come as a message.</summary>
    public required IReadOnlyList<PendingLaunch> Launches { get; init; }

    /// <summary>Paths of the control groups of launchers that are no service yet.</summary>
    public required IReadOnlyList<string> LauncherGroups { get; init; }

    /// <summary>Highest generation accepted for each slot: the next must be above.</summary>
    public required IReadOnlyDictionary<string, int> LastGenerations { get; init; }

    /// <summary>Names of the descriptors held; <see cref="KeeperLink.Duplicate"/> gives one.</summary>
    public required IReadOnlyList<string> Descriptors { get; init; }
}

/// <summary>A living instance as the keeper knows it.</summary>
/// <param name="Slot">Its slot.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="Pid">Its process.</param>
/// <param name="StartTime">Start time in clock ticks since boot.</param>
/// <param name="ExecAtNanoseconds">CLOCK_MONOTONIC of its exec; 0 if it was adopted without that knowledge.</param>
internal sealed record KeeperProcess(string Slot, int Generation, int Pid, long StartTime, long ExecAtNanoseconds)
{
    /// <summary>Path of its control group; null if it is not known or there is none.</summary>
    public string? Group { get; init; }
}

/// <summary>A launch under way.</summary>
internal readonly record struct PendingLaunch(long RequestId, string Slot, int Generation)
{
    /// <summary>Path of the control group of the launcher that has the order; null if none has it or it is not known.</summary>
    public string? Group { get; init; }
}
