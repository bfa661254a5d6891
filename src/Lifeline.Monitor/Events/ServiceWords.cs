namespace Lifeline.Monitor;

/// <summary>The service reads its configuration again; <see cref="ReadyTold"/> ends that. Also a sign of life.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
public sealed record ReloadTold(string Service, int Generation) : InstanceEvent(Service, Generation);

/// <summary>The service is about to end by itself.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
public sealed record QuitTold(string Service, int Generation) : InstanceEvent(Service, Generation);

/// <summary>The service asks to be treated as hung, at once.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
public sealed record TroubleTold(string Service, int Generation) : InstanceEvent(Service, Generation);

/// <summary>The service asks for more time to start, to stop, or until its next sign of life. Also a sign of life.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Time">From now; <see cref="MonitorCoreOptions.MaxExtension"/> at most counts.</param>
public sealed record MoreTimeAsked(string Service, int Generation, TimeSpan Time) : InstanceEvent(Service, Generation);

/// <summary>The service sets its own heartbeat for the rest of its life.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Heartbeat">
/// Within <see cref="MonitorCoreOptions.MinHeartbeat"/> and <see cref="MonitorCoreOptions.MaxHeartbeat"/>, else the nearer of them; zero: not
/// watched.
/// </param>
public sealed record HeartbeatTold(string Service, int Generation, TimeSpan Heartbeat) : InstanceEvent(Service, Generation);

/// <summary>Another process of the generation is the main one from now on. That it belongs to the generation was proven.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Pid">The process.</param>
/// <param name="StartTicks">Its start time in clock ticks since boot.</param>
public sealed record MainProcessTold(string Service, int Generation, int Pid, long StartTicks) : InstanceEvent(Service, Generation);
