using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>
/// Something the shell does for the core, in the order of the list. The effects of one <see cref="MonitorCore.Handle"/> are one batch:
/// its <see cref="RecordEvent"/>, <see cref="SaveSlot"/> and <see cref="ForgetSlot"/> are committed together, batches in order.
/// Where <see cref="NeedsCommit"/> is true the effect is carried out only after that commit; others need not wait.
/// An effect may fail or be lost with the monitor: the core copes.
/// </summary>
public abstract record Effect
{
    /// <summary>Whether it may be carried out only after everything before it is committed.</summary>
    public virtual bool NeedsCommit => false;
}

/// <summary>Append an event to the journal.</summary>
/// <param name="Kind">One of <see cref="EventKinds"/>.</param>
/// <param name="Service">The service; null for the monitor's own.</param>
/// <param name="Generation">Its generation; 0 for the monitor's own.</param>
/// <param name="Data">The fields of <c>data</c>; docs/events.md lists them.</param>
public sealed record RecordEvent(string Kind, string? Service, int Generation, EventData Data) : Effect
{
    /// <summary>The key of the slot it is about (<see cref="SlotKeys"/>); null for what is about none.</summary>
    public string? Slot { get; init; }
}

/// <summary>Replace the saved record of a slot.</summary>
/// <param name="Record">What a later core needs to go on.</param>
public sealed record SaveSlot(SlotRecord Record) : Effect;

/// <summary>Replace what is saved of alerts beside the slots' own.</summary>
/// <param name="Record">What a later core needs to go on.</param>
public sealed record SaveAlerts(AlertDeskRecord Record) : Effect;

/// <summary>
/// Drop the saved record of a service that was taken out of the configuration long ago. (The records of such services are kept for
/// a while, so that no generation is ever given out twice.)
/// </summary>
/// <param name="Service">The service.</param>
public sealed record ForgetSlot(string Service) : Effect;

/// <summary>
/// Launch a generation. The saved record before it is the intent: a monitor that dies in between finds it and never launches the
/// number again. Answer: <see cref="LaunchSucceeded"/> or <see cref="LaunchFailed"/>.
/// </summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The new generation, greater than all before.</param>
public sealed record Launch(string Service, int Generation) : Effect
{
    /// <inheritdoc/>
    public override bool NeedsCommit => true;
}

/// <summary>Send a signal to the main process.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Signal">The signal's number.</param>
public sealed record SendSignal(string Service, int Generation, int Signal) : Effect;

/// <summary>
/// The main process is another one from now on: have the keeper watch it, take its end for the generation's, and forget the former one.
/// An end of the former that was told meanwhile is void.
/// </summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Pid">The process.</param>
/// <param name="StartTicks">Its start time in clock ticks since boot.</param>
/// <param name="Before">The former main process.</param>
public sealed record WatchMain(string Service, int Generation, int Pid, long StartTicks, int Before) : Effect;

/// <summary>
/// The service is stopped, not to start again by itself: what is kept for its next start (stored descriptors, listening sockets)
/// may go.
/// </summary>
/// <param name="Service">The service.</param>
public sealed record DropKept(string Service) : Effect;

/// <summary>
/// Nothing lives in one slot of a service that goes on in its other one: what was written there may be taken and its pipes closed.
/// </summary>
/// <param name="Slot">The key of the slot.</param>
public sealed record CloseOutput(string Slot) : Effect;

/// <summary>Tell the sessions of the generation that it is to stop. The stop signal follows as an effect of its own.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Timeout">How long it has.</param>
public sealed record AskToStop(string Service, int Generation, TimeSpan Timeout) : Effect;

/// <summary>
/// Kill the whole process tree of a generation, also one that is still being launched. Repeated until its end is known.
/// </summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
public sealed record KillTree(string Service, int Generation) : Effect;

/// <summary>
/// Reclaim everything of a dead generation. Runs of one service never overlap: a later one waits for the earlier.
/// Answer: <see cref="ReclaimFinished"/> with the same attempt.
/// </summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The dead generation.</param>
/// <param name="Attempt">1, 2, … within the generation.</param>
/// <param name="Death">Its death.</param>
/// <param name="Claims">What it had claimed.</param>
/// <param name="Found">What it was seen to hold.</param>
public sealed record Reclaim(
    string Service, int Generation, int Attempt, DeathRecord Death, IReadOnlyList<ClaimRecord> Claims, IReadOnlyList<FoundRecord> Found)
    : Effect
{
    /// <summary>When the generation began, if the answer is to tell the last line that it wrote: people will be told of this death. Null: not.</summary>
    public DateTimeOffset? LastLineSince { get; init; }
}

/// <summary>The death is in the journal: the keeper may drop its notice. May come more than once.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
public sealed record AcknowledgeExit(string Service, int Generation) : Effect
{
    /// <inheritdoc/>
    public override bool NeedsCommit => true;
}

/// <summary>Tell people. The event alert.raised stands before it.</summary>
/// <param name="Alert">The channel.</param>
/// <param name="Rule">What it is about.</param>
/// <param name="Service">The service.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="Text">One sentence for people.</param>
/// <param name="Suppressed">How many alerts of this rule and service the throttle held back since the last one.</param>
public sealed record RaiseAlert(string Alert, AlertRule Rule, string Service, int Generation, string Text, int Suppressed) : Effect
{
    /// <summary>The alert's number; 0 for one about the monitor.</summary>
    public long Id { get; init; }

    /// <summary>Since when it is so; null: now.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <inheritdoc/>
    public override bool NeedsCommit => true;
}

/// <summary>What an alert was raised for is over. The event alert.resolved stands before it.</summary>
/// <param name="Alert">The channel.</param>
/// <param name="Rule">What it was about.</param>
/// <param name="Service">The service.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="Text">One sentence for people.</param>
/// <param name="Notify">Whether to tell people: the channel listens to <see cref="AlertRule.Recovered"/> and the service did recover.</param>
public sealed record ResolveAlert(string Alert, AlertRule Rule, string Service, int Generation, string Text, bool Notify) : Effect
{
    /// <summary>The alert's number.</summary>
    public long Id { get; init; }

    /// <summary>Since when it was so.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <inheritdoc/>
    public override bool NeedsCommit => true;
}

/// <summary>Why an order was refused.</summary>
public enum OrderRefusal
{
    /// <summary>There is no such service.</summary>
    NotFound,

    /// <summary>The monitor is shutting down.</summary>
    ShuttingDown,

    /// <summary>There is no process to send a signal to.</summary>
    NotRunning,

    /// <summary>A limit is reached.</summary>
    TooMany,
}

/// <summary>The answer to an <see cref="OperatorOrder"/> or <see cref="AlertOrder"/>: taken (not yet done), or refused and why.</summary>
/// <param name="OrderId">The order's id.</param>
/// <param name="Refusal">Null: taken.</param>
/// <param name="Message">One sentence for people.</param>
public sealed record AnswerOrder(long OrderId, OrderRefusal? Refusal, string Message) : Effect
{
    /// <inheritdoc/>
    public override bool NeedsCommit => true;
}

/// <summary>Everything that could be stopped is stopped. The last effect of a core.</summary>
/// <param name="Left">What could not be; empty after a clean shutdown.</param>
public sealed record ShutdownComplete(IReadOnlyList<Leftover> Left) : Effect
{
    /// <inheritdoc/>
    public override bool NeedsCommit => true;
}

/// <summary>Something that outlived the shutdown.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Pid">Its main process, if that is what is left; null: something else of its tree, or a launch.</param>
public sealed record Leftover(string Service, int Generation, int? Pid);
