using System.Runtime.CompilerServices;
using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>
/// A Unix socket. Sending and receiving are thread-safe as the kernel's calls are: messages are never mixed.
/// </summary>
public sealed unsafe class UnixSocket : Descriptor
{
    /// <summary>Most descriptors in one message (SCM_MAX_FD).</summary>
    public const int MaxDescriptors = 253;

    private volatile bool _acceptsWithoutWaiting;

    private UnixSocket(int number)
        : base(number)
    {
    }

    /// <summary>Who is at the other end.</summary>
    /// <exception cref="LinuxException">The socket is not connected.</exception>
    public PeerCredentials Peer
    {
        get
        {
            var raw = stackalloc int[3];
            uint length = 12;
            using var use = new Use(this);
            if (Libc.getsockopt(use.Number, Libc.SocketLevel, Libc.OptionPeerCredentials, raw, &length) < 0)
                throw LinuxException.Last($"getsockopt({use.Number}, SO_PEERCRED)");
            return new PeerCredentials(raw[0], (uint)raw[1], (uint)raw[2]);
        }
    }

    /// <summary>Binds a path and listens. A socket file that is there already is replaced only if nobody listens on it.</summary>
    /// <param name="path">The path; may be longer than 107 bytes if its last part is not. '@name' is abstract.</param>
    /// <param name="type">The type.</param>
    /// <param name="backlog">Connections that may wait.</param>
    /// <param name="mode">Permissions of the file.</param>
    /// <exception cref="LinuxException">EADDRINUSE: somebody listens there. Others as bind(2) says.</exception>
    public static UnixSocket Listen(string path, UnixSocketType type, int backlog = 128, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        ArgumentNullException.ThrowIfNull(path);
        var socket = Create(type);
        try
        {
            if (!path.StartsWith('@'))
                RemoveAbandoned(path, type);
            socket.Bind(path, mode);
            if (type != UnixSocketType.Datagram && Libc.listen(socket.Number, backlog) < 0)
                throw LinuxException.Last($"listen(\"{path}\")");
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects to a path.</summary>
    /// <param name="path">The path; '@name' is abstract.</param>
    /// <param name="type">The type.</param>
    /// <param name="wait">Whether to wait while the listener's queue of connections is full, which may be for ever.</param>
    /// <exception cref="LinuxException">ENOENT or ECONNREFUSED: nobody listens. EAGAIN: the queue is full and waiting was not wanted.</exception>
    public static UnixSocket Connect(string path, UnixSocketType type, bool wait = true)
    {
        ArgumentNullException.ThrowIfNull(path);
        var socket = Create(type);
        try
        {
            if (!wait)
                socket.SetNonBlocking(true);
            using var address = new UnixAddress(path);
            var raw = stackalloc byte[112];
            var length = address.CopyTo(raw);
            int result;
            do
                result = Libc.connect(socket.Number, raw, (uint)length);
            while (result < 0 && Libc.LastError == Errno.EINTR);
            if (result < 0)
                throw LinuxException.Last($"connect(\"{path}\")");
            if (!wait)
                socket.SetNonBlocking(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Two sockets that are connected with each other.</summary>
    /// <param name="type">The type.</param>
    /// <exception cref="LinuxException">The process has no room for two more descriptors.</exception>
    public static (UnixSocket First, UnixSocket Second) Pair(UnixSocketType type)
    {
        var fds = stackalloc int[2];
        if (Libc.socketpair(Libc.FamilyUnix, (int)type | Libc.CloseOnExec, 0, fds) < 0)
            throw LinuxException.Last("socketpair()");
        return (new UnixSocket(fds[0]), new UnixSocket(fds[1]));
    }

    /// <summary>Sees an inherited or received descriptor as a socket; a duplicate, the argument is left alone.</summary>
    /// <param name="descriptor">A socket.</param>
    /// <exception cref="LinuxException">It is no socket.</exception>
    public static UnixSocket FromDescriptor(Descriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        var kind = descriptor.Stat().Kind;
        return kind == FileKind.Socket
            ? new UnixSocket(descriptor.DuplicateNumber())
            : throw new LinuxException($"descriptor {descriptor.Number} is a {kind}", Errno.ENOTSOCK);
    }

    /// <summary>Takes a waiting connection, or null if none waits. The first call makes the listener non-blocking, for all who share it.</summary>
    /// <exception cref="LinuxException">Accepting failed (EMFILE among others).</exception>
    public UnixSocket? TryAccept()
    {
        using var use = new Use(this);
        // accept(2) has no flag for not waiting, and a poll before it does not help: another thread may take the one that was seen.
        if (!_acceptsWithoutWaiting)
        {
            SetNonBlocking(true);
            _acceptsWithoutWaiting = true;
        }

        var fd = Libc.accept4(use.Number, null, null, Libc.CloseOnExec);
        if (fd >= 0)
            return new UnixSocket(fd);
        return Libc.LastError is Errno.EAGAIN or Errno.EINTR or Errno.ECONNABORTED ? null : throw LinuxException.Last($"accept({use.Number})");
    }

    /// <summary>Waits for a connection and takes it.</summary>
    /// <exception cref="LinuxException">Accepting failed. EINVAL: the listener was shut down.</exception>
    public UnixSocket Accept()
    {
        Span<PollItem> items = [new PollItem(this, PollEvents.In)];
        while (true)
        {
            if (TryAccept() is { } connection)
                return connection;
            // A listener that was shut down is ready for ever and never has a connection.
            if (items[0].Returned.HasFlag(PollEvents.HangUp))
                throw new LinuxException($"accept({Number})", Errno.EINVAL);
            Poller.Poll(items, -1);
        }
    }

    /// <summary>The process at the other end, which stays the same one when its number is used again; null if it cannot be named.</summary>
    /// <exception cref="LinuxException">The process has no room for another descriptor.</exception>
    public PidFd? OpenPeer()
    {
        int fd;
        uint length = 4;
        using (var use = new Use(this))
        {
            if (Libc.getsockopt(use.Number, Libc.SocketLevel, Libc.OptionPeerPidFd, &fd, &length) == 0)
                return new PidFd(fd);
            var error = Libc.LastError;
            if (error is Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM)
                throw new LinuxException($"getsockopt({use.Number}, SO_PEERPIDFD)", error);
            // Any other refusal says that the peer is gone: its number may be a stranger's by now.
            if (error != Errno.ENOPROTOOPT)
                return null;
        }

        // Kernels before 6.5: the number may have been used again in between, which the caller can see by its start time.
        var pid = Peer.Pid;
        return pid > 0 ? PidFd.TryOpen(pid) : null;
    }

    /// <summary>Asks the kernel to say with each message who sent it.</summary>
    /// <exception cref="LinuxException">It cannot be set.</exception>
    public void SetPassCredentials() => SetOption(Libc.OptionPassCredentials, 1, "SO_PASSCRED");

    /// <summary>Sets the sizes of the buffers, beyond the system's limit where this process may.</summary>
    /// <param name="send">Bytes.</param>
    /// <param name="receive">Bytes.</param>
    public void SetBufferSizes(int send, int receive)
    {
        if (!TrySetOption(Libc.OptionSendBufferForce, send))
            SetOption(Libc.OptionSendBuffer, send, "SO_SNDBUF");
        if (!TrySetOption(Libc.OptionReceiveBufferForce, receive))
            SetOption(Libc.OptionReceiveBuffer, receive, "SO_RCVBUF");
    }

    /// <summary>Ends both directions: whoever waits on either side sees the end.</summary>
    public void Shutdown()
    {
        using var use = new Use(this);
        _ = Libc.shutdown(use.Number, 2);
    }

    /// <summary>Sends one message (or some bytes of a stream), with descriptors.</summary>
    /// <param name="data">What. A message that carries descriptors needs at least one byte.</param>
    /// <param name="descriptors">At most <see cref="MaxDescriptors"/>; they stay the caller's.</param>
    /// <param name="wait">Whether to wait for room.</param>
    /// <returns>Bytes sent; -1 if there was no room and waiting was not wanted.</returns>
    /// <exception cref="LinuxException">EPIPE or ECONNRESET: the other side is gone. EMSGSIZE: the message is too large.</exception>
    public int Send(ReadOnlySpan<byte> data, ReadOnlySpan<Descriptor> descriptors = default, bool wait = true)
    {
        var error = SendCore(data, descriptors, wait, out var sent);
        return error switch
        {
            Errno.None => sent,
            Errno.EAGAIN => -1,
            _ => throw new LinuxException($"sendmsg({Number}, {data.Length} bytes, {descriptors.Length} descriptors)", error),
        };
    }

    /// <summary>As <see cref="Send"/>, with the failure as the answer.</summary>
    /// <param name="data">What.</param>
    /// <param name="descriptors">Descriptors.</param>
    /// <param name="wait">Whether to wait for room.</param>
    /// <param name="sent">Bytes sent.</param>
    /// <returns><see cref="Errno.None"/>, EAGAIN, or what failed.</returns>
    public Errno TrySend(ReadOnlySpan<byte> data, ReadOnlySpan<Descriptor> descriptors, bool wait, out int sent) =>
        SendCore(data, descriptors, wait, out sent);

    /// <summary>Receives one message (or some bytes of a stream). Allocates only when descriptors come along.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="wait">Whether to wait for one.</param>
    /// <exception cref="LinuxException">Receiving failed; a reset connection counts as its end.</exception>
    [SkipLocalsInit]
    public ReceivedMessage Receive(Span<byte> buffer, bool wait = true)
    {
        var control = stackalloc byte[ControlData.Capacity];
        fixed (byte* start = buffer)
        {
            var vector = new IoVector { Base = start, Length = (nuint)buffer.Length };
            var header = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlData.Capacity };
            using var use = new Use(this);
            nint length;
            do
            {
                header.ControlLength = ControlData.Capacity;
                length = Libc.recvmsg(use.Number, &header, Libc.MessageCloseOnExec | (wait ? 0 : Libc.MessageDoNotWait));
            }
            // ECONNRESET is said once, before what is still queued: what was sent before the end comes first, then the end.
            while (length < 0 && Libc.LastError is Errno.EINTR or Errno.ECONNRESET);
            if (length < 0)
                return Libc.LastError == Errno.EAGAIN ? new ReceivedMessage { WouldBlock = true } : throw LinuxException.Last($"recvmsg({use.Number})");
            var truncated = (header.Flags & (Libc.MessageTruncated | Libc.MessageControlTruncated)) != 0;
            var (descriptors, sender) = ControlData.Read(control, (int)header.ControlLength);
            return new ReceivedMessage
            {
                Length = (int)length,
                // A message without a byte cannot be told from the end; nobody of ours sends one.
                EndOfStream = length == 0 && descriptors.Length == 0 && buffer.Length > 0,
                Truncated = truncated,
                Descriptors = truncated ? Closed(descriptors) : descriptors,
                Sender = sender,
            };
        }
    }

    private static Descriptor[] Closed(Descriptor[] descriptors)
    {
        foreach (var descriptor in descriptors)
            descriptor.Dispose();
        return [];
    }

    private static UnixSocket Create(UnixSocketType type)
    {
        var fd = Libc.socket(Libc.FamilyUnix, (int)type | Libc.CloseOnExec, 0);
        return fd >= 0 ? new UnixSocket(fd) : throw LinuxException.Last("socket(AF_UNIX)");
    }

    private static void RemoveAbandoned(string path, UnixSocketType type)
    {
        if (FileStatus.TryOf(path, followLinks: false) is not { Kind: FileKind.Socket })
            return;
        try
        {
            // A hung listener with a full queue must not hang us as well.
            Connect(path, type, wait: false).Dispose();
        }
        catch (LinuxException e) when (e.Errno == Errno.ECONNREFUSED)
        {
            _ = Libc.unlinkat(Libc.AtCurrentFolder, path, 0);
        }
        catch (LinuxException)
        {
            // Somebody listens, or it is of another type: bind says so.
        }
    }

    private void Bind(string path, UnixFileMode mode)
    {
        using var address = new UnixAddress(path);
        var raw = stackalloc byte[112];
        var length = address.CopyTo(raw);
        // The file is made with the socket's own mode (less the umask): nobody gets in between bind and chmod.
        if (Libc.fchmod(Number, (uint)mode) < 0)
            throw LinuxException.Last($"fchmod({Number})");
        if (Libc.bind(Number, raw, (uint)length) < 0)
            throw LinuxException.Last($"bind(\"{path}\")");
        if (!path.StartsWith('@') && Libc.chmod(path, (uint)mode) < 0)
            throw LinuxException.Last($"chmod(\"{path}\")");
    }

    [SkipLocalsInit]
    private Errno SendCore(ReadOnlySpan<byte> data, ReadOnlySpan<Descriptor> descriptors, bool wait, out int sent)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MaxDescriptors);
        if (data.IsEmpty && !descriptors.IsEmpty)
            throw new ArgumentException("Descriptors need at least one byte to come along with: the kernel loses them otherwise.", nameof(data));
        Span<bool> held = stackalloc bool[descriptors.Length];
        held.Clear();
        var control = stackalloc byte[ControlData.Capacity];
        try
        {
            fixed (byte* start = data)
            {
                var vector = new IoVector { Base = start, Length = (nuint)data.Length };
                var header = new MessageHeader { Vectors = &vector, VectorCount = 1 };
                if (descriptors.Length > 0)
                {
                    header.Control = control;
                    header.ControlLength = (nuint)ControlData.WriteRights(control, descriptors, held);
                }

                using var use = new Use(this);
                nint count;
                do
                    count = Libc.sendmsg(use.Number, &header, Libc.MessageNoSignal | (wait ? 0 : Libc.MessageDoNotWait));
                while (count < 0 && Libc.LastError == Errno.EINTR);
                sent = (int)Math.Max(count, 0);
                return count >= 0 ? Errno.None : Libc.LastError;
            }
        }
        finally
        {
            for (var i = 0; i < held.Length; i++)
                if (held[i])
                    descriptors[i].DangerousRelease();
        }
    }

    private void SetOption(int option, int value, string name)
    {
        if (!TrySetOption(option, value))
            throw LinuxException.Last($"setsockopt({Number}, {name}, {value})");
    }

    private bool TrySetOption(int option, int value)
    {
        using var use = new Use(this);
        return Libc.setsockopt(use.Number, Libc.SocketLevel, option, &value, 4) == 0;
    }
}
