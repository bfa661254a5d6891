using System.Collections.Concurrent;
using Lifeline.Ipc.Death;
using Lifeline.Ipc.Diagnostics;
using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Endpoints;
using Lifeline.Ipc.Limits;
using Lifeline.Ipc.Tickets;
using Lifeline.Ipc.Transport;
using Lifeline.Linux;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc;

/// <summary>One participant: its sessions, the thread that receives for them, its workers and its obituary lane.</summary>
/// <remarks>Thread-safe. A process may have several. Everything that a peer can grow is bounded by <see cref="IpcEndpointOptions"/>.</remarks>
public sealed partial class IpcEndpoint : IAsyncDisposable
{
    private const int DepartedProcesses = 256;
    private static readonly TimeSpan s_closeLimit = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<long, IpcSession> _sessions = [];
    private readonly Lock _gate = new();
    private readonly List<Listener> _listeners = [];
    private readonly Dictionary<uint, int> _sessionsOfUid = [];
    private readonly Queue<PeerProcess> _departed = [];
    private string? _address;
    private long _lastSession;
    private int _sessionCount;
    private long _lateReplies;
    private bool _disposed;

    /// <summary>Makes an endpoint and starts its receive thread.</summary>
    /// <param name="options">Limits and hooks; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside of its range.</exception>
    public IpcEndpoint(IpcEndpointOptions? options = null)
    {
        Options = (options ?? new IpcEndpointOptions()).Validated();
        Pool = new WorkerPool(Options.Name, Options.Workers, Options.Logger);
        Work = new WorkerLane(Pool);
        Obituaries = new ObituaryLane(Options.Name, Options.Logger);
        Tickets = new TicketOffice(this);
        Statistics = new StatisticsBook(Options.MaxStatisticsRows);
        Watch = new RequestWatch(this);
        ReplyWatch = new ReplyWatch(this);
        Probe = RequestProbe.Of(Options);
        RefusalLog = new LogLimiter(Options.TimeProvider);
        TicketLog = new LogLimiter(Options.TimeProvider);
        Loop = new ReceiveLoop(Options.Name, Options.GatherTime, Options.Logger);
        Processes = new ProcessWatches(Loop);
        IpcMeter.Add(this);
    }

    /// <summary>A session has been established. Called on the obituary lane, before <see cref="SessionClosed"/> of the same session; requests of the peer may be handled before it.</summary>
    public event Action<IpcSession>? SessionOpened;

    /// <summary>A session that had been established has ended and its death recipients were called. Called on the obituary lane.</summary>
    public event Action<IpcSession>? SessionClosed;

    /// <summary>The sessions that are open now.</summary>
    public IReadOnlyList<IpcSession> Sessions => [.. _sessions.Values.Where(s => s.IsOpen)];

    internal IpcEndpointOptions Options { get; }

    /// <summary>A random number of this endpoint, told to every peer.</summary>
    internal Guid Identifier { get; } = Guid.NewGuid();

    internal ReceiveLoop Loop { get; }

    internal ProcessWatches Processes { get; }

    internal WorkerPool Pool { get; }

    /// <summary>Work that belongs to no session.</summary>
    internal WorkerLane Work { get; }

    internal ObituaryLane Obituaries { get; }

    internal ChainTable Chains { get; } = new();

    internal TicketOffice Tickets { get; }

    internal LimitCounts Limits { get; } = new();

    /// <summary>Replies that came after their callers had given up.</summary>
    internal long LateReplies => Interlocked.Read(ref _lateReplies);

    /// <summary>Connects two endpoints of this process without a socket; both see this process as the peer.</summary>
    /// <param name="client">Who connects.</param>
    /// <param name="server">Who is connected to; may be the same endpoint.</param>
    /// <param name="serverRoot">What the client gets as <see cref="IpcSession.Root"/>; null for nothing.</param>
    /// <returns>The two ends of the established session.</returns>
    /// <exception cref="IpcException">One of the endpoints has reached <see cref="IpcEndpointOptions.MaxSessions"/> or is closed.</exception>
    public static (IpcSession Client, IpcSession Server) ConnectInMemory(IpcEndpoint client, IpcEndpoint server, IpcStub? serverRoot)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(server);
        var bells = (Client: new SessionBell(), Server: new SessionBell());
        (MemoryTransport forClient, MemoryTransport forServer) = MemoryTransport.CreatePair(bells.Client, bells.Server);
        IpcSession clientSession = client.Create(forClient, isConnector: true, null);
        IpcSession serverSession;
        try
        {
            serverSession = server.Create(forServer, isConnector: false, serverRoot);
        }
        catch
        {
            clientSession.Close("the other endpoint refused");
            throw;
        }

        bells.Client.Attach(clientSession);
        bells.Server.Attach(serverSession);
        serverSession.Start();
        clientSession.Start();
        clientSession.Opened.GetAwaiter().GetResult();
        serverSession.Opened.GetAwaiter().GetResult();
        return (clientSession, serverSession);
    }

    /// <summary>Closes all sessions, delivers their obituaries and stops the threads. Must not be awaited inside a handler or recipient of this endpoint.</summary>
    /// <returns>A task that completes when all is done; obituaries whose recipients hang are not waited for longer than 10 s.</returns>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            foreach (Listener listener in _listeners)
                listener.Dispose();
            _listeners.Clear();
        }

        IpcSession[] sessions = [.. _sessions.Values];
        foreach (IpcSession session in sessions)
            session.Close("the endpoint was closed");
        await Task.WhenAll(sessions.Select(s => s.Closed)).ConfigureAwait(false);
        if (!Obituaries.IsCurrent)
        {
            Task finished = Task.WhenAll(sessions.Select(s => s.Finished));
            await Task.WhenAny(finished, Task.Delay(s_closeLimit, Options.TimeProvider)).ConfigureAwait(false);
        }

        IpcMeter.Remove(this);
        Watch.Dispose();
        ReplyWatch.Dispose();
        Loop.Dispose();
        Pool.Stop();
        Tickets.Dispose();
        Obituaries.Stop();
        GiveProcessesBack(0);
    }

    internal void CountLateReply() => Interlocked.Increment(ref _lateReplies);

    /// <summary>A session's handshake is done. Receive thread.</summary>
    internal void Opened(IpcSession session)
    {
        Counts.NoteOpened();
        if (SessionOpened is { } opened)
            Obituaries.Post(() => opened(session));
    }

    /// <summary>A session has ended and its recipients were called. Obituary lane.</summary>
    internal void Ended(IpcSession session, bool wasOpen)
    {
        if (wasOpen)
            Counts.NoteClosed();
        if (session.Peer.Process is { } process)
        {
            lock (_gate)
                _departed.Enqueue(process);
            GiveProcessesBack(DepartedProcesses);
        }

        try
        {
            if (wasOpen)
                SessionClosed?.Invoke(session);
        }
        catch (Exception e)
        {
            // The lane goes on with the next session's obituaries.
            Options.Logger.LogError(e, "A handler of {Event} failed", nameof(SessionClosed));
        }
    }

    /// <summary>An open session with exactly that endpoint and process.</summary>
    internal IpcSession? FindSession(Guid endpoint, int pid, uint uid) =>
        _sessions.Select(s => s.Value).FirstOrDefault(s => s.IsOpen && s.PeerEndpoint == endpoint && s.Peer.Pid == pid && s.Peer.Uid == uid);

    /// <summary>Descriptors of processes whose sessions have ended are kept for a while: their exit status comes late.</summary>
    private void GiveProcessesBack(int keep)
    {
        lock (_gate)
        {
            while (_departed.Count > keep)
                _departed.Dequeue().Dispose();
        }
    }

    /// <summary>The doorbell of a transport that is made before its session.</summary>
    private sealed class SessionBell : IDoorbell
    {
        private IDoorbell? _session;

        public void RingReadable() => Volatile.Read(ref _session)?.RingReadable();

        public void RingWritable() => Volatile.Read(ref _session)?.RingWritable();

        internal void Attach(IpcSession session) => Volatile.Write(ref _session, session);
    }
}
