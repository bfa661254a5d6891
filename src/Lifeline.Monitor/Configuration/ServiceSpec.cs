namespace Lifeline.Monitor;

/// <summary>
/// What the core must know of a service in order to decide. How it is launched and what is reclaimed is the shell's business.
/// Durations are at least zero. Immutable.
/// </summary>
public sealed record ServiceSpec
{
    /// <summary>A budget above this counts as no limit: the window is remembered restart by restart.</summary>
    public const int MaxRestartBudget = 10_000;

    /// <summary>The service's name, unique in a configuration.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Stands for everything a running process got at its launch (command, environment, limits): a reload that changes it
    /// restarts the service, a reload that changes only policies does not. Compared by text.
    /// </summary>
    public string LaunchKey { get; init; } = "";

    /// <summary>
    /// Names of the services that must be ready before this one is launched and that are stopped after it. None of them leads back
    /// to this one. Default none.
    /// </summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>The group whose strategy it shares; null (the default): none.</summary>
    public string? Group { get; init; }

    /// <summary>
    /// Whether a restart by order or reload brings the next generation up beside the present one, which is asked to stop only when that
    /// one is ready. Such a service has two slots, and its group does not concern it. Default false.
    /// </summary>
    public bool Overlaps { get; init; }

    /// <summary>Whether the service starts with the monitor. Default true.</summary>
    public bool Autostart { get; init; } = true;

    /// <summary>What makes it ready. Default <see cref="ReadyWhen.Exec"/>.</summary>
    public ReadyWhen Ready { get; init; } = ReadyWhen.Exec;

    /// <summary>From exec to ready; beyond it the service is killed (start_timeout). Default 30 s.</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long what runs before the exec may take, beside the launch itself. Default: nothing runs.</summary>
    public TimeSpan PrepareTimeout { get; init; }

    /// <summary>No sign of life for so long: hung. Null (the default): not watched.</summary>
    public TimeSpan? Heartbeat { get; init; }

    /// <summary>Tells whether it lives, once it is ready; and whether it is ready, if there is no <see cref="ReadyProbe"/>.</summary>
    public ProbeSpec? Probe { get; init; }

    /// <summary>Tells whether it is ready; only with <see cref="ReadyWhen.Probe"/>.</summary>
    public ProbeSpec? ReadyProbe { get; init; }

    /// <summary>The signal that ends a hung service. Default 6 (SIGABRT).</summary>
    public int HungSignal { get; init; } = 6;

    /// <summary>From <see cref="HungSignal"/> to KILL for the whole tree. Default 500 ms.</summary>
    public TimeSpan HungGrace { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Least spacing of two service.status events. Default 1 s.</summary>
    public TimeSpan StatusEvents { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Which deaths are followed by a restart. Default <see cref="RestartWhen.Always"/>.</summary>
    public RestartWhen Restart { get; init; } = RestartWhen.Always;

    /// <summary>Exit codes that mean success. Default 0.</summary>
    public IReadOnlyList<int> SuccessExitCodes { get; init; } = [0];

    /// <summary>Delays between restarts.</summary>
    public BackoffSpec Backoff { get; init; } = new();

    /// <summary>
    /// Automatic restarts allowed within <see cref="RestartWindow"/>; the next death in it leads to failed. Default 5.
    /// Above <see cref="MaxRestartBudget"/> there is no limit.
    /// </summary>
    public int MaxRestarts { get; init; } = 5;

    /// <summary>The sliding window of <see cref="MaxRestarts"/>. Default 60 s.</summary>
    public TimeSpan RestartWindow { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A failed service is tried again after this, doubling to an hour. Default 5 min; null: never.</summary>
    public TimeSpan? FailedRetry { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The signal of a stop. Default 15 (SIGTERM).</summary>
    public int StopSignal { get; init; } = 15;

    /// <summary>From the stop signal to KILL for the whole tree. Default 10 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// From the order to reclaim to its outcome; beyond it the attempt counts as failed. Must be longer than what the shell's
    /// own steps may take. Default 60 s.
    /// </summary>
    public TimeSpan ReclaimTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
