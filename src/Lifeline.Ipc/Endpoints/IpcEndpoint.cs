using Lifeline.Linux;

namespace Lifeline.Ipc;

/// <summary>One participant: its sessions, the thread that receives for them, its workers and its obituary lane. A process may have several.</summary>
public sealed class IpcEndpoint : IAsyncDisposable
{
    /// <summary>Makes an endpoint.</summary>
    /// <param name="options">Limits and hooks; null for the defaults.</param>
    public IpcEndpoint(IpcEndpointOptions? options = null) => throw new NotSupportedException();

    /// <summary>A session has been established. Called on the obituary lane, in order with <see cref="SessionClosed"/>.</summary>
    public event Action<IpcSession>? SessionOpened;

    /// <summary>A session has ended and its death recipients were called. Called on the obituary lane.</summary>
    public event Action<IpcSession>? SessionClosed;

    /// <summary>The sessions that are open.</summary>
    public IReadOnlyList<IpcSession> Sessions => throw new NotSupportedException();

    /// <summary>Accepts connections.</summary>
    /// <param name="listener">A listening SOCK_SEQPACKET socket; the endpoint owns it from now on.</param>
    /// <param name="root">What those who connect get as <see cref="IpcSession.Root"/>; null for nothing.</param>
    public void Listen(UnixSocket listener, IpcStub? root) => throw new NotSupportedException();

    /// <summary>Connects to a listening endpoint.</summary>
    /// <param name="path">The path of its socket.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The established session.</returns>
    public Task<IpcSession> ConnectAsync(string path, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Connects to a listening endpoint and blocks until the session is established.</summary>
    /// <param name="path">The path of its socket.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The established session.</returns>
    public IpcSession Connect(string path, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Connects two endpoints of this process without a socket.</summary>
    /// <param name="client">Who connects.</param>
    /// <param name="server">Who is connected to.</param>
    /// <param name="serverRoot">What the client gets as root; null for nothing.</param>
    /// <returns>The two ends of the session.</returns>
    public static (IpcSession Client, IpcSession Server) ConnectInMemory(IpcEndpoint client, IpcEndpoint server, IpcStub? serverRoot) => throw new NotSupportedException();

    /// <summary>Ends all sessions, delivers their obituaries and stops the threads.</summary>
    /// <returns>A task that completes when all is done.</returns>
    public ValueTask DisposeAsync() { SessionOpened?.Invoke(null!); SessionClosed?.Invoke(null!); throw new NotSupportedException(); }
}
