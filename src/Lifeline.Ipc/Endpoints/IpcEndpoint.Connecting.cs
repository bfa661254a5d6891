using System.Security.Cryptography;
using Lifeline.Ipc.Endpoints;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;
using Lifeline.Ipc.Sending;
using Lifeline.Ipc.Transport;
using Lifeline.Linux;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc;

// How sessions come to be: listening, accepting, connecting, and their limits.
public sealed partial class IpcEndpoint
{
    private const int ListenBacklog = 512;

    private const UnixFileMode AllMayConnect =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Accepts connections. If a stub is handed on to a third process, a listener of its own is made for it.</summary>
    /// <param name="listener">A listening SOCK_SEQPACKET socket; the endpoint owns it from now on.</param>
    /// <param name="root">What those who connect get as <see cref="IpcSession.Root"/>; null for nothing.</param>
    /// <exception cref="ObjectDisposedException">The endpoint is closed.</exception>
    public void Listen(UnixSocket listener, IpcStub? root) => AddListener(listener, root, null);

    /// <summary>Accepts connections, also those of third processes to which stubs are handed on.</summary>
    /// <param name="listener">A listening SOCK_SEQPACKET socket; the endpoint owns it from now on.</param>
    /// <param name="root">What those who connect get as <see cref="IpcSession.Root"/>; null for nothing.</param>
    /// <param name="address">The path at which others reach the listener.</param>
    /// <exception cref="ObjectDisposedException">The endpoint is closed.</exception>
    public void Listen(UnixSocket listener, IpcStub? root, string address)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        AddListener(listener, root, address);
    }

    /// <summary>Makes a socket at a path that everyone may connect to, and accepts connections on it. Callers are told apart by <see cref="CallContext.Caller"/> and <see cref="IpcEndpointOptions.Accept"/>.</summary>
    /// <param name="path">The path; its last part at most 107 bytes. <c>@name</c> is in the abstract namespace.</param>
    /// <param name="root">What those who connect get as <see cref="IpcSession.Root"/>; null for nothing.</param>
    /// <exception cref="LinuxException">The path cannot be bound: somebody listens there, or the folder is not writable.</exception>
    public void Listen(string path, IpcStub? root) => Listen(path, root, AllMayConnect);

    /// <summary>Makes a socket at a path and accepts connections on it.</summary>
    /// <param name="path">The path; its last part at most 107 bytes. <c>@name</c> is in the abstract namespace, where everyone may connect.</param>
    /// <param name="root">What those who connect get as <see cref="IpcSession.Root"/>; null for nothing.</param>
    /// <param name="mode">Who may connect, as permissions of the socket file.</param>
    /// <exception cref="LinuxException">The path cannot be bound: somebody listens there, or the folder is not writable.</exception>
    public void Listen(string path, IpcStub? root, UnixFileMode mode)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string address = path.StartsWith('@') ? path : Path.GetFullPath(path);
        AddListener(UnixSocket.Listen(path, UnixSocketType.SeqPacket, ListenBacklog, mode), root, address);
    }

    /// <summary>Connects to a listening endpoint.</summary>
    /// <param name="path">The path of its socket.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The established session.</returns>
    /// <exception cref="IpcException"><see cref="IpcError.NotFound"/>: nobody listens there; <see cref="IpcError.PermissionDenied"/>: the file or the listener refuses; <see cref="IpcError.ProtocolMismatch"/>; <see cref="IpcError.Timeout"/> after <see cref="IpcEndpointOptions.HandshakeTimeout"/>; <see cref="IpcError.LimitReached"/>.</exception>
    public Task<IpcSession> ConnectAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ConnectAsync(path, null, isForTickets: false, cancellationToken);
    }

    /// <summary>Connects to a listening endpoint and offers it a root stub, too.</summary>
    /// <param name="path">The path of its socket.</param>
    /// <param name="root">What the listener gets as <see cref="IpcSession.Root"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The established session.</returns>
    /// <exception cref="IpcException">As for <see cref="ConnectAsync(string, CancellationToken)"/>.</exception>
    public Task<IpcSession> ConnectWithRootAsync(string path, IpcStub root, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(root);
        return ConnectAsync(path, root, isForTickets: false, cancellationToken);
    }

    /// <summary>Connects to a listening endpoint and blocks until the session is established.</summary>
    /// <param name="path">The path of its socket.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The established session.</returns>
    /// <exception cref="IpcException">As for <see cref="ConnectAsync(string, CancellationToken)"/>.</exception>
    public IpcSession Connect(string path, CancellationToken cancellationToken = default) =>
        ConnectAsync(path, cancellationToken).GetAwaiter().GetResult();

    internal Task<IpcSession> ConnectForTicketAsync(string address) => ConnectAsync(address, null, isForTickets: true, CancellationToken.None);

    /// <summary>Where third processes reach this endpoint.</summary>
    internal string GetAddress()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_address is null)
            {
                // Abstract: it vanishes with the process. The name is no secret; who may have what is decided by tickets.
                string name = $"@lifeline-{CurrentProcess.Id}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
                UnixSocket socket = UnixSocket.Listen(name, UnixSocketType.SeqPacket, ListenBacklog);
                _listeners.Add(new Listener(this, socket, null));
                _address = name;
            }

            return _address;
        }
    }

    /// <summary>A process has connected. Receive thread.</summary>
    internal void Accepted(UnixSocket connection, IpcStub? root)
    {
        ITransport transport = TransportOf(connection);
        IpcSession session;
        try
        {
            session = Create(transport, isConnector: false, root);
        }
        catch (Exception e) when (e is IpcException or LinuxException)
        {
            Options.Logger.LogWarning("A connection was refused: {Why}", e.Message);
            Refuse(transport, e);
            return;
        }

        if (Options.Accept is { } accept)
            Work.Enqueue(() => Decide(accept, session));
        else
            session.Start();
    }

    private void AddListener(UnixSocket listener, IpcStub? root, string? address)
    {
        ArgumentNullException.ThrowIfNull(listener);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _listeners.Add(new Listener(this, listener, root));
            _address ??= address;
        }
    }

    private static void Refuse(ITransport transport, Exception why)
    {
        OutRecord goodbye = Goodbye.Encode(why is IpcException refused ? refused.Error : IpcError.Inner, why.Message);
        if (transport.TryReserve(goodbye.Length, 0, out Span<byte> place) == SendStatus.Done)
        {
            goodbye.Bytes.CopyTo(place);
            transport.Commit([]);
        }

        goodbye.Drop();
        transport.Dispose();
    }

    private void Decide(Func<CallerIdentity, string?> accept, IpcSession session)
    {
        string? refusal;
        try
        {
            refusal = accept(session.Peer);
        }
        catch (Exception e)
        {
            // Without a decision nobody is let in.
            Options.Logger.LogError(e, "{Hook} failed for {Peer}", nameof(IpcEndpointOptions.Accept), session.Peer);
            refusal = "the decision about this process failed";
        }

        if (refusal is null)
        {
            session.Start();
            return;
        }

        Options.Logger.LogWarning("{Peer} was refused: {Why}", session.Peer, refusal);
        session.CloseWith(IpcError.PermissionDenied, refusal);
    }

    private async Task<IpcSession> ConnectAsync(string path, IpcStub? root, bool isForTickets, CancellationToken cancellationToken)
    {
        UnixSocket socket = await DialAsync(path, cancellationToken).ConfigureAwait(false);
        IpcSession session;
        try
        {
            socket.SetPassCredentials();
            session = Create(TransportOf(socket), isConnector: true, root, isForTickets);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        session.Start();
        await using (cancellationToken.UnsafeRegister(_ => session.Close("connecting was given up"), null).ConfigureAwait(false))
        {
            try
            {
                return await session.Opened.ConfigureAwait(false);
            }
            catch (IpcException) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellationToken);
            }
        }
    }

    /// <summary>Connecting blocks while the listener's backlog is full: it gets a thread of its own and no more time than the handshake.</summary>
    private async Task<UnixSocket> DialAsync(string path, CancellationToken cancellationToken)
    {
        Task<UnixSocket> dialing = Task.Run(() => Dial(path), cancellationToken);
        try
        {
            return await dialing.WaitAsync(Options.HandshakeTimeout, Options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            _ = dialing.ContinueWith(t => t.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            if (e is OperationCanceledException)
                throw;
            throw new IpcException(IpcError.Timeout, $"{path} took no connection within {Options.HandshakeTimeout.TotalMilliseconds:0} ms ({nameof(IpcEndpointOptions.HandshakeTimeout)})", e);
        }
    }

    private static UnixSocket Dial(string path)
    {
        try
        {
            return UnixSocket.Connect(path, UnixSocketType.SeqPacket);
        }
        catch (LinuxException e)
        {
            IpcError error = e.Errno switch
            {
                Errno.ENOENT or Errno.ECONNREFUSED or Errno.ENOTDIR => IpcError.NotFound,
                Errno.EACCES or Errno.EPERM => IpcError.PermissionDenied,
                Errno.EPROTOTYPE => IpcError.ProtocolMismatch,
                _ => IpcError.Inner,
            };
            throw new IpcException(error, $"No endpoint could be reached at {path}: {e.Message}", e);
        }
    }

    private ITransport TransportOf(UnixSocket socket)
    {
        var transport = new SocketTransport(socket);
        return Options.RingBytes == 0 ? transport : new RingTransport(transport);
    }

    internal IpcSession Create(ITransport transport, bool isConnector, IpcStub? root, bool isForTickets = false)
    {
        lock (_gate)
        {
            if (_disposed)
                throw new IpcException(IpcError.DeadObject, "The endpoint is closed.");
            if (_sessionCount >= Options.MaxSessions)
                throw Limits.Reached(nameof(IpcEndpointOptions.MaxSessions), Options.MaxSessions, _sessionCount + 1, $"{_sessionCount} sessions are open");
            _sessionCount++;
        }

        IpcSession session;
        bool counted = false;
        try
        {
            session = new IpcSession(this, Interlocked.Increment(ref _lastSession), transport, isConnector, root) { IsForTickets = isForTickets };
            counted = !isConnector && CountUid(session.Peer.Uid);
        }
        catch
        {
            lock (_gate)
                _sessionCount--;
            throw;
        }

        uint uid = session.Peer.Uid;
        _sessions[session.Id] = session;
        _ = session.Closed.ContinueWith(_ => Remove(session, counted ? uid : null), TaskContinuationOptions.ExecuteSynchronously);
        return session;
    }

    private bool CountUid(uint uid)
    {
        if (uid == 0 || uid == CallerIdentity.Self.Uid)
            return false;
        lock (_gate)
        {
            int count = _sessionsOfUid.GetValueOrDefault(uid);
            if (count >= Options.MaxSessionsPerUid)
                throw Limits.Reached(nameof(IpcEndpointOptions.MaxSessionsPerUid), Options.MaxSessionsPerUid, count + 1, $"{count} sessions of user {uid} are open");
            _sessionsOfUid[uid] = count + 1;
            return true;
        }
    }

    private void Remove(IpcSession session, uint? countedUid)
    {
        lock (_gate)
        {
            _sessions.TryRemove(session.Id, out _);
            session.AddTo(Counts.Ended);
            _sessionCount--;
            if (countedUid is { } uid && --_sessionsOfUid[uid] == 0)
                _sessionsOfUid.Remove(uid);
        }
    }
}
