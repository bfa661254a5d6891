using System.Buffers.Binary;
using System.Net;
using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>Sockets of TCP and UDP that are made here and used elsewhere.</summary>
public static unsafe class InternetSocket
{
    /// <summary>Connections that may wait; the kernel's own limit (net.core.somaxconn) counts if it is lower.</summary>
    public const int Backlog = 4096;

    private const int AddressSize4 = 16;
    private const int AddressSize6 = 28;

    /// <summary>Binds an address and listens for TCP connections. An address whose former connections are still being closed is no obstacle.</summary>
    /// <param name="address">The address.</param>
    /// <param name="port">The port; 0 takes a free one.</param>
    /// <exception cref="LinuxException">EADDRINUSE: somebody has it. EADDRNOTAVAIL: it is not this machine's. EACCES: the port is privileged.</exception>
    public static Descriptor Listen(IPAddress address, int port)
    {
        var socket = Create(address, UnixSocketType.Stream);
        try
        {
            var yes = 1;
            if (Libc.setsockopt(socket.HeldNumber, Libc.SocketLevel, Libc.OptionReuseAddress, &yes, sizeof(int)) < 0)
                throw LinuxException.Last("setsockopt(SO_REUSEADDR)");
            Bind(socket, address, port);
            return Libc.listen(socket.HeldNumber, Backlog) == 0 ? socket : throw Failure("listen", address, port);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Binds an address for UDP.</summary>
    /// <param name="address">The address.</param>
    /// <param name="port">The port; 0 takes a free one.</param>
    /// <exception cref="LinuxException">As for <see cref="Listen"/>.</exception>
    public static Descriptor Bind(IPAddress address, int port)
    {
        var socket = Create(address, UnixSocketType.Datagram);
        try
        {
            Bind(socket, address, port);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // The error first: making the text asks the system for other things.
    private static LinuxException Failure(string call, IPAddress address, int port)
    {
        var error = Libc.LastError;
        return new LinuxException($"{call}({new IPEndPoint(address, port)})", error);
    }

    private static Descriptor Create(IPAddress address, UnixSocketType type)
    {
        ArgumentNullException.ThrowIfNull(address);
        var family = IsVersion6(address) ? Libc.FamilyInternet6 : Libc.FamilyInternet;
        var fd = Libc.socket(family, (int)type | Libc.CloseOnExec, 0);
        return fd >= 0 ? new Descriptor(fd) : throw LinuxException.Last("socket()");
    }

    private static bool IsVersion6(IPAddress address) => address.GetAddressBytes().Length == 16;

    private static void Bind(Descriptor socket, IPAddress address, int port)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        var isNew = IsVersion6(address);
        var raw = stackalloc byte[AddressSize6];
        var bytes = new Span<byte>(raw, AddressSize6);
        bytes.Clear();
        *(ushort*)raw = (ushort)(isNew ? Libc.FamilyInternet6 : Libc.FamilyInternet);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)port);
        address.TryWriteBytes(bytes[(isNew ? 8 : 4)..], out _);
        if (isNew)
            *(uint*)(raw + 24) = (uint)address.ScopeId;
        if (Libc.bind(socket.HeldNumber, raw, (uint)(isNew ? AddressSize6 : AddressSize4)) < 0)
            throw Failure("bind", address, port);
    }
}
