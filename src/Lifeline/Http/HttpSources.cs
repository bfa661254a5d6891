using Lifeline.Alerting;
using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Journal;
using Lifeline.Keeper;
using Lifeline.Logs;
using Lifeline.Supervision;

namespace Lifeline.Http;

/// <summary>The parts of the monitor that the HTTP server shows and gives orders to.</summary>
internal sealed record HttpSources
{
    public required Supervisor Supervisor { get; init; }

    public required KeeperLink Keeper { get; init; }

    public required OrderDesk Orders { get; init; }

    public required ServiceDirectory Services { get; init; }

    public required ServiceDetails Details { get; init; }

    public required ControlGroups Groups { get; init; }

    public required JournalStore Journal { get; init; }

    public required LogReader Logs { get; init; }

    public required AlertDispatcher Alerts { get; init; }

    public required IAlertDesk AlertDesk { get; init; }

    public required LaunchPlanner Launches { get; init; }

    public required ConfigurationReloader Reloader { get; init; }

    public required Places Places { get; init; }

    /// <summary>What happened to a service's output; null: nothing is known of it.</summary>
    public required Func<string, LogCounters?> LogCounters { get; init; }

    /// <summary>What each session asked of the monitor.</summary>
    public required Func<IReadOnlyList<IpcCallStatistics>> IpcStatistics { get; init; }

    /// <summary>The service that reports over a session; null: none does.</summary>
    public required Func<long, string?> ServiceOfSession { get; init; }

    public required Func<MonitorInfo> Info { get; init; }

    public required TimeProvider Time { get; init; }

    public required MonitorLog Log { get; init; }
}
