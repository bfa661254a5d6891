namespace Lifeline.Ipc.Protocol;

/// <summary>The peer sent something that the protocol does not allow: its session ends.</summary>
internal sealed class ProtocolViolationException(string message) : Exception(message);
