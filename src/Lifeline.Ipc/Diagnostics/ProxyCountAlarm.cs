namespace Lifeline.Ipc;

/// <summary>This process holds suspiciously many stubs of one peer: proxies are probably not disposed. See <see cref="IpcEndpointOptions.ProxyCountAlarm"/>.</summary>
/// <param name="Session">The session through which it holds them.</param>
/// <param name="Count">How many it holds.</param>
/// <param name="Limit">The number at which the alarm is raised.</param>
public sealed record ProxyCountAlarm(IpcSession Session, int Count, int Limit);
