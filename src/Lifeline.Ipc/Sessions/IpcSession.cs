using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;
using Lifeline.Ipc.Sending;
using Lifeline.Ipc.Sessions;
using Lifeline.Ipc.Transport;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc;

/// <summary>A connection to one peer process, from its handshake to its end. It never comes back to life. Thread-safe.</summary>
/// <remarks>
/// It ends when the peer's process ends, when either side closes it, or when the peer breaks the protocol. What had arrived before is
/// delivered first, then pending calls fail with <see cref="IpcError.DeadObject"/>, then death recipients are called.
/// </remarks>
public sealed partial class IpcSession
{
    private const int Connecting = 0;
    private const int Open = 1;
    private const int Ended = 2;

    private readonly BiasedGate _gate = new();
    private readonly ITransport _transport;
    private readonly RingTransport? _rings;
    private readonly SendQueue _send;
    private readonly ExportTable _exports;
    private readonly WorkerLane _lane;
    private readonly TaskCompletionSource<IpcSession> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IpcStub? _root;
    private volatile CallerIdentity _peer;
    private RemoteTarget? _remoteRoot;
    private volatile string? _closeReason;
    private IpcError _closeError = IpcError.DeadObject;
    private volatile int _state = Connecting;

    internal IpcSession(IpcEndpoint endpoint, long id, ITransport transport, bool isConnector, IpcStub? root)
    {
        Endpoint = endpoint;
        Id = id;
        IsConnector = isConnector;
        _root = root;
        _transport = transport;
        _rings = transport as RingTransport;
        _peer = _transport.Identify();
        _lane = new WorkerLane(endpoint.Pool);
        _send = new SendQueue(_transport, endpoint.Options.OutboxBytes, this, _counters);
        _exports = new ExportTable(endpoint, _lane);
        _window = new InboxWindow(endpoint.Options.InboxMessages, endpoint.Options.InboxBytes);
        if (root is not null)
            _exports.AddRoot(root);
    }

    /// <summary>A number of this session, unique in its endpoint.</summary>
    public long Id { get; }

    /// <summary>The peer as the kernel knows it.</summary>
    public CallerIdentity Peer => _peer;

    /// <summary>The endpoint that this session belongs to.</summary>
    public IpcEndpoint Endpoint { get; }

    /// <summary>Whether the peer offers a root stub.</summary>
    public bool HasRoot => _remoteRoot is not null;

    /// <summary>The peer's root stub: a new proxy with each reading. It need not be disposed.</summary>
    /// <exception cref="IpcException"><see cref="IpcError.NotFound"/>: the peer offers none.</exception>
    public IpcProxy Root
    {
        get
        {
            RemoteTarget root = _remoteRoot ?? throw new IpcException(IpcError.NotFound, $"{Describe()} offers no root stub.");
            root.AddHandle();
            return new IpcProxy(root);
        }
    }

    /// <summary>Whether the session has ended or is being closed. Once true it stays so.</summary>
    public bool IsClosed => _closeReason is not null;

    /// <summary>Why it ended; null while it is open.</summary>
    public string? CloseReason => _closeReason;

    /// <summary>Completes when the session has ended and its pending calls have failed; obituaries follow.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Completes when the handshake is done; fails if it did not succeed.</summary>
    internal Task<IpcSession> Opened => _opened.Task;

    /// <summary>Completes when the obituaries have been delivered, too.</summary>
    internal Task Finished => _finished.Task;

    internal bool IsOpen => _state == Open && !IsClosed;

    internal bool IsConnector { get; }

    /// <summary>Whether it was made only to fetch stubs handed on by others: it is closed with the last of them.</summary>
    internal bool IsForTickets { get; init; }

    /// <summary>The random number of the peer's endpoint.</summary>
    internal Guid PeerEndpoint { get; private set; }

    private IpcEndpointOptions Options => Endpoint.Options;

    private ILogger Logger => Endpoint.Options.Logger;

    /// <summary>Ends the session: the peer is told the reason, pending calls fail with <see cref="IpcError.DeadObject"/>, obituaries are delivered. May be called at any time and again.</summary>
    /// <param name="reason">For the logs of both sides; up to 4096 bytes of UTF-8 reach the peer.</param>
    public void Close(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        CloseWith(IpcError.DeadObject, reason);
    }

    /// <inheritdoc/>
    public override string ToString() => $"session {Id} with {Describe()}";

    internal void CloseWith(IpcError error, string reason)
    {
        using (_gate.Enter())
        {
            if (_closeReason is not null)
                return;
            _closeError = error;
            _closeReason = reason;
        }

        _send.Close(error, reason);
        Endpoint.Loop.Schedule(this);
    }

    private string Describe() => $"process {Peer.Pid} (uid {Peer.Uid})";
}
