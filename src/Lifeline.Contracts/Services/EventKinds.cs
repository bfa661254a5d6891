namespace Lifeline.Contracts;

/// <summary>The kinds of events in the journal.</summary>
public static class EventKinds
{
    /// <summary>A generation is about to be launched.</summary>
    public const string ServiceStarting = "service.starting";

    /// <summary>Its launch is held back until a dependency is ready: <c>for</c>, <c>state</c>.</summary>
    public const string ServiceWaiting = "service.waiting";

    /// <summary>Its program was executed: <c>pid</c>.</summary>
    public const string ServiceStarted = "service.started";

    /// <summary>It is ready.</summary>
    public const string ServiceReady = "service.ready";

    /// <summary>Its status changed: <c>code</c>, <c>text</c>, <c>fields</c>.</summary>
    public const string ServiceStatus = "service.status";

    /// <summary>Its health changed: <c>from</c>, <c>to</c>.</summary>
    public const string ServiceHealth = "service.health";

    /// <summary>It gave no sign of life for its heartbeat interval.</summary>
    public const string ServiceHung = "service.hung";

    /// <summary>It gave no sign of life for its heartbeat interval, for which there is another reason: it gets more time.</summary>
    public const string ServiceExtended = "service.extended";

    /// <summary>A probe begins to fail, or is good again: <c>probe</c>, <c>good</c>, <c>text</c>.</summary>
    public const string ServiceProbe = "service.probe";

    /// <summary>It needed more memory than it may, and is ended: <c>memory_bytes</c>, <c>limit_bytes</c>.</summary>
    public const string ServiceOverLimit = "service.over_limit";

    /// <summary>The kernel has begun to end its main process, which takes a while: <c>pid</c>.</summary>
    public const string ServiceDying = "service.dying";

    /// <summary>It died: <c>reason</c>, <c>signal</c>, <c>exit_code</c>.</summary>
    public const string ServiceDied = "service.died";

    /// <summary>What it left behind was dealt with: <c>steps</c>, <c>took_us</c>.</summary>
    public const string ServiceReclaimed = "service.reclaimed";

    /// <summary>It will be started again after a delay: <c>delay_ms</c>, <c>attempt</c>.</summary>
    public const string ServiceBackoff = "service.backoff";

    /// <summary>It was given up.</summary>
    public const string ServiceFailed = "service.failed";

    /// <summary>Its next generation is to come up beside this one.</summary>
    public const string ServiceReplacing = "service.replacing";

    /// <summary>Its next generation has taken over.</summary>
    public const string ServiceReplaced = "service.replaced";

    /// <summary>Its next generation did not take over; the one before it goes on.</summary>
    public const string ServiceReplacementFailed = "service.replacement_failed";

    /// <summary>It was asked to stop.</summary>
    public const string ServiceStopping = "service.stopping";

    /// <summary>It stopped on order.</summary>
    public const string ServiceStopped = "service.stopped";

    /// <summary>It reads its configuration again, by its own word.</summary>
    public const string ServiceReloading = "service.reloading";

    /// <summary>It has read its configuration again: <c>took_us</c>.</summary>
    public const string ServiceReloaded = "service.reloaded";

    /// <summary>It set its own heartbeat: <c>heartbeat_ms</c>.</summary>
    public const string ServiceHeartbeat = "service.heartbeat";

    /// <summary>Another process of it is the main one: <c>pid</c>, <c>before</c>.</summary>
    public const string ServiceMainPid = "service.main_pid";

    /// <summary>It was found alive by a new monitor or keeper: <c>pid</c>.</summary>
    public const string ServiceAdopted = "service.adopted";

    /// <summary>Output of it was dropped: <c>bytes</c>, <c>because</c>.</summary>
    public const string LogLost = "log.lost";

    /// <summary>A death concerns the members of a group: <c>group</c>, <c>members</c>, <c>failed</c>.</summary>
    public const string GroupRestarting = "group.restarting";

    /// <summary>The session of a living process ended.</summary>
    public const string SessionLost = "session.lost";

    /// <summary>An alert was raised: <c>alert</c>, <c>rule</c>.</summary>
    public const string AlertRaised = "alert.raised";

    /// <summary>An alert was delivered.</summary>
    public const string AlertDelivered = "alert.delivered";

    /// <summary>An alert could not be delivered.</summary>
    public const string AlertFailed = "alert.failed";

    /// <summary>What an alert was about is over.</summary>
    public const string AlertResolved = "alert.resolved";

    /// <summary>Somebody takes care of an alert.</summary>
    public const string AlertAcknowledged = "alert.acknowledged";

    /// <summary>Nobody takes care of an alert any more.</summary>
    public const string AlertUnacknowledged = "alert.unacknowledged";

    /// <summary>Nobody is told for a while.</summary>
    public const string AlertSilenced = "alert.silenced";

    /// <summary>People are told again, before the silence was over.</summary>
    public const string AlertUnsilenced = "alert.unsilenced";

    /// <summary>The keeper died and there is another: <c>pid</c>.</summary>
    public const string KeeperReplaced = "keeper.replaced";

    /// <summary>The monitor started afresh.</summary>
    public const string MonitorStarted = "monitor.started";

    /// <summary>The monitor took over from one that died.</summary>
    public const string MonitorRecovered = "monitor.recovered";

    /// <summary>The monitor ended in order.</summary>
    public const string MonitorStopped = "monitor.stopped";

    /// <summary>A new configuration is in force.</summary>
    public const string ConfigReloaded = "config.reloaded";

    /// <summary>A damaged journal was set aside and a new one begun.</summary>
    public const string JournalReset = "journal.reset";

    /// <summary>Events could not be kept: <c>count</c>.</summary>
    public const string JournalLost = "journal.lost";

    /// <summary>All of them, in the order in which they stand here.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        ServiceStarting, ServiceWaiting, ServiceStarted, ServiceReady, ServiceStatus, ServiceHealth, ServiceHung, ServiceExtended, ServiceProbe,
        ServiceOverLimit, ServiceDying, ServiceDied, ServiceReclaimed, ServiceBackoff, ServiceFailed, ServiceReplacing, ServiceReplaced,
        ServiceReplacementFailed, ServiceStopping, ServiceStopped, ServiceReloading, ServiceReloaded, ServiceHeartbeat, ServiceMainPid,
        ServiceAdopted, LogLost, GroupRestarting, SessionLost, AlertRaised, AlertDelivered, AlertFailed, AlertResolved, AlertAcknowledged,
        AlertUnacknowledged, AlertSilenced, AlertUnsilenced, KeeperReplaced, MonitorStarted, MonitorRecovered, MonitorStopped, ConfigReloaded,
        JournalReset, JournalLost,
    ];
}
