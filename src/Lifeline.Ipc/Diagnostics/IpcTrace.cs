namespace Lifeline.Ipc;

/// <summary>A call as a tracer sees it, on either side.</summary>
/// <param name="Peer">The process at the other end, as the kernel knows it.</param>
/// <param name="SessionId">The session's number in its endpoint.</param>
/// <param name="Descriptor">The stub's interface; null on the calling side as long as nobody asked for it.</param>
/// <param name="Code">The request code.</param>
/// <param name="IsOneWay">Whether nobody waits for a reply.</param>
/// <param name="Chain">The number that the call and all calls nested in it carry, on both sides; 0 for a one-way call.</param>
/// <param name="Bytes">Bytes of data.</param>
public readonly record struct IpcTrace(CallerIdentity Peer, long SessionId, string? Descriptor, uint Code, bool IsOneWay, ulong Chain, int Bytes);
