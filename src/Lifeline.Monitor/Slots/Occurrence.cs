namespace Lifeline.Monitor;

/// <summary>A trigger with what came with it.</summary>
internal readonly record struct Occurrence(SlotTrigger Trigger)
{
    public MonitorEvent? Event { get; init; }

    /// <summary>The keeper's line, if the trigger comes from its list.</summary>
    public InstanceReport? Report { get; init; }

    /// <summary>Who asks, if the trigger is a wish.</summary>
    public string Cause { get; init; } = StopCause.Operator;

    public int? Pid => Event is LaunchSucceeded launched ? launched.Pid : Report?.Pid;

    public long StartTicks => Event is LaunchSucceeded launched ? launched.StartTicks : Report?.StartTicks ?? 0;

    public long? PreparedNanoseconds => (Event as LaunchSucceeded)?.PreparedNanoseconds;

    public long? ExecAt => Event is LaunchSucceeded launched ? launched.ExecAt : Report?.ExecAt;

    public ProcessExit Exit => Event is ProcessExited exited ? exited.Exit : Report?.Exit ?? ProcessExit.Unknown;

    public long? ExitAt => Event is ProcessExited exited ? exited.ExitAt : Report?.ExitAt;

    /// <summary>The trigger of an event about a generation.</summary>
    public static Occurrence Of(InstanceEvent instanceEvent) => new(instanceEvent switch
    {
        LaunchSucceeded => SlotTrigger.Launched,
        LaunchFailed => SlotTrigger.LaunchRefused,
        ProcessExited => SlotTrigger.Exited,
        ReclaimFinished { TreeEmpty: true } => SlotTrigger.ReclaimEmpty,
        ReclaimFinished => SlotTrigger.ReclaimIncomplete,
        StatusChanged => SlotTrigger.Status,
        BeatReceived => SlotTrigger.Beat,
        ReadyTold => SlotTrigger.Ready,
        SilenceDiagnosed => SlotTrigger.Diagnosed,
        ProbeResult => SlotTrigger.Probed,
        LimitExceeded => SlotTrigger.OverLimit,
        ReloadTold => SlotTrigger.Reloading,
        QuitTold => SlotTrigger.Quitting,
        TroubleTold => SlotTrigger.Trouble,
        MoreTimeAsked => SlotTrigger.MoreTime,
        HeartbeatTold => SlotTrigger.NewHeartbeat,
        MainProcessTold => SlotTrigger.NewMain,
        SessionOpened => SlotTrigger.SessionNew,
        ProcessDying => SlotTrigger.Dying,
        SessionLost => SlotTrigger.SessionGone,
        ResourceClaimed or ResourceUnclaimed or ThingsFound or KillRefused => SlotTrigger.Claim,
        _ => throw new ArgumentException($"The core does not know {instanceEvent.GetType().Name}.", nameof(instanceEvent)),
    })
    {
        Event = instanceEvent,
    };

    /// <summary>The trigger of a line of the keeper's list.</summary>
    public static Occurrence Of(InstanceReport report) => new(report.Presence switch
    {
        InstancePresence.Launching => SlotTrigger.ListedLaunching,
        InstancePresence.Alive => SlotTrigger.ListedAlive,
        _ => SlotTrigger.Exited,
    })
    {
        Report = report,
    };
}
