namespace Lifeline.Monitor;

/// <summary>Something the core is told: one entry of its mailbox. All events are immutable; times are CLOCK_MONOTONIC nanoseconds.</summary>
public abstract record MonitorEvent;

/// <summary>
/// The first event of every core, exactly once: the configuration, what the journal kept, and the keeper's list.
/// </summary>
/// <param name="Configuration">What to supervise.</param>
/// <param name="Records">The saved record of each slot; empty at the first start ever.</param>
/// <param name="Instances">
/// Everything of ours that lives, is being launched, or whose exit was not yet acknowledged. Must be whole: what a record says is
/// alive and is not in it counts as dead (lost). The keeper must have read the former monitor's link to its end before it lists.
/// </param>
public sealed record MonitorStarted(
    MonitorConfiguration Configuration, IReadOnlyList<SlotRecord> Records, IReadOnlyList<InstanceReport> Instances) : MonitorEvent
{
    /// <summary>What was saved of alerts; null at the first start ever.</summary>
    public AlertDeskRecord? Alerts { get; init; }

    /// <summary>Everything is to be stopped, and was already when the former monitor ended: nothing is started. Null: it is not.</summary>
    public ShutdownRequested? Shutdown { get; init; }
}

/// <summary>A reload: new services start, missing ones stop and are forgotten, those with another launch key restart.</summary>
/// <param name="Configuration">The whole new configuration.</param>
public sealed record ConfigurationChanged(MonitorConfiguration Configuration) : MonitorEvent;

/// <summary>The keeper was replaced: what lives now.</summary>
/// <param name="Instances">
/// As in <see cref="MonitorStarted"/>, whole; a <see cref="Launch"/> that was ordered and not yet carried out stands in it as launching.
/// </param>
public sealed record KeeperReplaced(IReadOnlyList<InstanceReport> Instances) : MonitorEvent;

/// <summary>Something is wrong with the monitor itself that people should hear of, until <see cref="MonitorTroubleOver"/>.</summary>
/// <param name="Text">What, in one sentence.</param>
public sealed record MonitorTrouble(string Text) : MonitorEvent;

/// <summary>What <see cref="MonitorTrouble"/> told of is over.</summary>
/// <param name="Text">That it is, in one sentence.</param>
public sealed record MonitorTroubleOver(string Text) : MonitorEvent;

/// <summary>The wall clock was set: times shown from now on count from here.</summary>
/// <param name="MonotonicZero">The wall clock's reading at monotonic zero.</param>
public sealed record ClockSet(DateTimeOffset MonotonicZero) : MonitorEvent;

/// <summary>
/// Deadlines may be over. Sent when <see cref="MonitorCore.NextDeadline"/> has come <em>and</em> everything that had arrived before
/// was handled, so that no sign of life is overlooked.
/// </summary>
public sealed record Tick : MonitorEvent
{
    /// <summary>The only instance anyone needs.</summary>
    public static Tick Instance { get; } = new();
}

/// <summary>Stop everything, in reverse order; <see cref="ShutdownComplete"/> follows. A second one only matters if it is urgent.</summary>
/// <param name="Cause">Who asked, for the events: a signal's name, "down".</param>
public sealed record ShutdownRequested(string Cause) : MonitorEvent
{
    /// <summary>Do not ask, kill: somebody lost patience.</summary>
    public bool IsUrgent { get; init; }
}

/// <summary>How an alert fared outside.</summary>
/// <param name="Alert">The channel.</param>
/// <param name="Rule">The rule it was about.</param>
/// <param name="Service">The service it was about.</param>
/// <param name="Generation">The generation it was about.</param>
/// <param name="Delivered">True: accepted by the receiver; false: given up.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Error">The last error, if any.</param>
public sealed record AlertOutcome(
    string Alert, AlertRule Rule, string Service, int Generation, bool Delivered, int Attempts, string? Error) : MonitorEvent;
