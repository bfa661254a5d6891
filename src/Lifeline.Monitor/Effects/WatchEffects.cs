namespace Lifeline.Monitor;

/// <summary>
/// Most of a heartbeat has passed without a sign: note how long the service's threads, the monitor's and the machine had to wait so far, so
/// that <see cref="Diagnose"/> can tell how it was since.
/// </summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Pid">Its main process.</param>
public sealed record WatchSilence(string Service, int Generation, int? Pid) : Effect;

/// <summary>
/// A whole heartbeat without a sign of life: find out why. First whatever waits in sockets and slots must be read and told. Then, also if
/// it found nothing, a <see cref="SilenceDiagnosed"/> within <see cref="MonitorCoreOptions.DiagnosisTimeout"/>.
/// </summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Pid">Its main process.</param>
public sealed record Diagnose(string Service, int Generation, int? Pid) : Effect;

/// <summary>
/// Begin to probe, or begin anew with other settings. Each outcome is a <see cref="ProbeResult"/>, until <see cref="StopProbing"/>
/// or another generation's begin.
/// </summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Use">Which of its probes.</param>
/// <param name="IsStarting">It is not ready yet and the answer is awaited: ask often.</param>
public sealed record StartProbing(string Service, int Generation, ProbeUse Use, bool IsStarting) : Effect;

/// <summary>No more probes of this service; what is under way is broken off.</summary>
/// <param name="Service">The service.</param>
/// <param name="Use">Which of its probes; null: all.</param>
public sealed record StopProbing(string Service, ProbeUse? Use = null) : Effect;
