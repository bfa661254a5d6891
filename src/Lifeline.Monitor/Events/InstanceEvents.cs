using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>
/// Something about one generation of a service. Events of another than the current generation never count for the current one.
/// </summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation it is about.</param>
public abstract record InstanceEvent(string Service, int Generation) : MonitorEvent;

/// <summary>The program was exec'd.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Pid">The main process.</param>
/// <param name="StartTicks">Its start time in clock ticks since boot.</param>
/// <param name="ExecAt">When the exec succeeded.</param>
public sealed record LaunchSucceeded(string Service, int Generation, int Pid, long StartTicks, long ExecAt)
    : InstanceEvent(Service, Generation)
{
    /// <summary>How long the command before the start took; null without one.</summary>
    public long? PreparedNanoseconds { get; init; }
}

/// <summary>The program could not be exec'd; no main process exists. Needs no acknowledgement.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Error">What went wrong, for people: the step, the file, the errno.</param>
/// <param name="FailedAt">When.</param>
public sealed record LaunchFailed(string Service, int Generation, string Error, long FailedAt)
    : InstanceEvent(Service, Generation)
{
    /// <summary>
    /// Nobody knows how far it came, because whoever launched it died: reason lost, not exec_failed, and no restart is spent on it.
    /// </summary>
    public bool IsLost { get; init; }

    /// <summary>What had to succeed before the exec took too long: reason start_timeout.</summary>
    public bool IsTooLate { get; init; }
}

/// <summary>The main process has ended: the keeper's notice, repeated until <see cref="AcknowledgeExit"/>.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Exit">How.</param>
/// <param name="ExitAt">When the keeper returned from the kernel with it.</param>
public sealed record ProcessExited(string Service, int Generation, ProcessExit Exit, long ExitAt)
    : InstanceEvent(Service, Generation)
{
    /// <summary>Which process; one that is not the main process any more counts for nothing. Null: the main one.</summary>
    public int? Pid { get; init; }
}

/// <summary>The outcome of a <see cref="Reclaim"/>.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation that was reclaimed.</param>
/// <param name="Attempt">The attempt of the order it answers.</param>
/// <param name="Steps">What was done.</param>
/// <param name="TreeEmpty">Whether the process tree is proven empty. Only this lets the next generation start.</param>
/// <param name="TookNanoseconds">How long it took.</param>
public sealed record ReclaimFinished(
    string Service, int Generation, int Attempt, IReadOnlyList<ReclaimStep> Steps, bool TreeEmpty, long TookNanoseconds)
    : InstanceEvent(Service, Generation)
{
    /// <summary>The last line that the generation wrote, already within its limit; null: not asked for, or there is none.</summary>
    public string? LastLine { get; init; }
}

/// <summary>
/// The latest status, read from the slot or from a report. Also a sign of life. After a death the shell reads the slot once more
/// and sends what it finds: it is kept and shown.
/// </summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation that reported it.</param>
/// <param name="Report">The report, already within its limits.</param>
public sealed record StatusChanged(string Service, int Generation, StatusReport Report) : InstanceEvent(Service, Generation);

/// <summary>A sign of life.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
public sealed record BeatReceived(string Service, int Generation) : InstanceEvent(Service, Generation);

/// <summary>The service says that it is ready (READY=1). Also a sign of life.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
public sealed record ReadyTold(string Service, int Generation) : InstanceEvent(Service, Generation);

/// <summary>A process of this generation registered a session. Also a sign of life.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Session">The session's number, never used twice by one monitor.</param>
public sealed record SessionOpened(string Service, int Generation, long Session) : InstanceEvent(Service, Generation);

/// <summary>The kernel has begun to end a process of the service. Not a death yet: its memory, files and ports are still there.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Pid">Which process; only the main one counts.</param>
public sealed record ProcessDying(string Service, int Generation, int Pid) : InstanceEvent(Service, Generation);

/// <summary>A session ended. Not a death.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Session">The session's number.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record SessionLost(string Service, int Generation, long Session, string Reason) : InstanceEvent(Service, Generation);

/// <summary>The service declared something of its own that must go when it dies. Twice the same counts once.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Kind">What kind of thing.</param>
/// <param name="What">Which.</param>
public sealed record ResourceClaimed(string Service, int Generation, ClaimKind Kind, string What) : InstanceEvent(Service, Generation);

/// <summary>What a look at the living generation found that it made and holds. Adds to what was found before.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Found">What was found.</param>
public sealed record ThingsFound(string Service, int Generation, IReadOnlyList<FoundRecord> Found) : InstanceEvent(Service, Generation);

/// <summary>The kernel refused to kill a process of the generation.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Error">Which process, and why, for people.</param>
public sealed record KillRefused(string Service, int Generation, string Error) : InstanceEvent(Service, Generation);

/// <summary>The service took a claim back.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Kind">What kind of thing.</param>
/// <param name="What">Which.</param>
public sealed record ResourceUnclaimed(string Service, int Generation, ClaimKind Kind, string What) : InstanceEvent(Service, Generation);

/// <summary>The answer to <see cref="Diagnose"/>: why the service may be silent.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Evidence">What was found; null: nothing could be.</param>
public sealed record SilenceDiagnosed(string Service, int Generation, HangEvidence? Evidence) : InstanceEvent(Service, Generation);

/// <summary>The outcome of one probe.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation that was probed.</param>
/// <param name="Use">Which probe.</param>
/// <param name="IsGood">Whether it found the service well.</param>
/// <param name="Text">What it found, for people; bounded by the shell.</param>
public sealed record ProbeResult(string Service, int Generation, ProbeUse Use, bool IsGood, string Text) : InstanceEvent(Service, Generation);

/// <summary>A living generation has more of something than it may, or the kernel has ended a process of it for that.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Amount">How much it had, in bytes or processes; null: the kernel does not tell.</param>
/// <param name="Limit">What it may.</param>
/// <param name="IsKernel">The kernel held it to the limit; else it was measured.</param>
public sealed record LimitExceeded(string Service, int Generation, long? Amount, long Limit, bool IsKernel) : InstanceEvent(Service, Generation)
{
    /// <summary>Of what.</summary>
    public LimitKind Kind { get; init; }
}
