using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>What a monitor hears from its <see cref="KeeperLink"/>.</summary>
internal abstract record KeeperMessage;

/// <summary>A launch reached exec.</summary>
/// <param name="RequestId">What <see cref="KeeperLink.Launch"/> returned, perhaps to an earlier monitor.</param>
/// <param name="Slot">Slot of the order.</param>
/// <param name="Generation">Generation of the order.</param>
/// <param name="Pid">The new process.</param>
/// <param name="StartTime">Its start time in clock ticks since boot (field 22 of /proc/PID/stat): with the boot id it names the process for ever.</param>
/// <param name="ExecAtNanoseconds">CLOCK_MONOTONIC at which the keeper learned of the exec.</param>
internal sealed record LaunchedMessage(long RequestId, string Slot, int Generation, int Pid, long StartTime, long ExecAtNanoseconds) : KeeperMessage
{
    /// <summary>Path of the control group the launcher had; null if it had none.</summary>
    public string? Group { get; init; }

    /// <summary>How long the command before the start took; 0 without one.</summary>
    public long PreparedNanoseconds { get; init; }
}

/// <summary>A launcher runs the command before the start; the outcome of the launch follows.</summary>
/// <param name="Slot">Slot of the order.</param>
/// <param name="Generation">Generation of the order.</param>
/// <param name="Group">Path of the control group; null if there is none.</param>
internal sealed record PreparingMessage(string Slot, int Generation, string? Group) : KeeperMessage;

/// <summary>A launch failed; nothing of it lives unless <paramref name="Step"/> is <see cref="LaunchStep.KeeperLost"/> (then reclaim as after a death).</summary>
/// <param name="RequestId">What <see cref="KeeperLink.Launch"/> or <see cref="KeeperLink.Adopt"/> returned.</param>
/// <param name="Slot">Slot of the order.</param>
/// <param name="Generation">Generation of the order.</param>
/// <param name="Step">Where it ended.</param>
/// <param name="Error">The system's error, 0 if none is behind it.</param>
/// <param name="Text">For people: what was tried, with the value.</param>
internal sealed record LaunchFailedMessage(long RequestId, string Slot, int Generation, LaunchStep Step, Errno Error, string Text) : KeeperMessage
{
    /// <summary>
    /// Path of the control group of its launcher, if it came to one. With <see cref="LaunchStep.KeeperLost"/>: one that could not be
    /// emptied and is to be taken for this launch's.
    /// </summary>
    public string? Group { get; init; }
}

/// <summary>An instance ended. Comes again to each new monitor until <see cref="KeeperLink.Acknowledge"/>.</summary>
/// <param name="Slot">Its slot.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="Pid">Its process, which is gone.</param>
/// <param name="Status">How it ended; null when nobody could learn it (an adopted process on a kernel without exit information): reason <c>lost</c>.</param>
/// <param name="ExitAtNanoseconds">CLOCK_MONOTONIC at which the keeper returned from the kernel with the exit.</param>
internal sealed record ExitedMessage(string Slot, int Generation, int Pid, ExitStatus? Status, long ExitAtNanoseconds) : KeeperMessage
{
    /// <summary>Path of its control group; null if it had none.</summary>
    public string? Group { get; init; }
}

/// <summary>A process given to <see cref="KeeperLink.Adopt"/> is watched from now on.</summary>
internal sealed record AdoptedMessage(long RequestId, string Slot, int Generation, int Pid) : KeeperMessage;

/// <summary>Stop everything in order and call <see cref="KeeperLink.Finish"/>; at once if <paramref name="Urgent"/> (the keeper has killed the services already).</summary>
internal sealed record StopRequestedMessage(bool Urgent) : KeeperMessage;

/// <summary>Read the configuration again.</summary>
internal sealed record ReloadRequestedMessage : KeeperMessage;

/// <summary>The keeper is gone. With a restarter the link starts another and says <see cref="KeeperRestartedMessage"/>; without, this is the last message.</summary>
internal sealed record KeeperLostMessage(string Reason) : KeeperMessage;

/// <summary>A new keeper has taken over everything this link holds.</summary>
internal sealed record KeeperRestartedMessage(int KeeperPid) : KeeperMessage;

/// <summary>The keeper is older than this monitor and does not know the kind.</summary>
internal sealed record NotUnderstoodMessage(long RequestId, int Kind) : KeeperMessage;
