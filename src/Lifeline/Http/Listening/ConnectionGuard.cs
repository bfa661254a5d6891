using System.Net.Sockets;
using Lifeline.Linux;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Lifeline.Http;

/// <summary>
/// Bounds the connections: one more than <see cref="HttpLimits.MaxConnections"/> ends the one that has been without a request longest, so
/// that a crowd of silent ones never keeps anybody out. Also notes who is at the other end. Safe for any thread.
/// </summary>
internal sealed class ConnectionGuard
{
    private readonly Lock _gate = new();
    private readonly LinkedList<GuardedConnection> _idle = new();
    private int _open;

    /// <summary>Connections at the moment.</summary>
    public int Open
    {
        get
        {
            lock (_gate)
                return _open;
        }
    }

    /// <summary>Connections that were ended to make room.</summary>
    public long Evicted { get; private set; }

    public ConnectionDelegate Guard(ConnectionDelegate next, bool isUnix) => async connection =>
    {
        var guarded = new GuardedConnection(connection) { IsUnix = isUnix, Peer = isUnix ? PeerOf(connection) : null };
        connection.Features.Set(guarded);
        Enter(guarded);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Leave(guarded);
        }
    };

    /// <summary>A request begins on a connection: it is not idle until the returned count of its requests is down again.</summary>
    public void Begin(GuardedConnection connection)
    {
        lock (_gate)
        {
            if (connection.Requests++ == 0 && connection.Node.List is not null)
                _idle.Remove(connection.Node);
        }
    }

    public void End(GuardedConnection connection)
    {
        lock (_gate)
        {
            if (--connection.Requests == 0 && !connection.Left)
                _idle.AddLast(connection.Node);
        }
    }

    private void Enter(GuardedConnection connection)
    {
        GuardedConnection? victim = null;
        lock (_gate)
        {
            if (_open >= HttpLimits.MaxConnections)
            {
                // All busy: the newcomer is the one that goes.
                victim = _idle.First?.Value ?? connection;
                if (victim.Node.List is not null)
                    _idle.Remove(victim.Node);
                Evicted++;
            }

            _open++;
            if (victim != connection)
                _idle.AddLast(connection.Node);
        }

        victim?.Connection.Abort(new ConnectionAbortedException($"there are {HttpLimits.MaxConnections} connections, the limit"));
    }

    private void Leave(GuardedConnection connection)
    {
        lock (_gate)
        {
            connection.Left = true;
            _open--;
            if (connection.Node.List is not null)
                _idle.Remove(connection.Node);
        }
    }

    private static PeerCredentials? PeerOf(ConnectionContext connection)
    {
        const int socketLevel = 1, peerCredentials = 17;
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
            return null;
        try
        {
            Span<byte> raw = stackalloc byte[12];
            return socket.GetRawSocketOption(socketLevel, peerCredentials, raw) == raw.Length
                ? new PeerCredentials(BitConverter.ToInt32(raw), BitConverter.ToUInt32(raw[4..]), BitConverter.ToUInt32(raw[8..]))
                : null;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Gone already: nobody is there to be trusted.
            return null;
        }
    }
}

/// <summary>What is known of one connection.</summary>
internal sealed class GuardedConnection
{
    public GuardedConnection(ConnectionContext connection)
    {
        Connection = connection;
        Node = new LinkedListNode<GuardedConnection>(this);
    }

    public ConnectionContext Connection { get; }

    /// <summary>It came over the Unix socket.</summary>
    public bool IsUnix { get; init; }

    /// <summary>Who is at the other end of a Unix socket, as the kernel says.</summary>
    public PeerCredentials? Peer { get; init; }

    // Of the guard, under its lock.
    public LinkedListNode<GuardedConnection> Node { get; }

    public int Requests { get; set; }

    public bool Left { get; set; }
}
