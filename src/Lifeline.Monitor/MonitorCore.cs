using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>
/// The decisions of the monitor: events in, effects out. No files, no sockets, no clock, no threads: the same seed and the same
/// events at the same times give the same effects. Not thread-safe; one loop owns it.
/// </summary>
public sealed class MonitorCore
{
    /// <summary>A core that waits for <see cref="MonitorStarted"/>.</summary>
    /// <param name="options">Settings of the core itself.</param>
    public MonitorCore(MonitorCoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
    }

    /// <summary>When the next <see cref="Tick"/> is due, in monotonic nanoseconds; null: never. May be earlier than needed.</summary>
    public long? NextDeadline => null;

    /// <summary>Whether everything has stopped after a <see cref="ShutdownRequested"/>.</summary>
    public bool IsShutDown => false;

    /// <summary>The names of the services in the order of the configuration; those being removed come last.</summary>
    public IReadOnlyList<string> Services => [];

    /// <summary>Decides about one event.</summary>
    /// <param name="monitorEvent">The event.</param>
    /// <param name="nowNanoseconds">CLOCK_MONOTONIC now; never less than in an earlier call.</param>
    /// <param name="effects">Effects are appended; those of one call are one batch (<see cref="Effect"/>).</param>
    /// <exception cref="InvalidOperationException">The first event is not <see cref="MonitorStarted"/>, or a later one is.</exception>
    public void Handle(MonitorEvent monitorEvent, long nowNanoseconds, IList<Effect> effects)
    {
        ArgumentNullException.ThrowIfNull(monitorEvent);
        ArgumentNullException.ThrowIfNull(effects);
    }

    /// <summary>
    /// What people see of a service, with memory, CPU and process count left null for the shell to fill; null: no such service.
    /// </summary>
    /// <param name="service">The service.</param>
    public ServiceSnapshot? Snapshot(string service) => null;

    /// <summary>What the shell needs to know of a slot; null: no such service.</summary>
    /// <param name="service">The service.</param>
    public SlotView? View(string service) => null;
}
