using Lifeline.Ipc.Death;
using Lifeline.Ipc.Protocol;
using Lifeline.Linux;

namespace Lifeline.Ipc.Transport;

/// <summary>A connected SOCK_SEQPACKET socket: one record is one message.</summary>
internal sealed class SocketTransport : ITransport
{
    /// <summary>What is asked of the kernel for each direction, in bytes; it may give less. Its default holds one of the largest records.</summary>
    internal const int BufferBytes = 512 << 10;

    private const int EndsToBelieve = 3;

    [ThreadStatic]
    private static byte[]? t_reserved;

    private readonly UnixSocket _socket;
    private PeerCredentials? _sender;
    private int _reservedLength;

    /// <summary>Takes a connected socket over.</summary>
    internal SocketTransport(UnixSocket socket)
    {
        _socket = socket;
        socket.SetNonBlocking(true);
        try
        {
            socket.SetBufferSizes(BufferBytes, BufferBytes);
        }
        catch (LinuxException)
        {
            // The default is enough for the largest record; more only means fewer waits.
        }
    }

    /// <inheritdoc/>
    public Descriptor? Pollable => _socket;

    /// <inheritdoc/>
    public bool NeedsTurns => false;

    /// <inheritdoc/>
    public bool IsRoomPolled => true;

    /// <inheritdoc/>
    public SendStatus TryReserve(int length, int descriptors, out Span<byte> record)
    {
        if (t_reserved is null || t_reserved.Length < length)
            t_reserved = new byte[Math.Max(length, 4096)];
        _reservedLength = length;
        record = t_reserved.AsSpan(0, length);
        return SendStatus.Done;
    }

    /// <inheritdoc/>
    public SendStatus Commit(ReadOnlySpan<Descriptor> descriptors)
    {
        try
        {
            return _socket.Send(t_reserved.AsSpan(0, _reservedLength), descriptors, wait: false) < 0 ? SendStatus.Full : SendStatus.Done;
        }
        catch (LinuxException e) when (e.Errno is Errno.EPIPE or Errno.ECONNRESET or Errno.ENOTCONN)
        {
            return SendStatus.Closed;
        }
        catch (LinuxException e)
        {
            throw new IpcException(IpcError.LimitReached, $"A record of {_reservedLength} bytes with {descriptors.Length} descriptors was refused by the kernel: {e.Message}", e);
        }
        catch (ObjectDisposedException)
        {
            return SendStatus.Closed;
        }
    }

    /// <inheritdoc/>
    public ReceiveStatus TryReceive(Span<byte> buffer, out int length, out Descriptor[] descriptors)
    {
        ReceivedMessage message = Receive(buffer);
        length = message.Length;
        descriptors = message.Descriptors;
        if (message.WouldBlock)
            return ReceiveStatus.Empty;
        if (message.Truncated)
        {
            foreach (Descriptor descriptor in descriptors)
                descriptor.Dispose();
            throw new ProtocolViolationException($"a record that is larger than {RecordHeader.MaxRecordSize} bytes, or whose descriptors could not be received (is the limit on open files reached?)");
        }

        return message.EndOfStream ? ReceiveStatus.Ended : ReceiveStatus.Record;
    }

    /// <inheritdoc/>
    public void NotePollable()
    {
    }

    /// <summary>Sends a message that may be lost if there is no room for it, or nobody to read it.</summary>
    internal void TrySendBell(ReadOnlySpan<byte> bell)
    {
        try
        {
            _socket.TrySend(bell, [], wait: false, out _);
        }
        catch (ObjectDisposedException)
        {
            // Closed here in the meantime: nobody is to be woken.
        }
    }

    /// <inheritdoc/>
    public void Shutdown()
    {
        try
        {
            _socket.Shutdown();
        }
        catch (ObjectDisposedException)
        {
            // Already closed here.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>
    /// A process that connected is known by the connection. One that was connected to is known by its first record:
    /// the socket may have been made by another, which would be named by SO_PEERCRED.
    /// </summary>
    public CallerIdentity Identify()
    {
        PeerCredentials connection = _socket.Peer;
        PeerCredentials peer = _sender ?? connection;
        PidFd? process = peer.Pid == connection.Pid ? _socket.OpenPeer() : PidFd.TryOpen(peer.Pid);
        return new CallerIdentity(peer.Pid, peer.Uid, peer.Gid, process is null ? null : new PeerProcess(SharedProcess.Hold(peer.Pid, process)));
    }

    private ReceivedMessage Receive(Span<byte> buffer)
    {
        ReceivedMessage message = default;
        // A reset is told once, like an end, and hides what had arrived before it: asking again gets that.
        for (int ends = 0; ends < EndsToBelieve; ends++)
        {
            message = _socket.Receive(buffer, wait: false);
            if (!message.EndOfStream)
                break;
        }

        _sender ??= message.Sender;
        return message;
    }
}
