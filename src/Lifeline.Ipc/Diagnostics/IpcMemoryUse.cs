namespace Lifeline.Ipc;

/// <summary>What one peer makes this process hold: <see cref="IpcSession.GetMemoryUse"/>.</summary>
public sealed record IpcMemoryUse
{
    /// <summary>Requests of the peer that wait or run here.</summary>
    public required int QueuedRequests { get; init; }

    /// <summary>Their bytes; at most <see cref="IpcEndpointOptions.InboxBytes"/>.</summary>
    public required long QueuedInBytes { get; init; }

    /// <summary>Bytes of records that wait here for the peer to take them.</summary>
    public required long QueuedOutBytes { get; init; }

    /// <summary>Bytes of the two rings in shared memory; 0 for a session over the socket alone.</summary>
    public required long RingBytes { get; init; }

    /// <summary>Bytes of shared blocks, raw blocks and streams that the peer sent and this process still holds; at most <see cref="IpcEndpointOptions.MaxBlockBytes"/>.</summary>
    public required long BlockBytes { get; init; }

    /// <summary>Calls of this process that wait for the peer's reply.</summary>
    public required int PendingCalls { get; init; }

    /// <summary>Stubs of the peer that this process holds.</summary>
    public required int HeldStubs { get; init; }

    /// <summary>Stubs of this process that the peer holds, the root included.</summary>
    public required int GivenStubs { get; init; }
}
