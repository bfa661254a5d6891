namespace Lifeline.Ipc;

/// <summary>A connection to one peer process, from its handshake to its end. It never comes back to life. Thread-safe.</summary>
public sealed class IpcSession
{
    /// <summary>A number of this session, unique in its endpoint.</summary>
    public long Id { get; }

    /// <summary>The peer as the kernel knows it.</summary>
    public CallerIdentity Peer => throw new NotSupportedException();

    /// <summary>The endpoint that this session belongs to.</summary>
    public IpcEndpoint Endpoint => throw new NotSupportedException();

    /// <summary>The peer's root stub. Belongs to the session: disposing it does nothing to the session or to others who use it.</summary>
    /// <exception cref="IpcException"><see cref="IpcError.NotFound"/>: the peer offers none.</exception>
    public IpcProxy Root => throw new NotSupportedException();

    /// <summary>Whether the peer offers a root stub.</summary>
    public bool HasRoot => throw new NotSupportedException();

    /// <summary>Whether the session has ended.</summary>
    public bool IsClosed => throw new NotSupportedException();

    /// <summary>Why it ended; null while it is open.</summary>
    public string? CloseReason => throw new NotSupportedException();

    /// <summary>Completes when the session has ended and its pending calls have failed; obituaries follow.</summary>
    public Task Closed => throw new NotSupportedException();

    /// <summary>Ends the session: the peer is told <paramref name="reason"/>, pending calls fail with <see cref="IpcError.DeadObject"/>, obituaries are delivered.</summary>
    /// <param name="reason">For the logs of both sides.</param>
    public void Close(string reason) => throw new NotSupportedException();
}
