using Lifeline.Contracts;

namespace Lifeline.Tests.Cli;

/// <summary>Services as a monitor would describe them.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static ServiceSnapshot Service(string name, ServiceState state = ServiceState.Running, int generation = 1) => new()
    {
        Name = name,
        State = state,
        Health = ServiceHealth.Unknown,
        Generation = generation,
        Pid = state is ServiceState.Running or ServiceState.Starting or ServiceState.Stopping ? 4711 : null,
        StartedAt = Now.AddMinutes(-5).AddSeconds(-12),
    };

    public static IReadOnlyList<ServiceSnapshot> Shop { get; } =
    [
        Service("orders", generation: 3) with
        {
            Health = ServiceHealth.Healthy,
            Restarts = 2,
            Status = new SnapshotStatus { Text = "queue 3", At = Now, Sequence = 12 },
        },
        Service("db-1") with { Health = ServiceHealth.Degraded, StartedAt = Now.AddDays(-3).AddHours(-4), Pid = 99, Status = new SnapshotStatus { Text = "disk\e[31m 91 %\nsecond line", At = Now } },
        Service("billing", ServiceState.Failed, 6) with
        {
            Health = ServiceHealth.Unhealthy,
            Restarts = 5,
            Status = new SnapshotStatus { Text = "was fine", At = Now },
            LastDeath = new SnapshotDeath { At = Now, Reason = DeathReason.Exited, ExitCode = 3 },
        },
        Service("mail", ServiceState.Backoff, 2) with { LastDeath = new SnapshotDeath { At = Now, Reason = DeathReason.Hung, Signal = 9 } },
        Service("report", ServiceState.Stopped, 0),
    ];
}
