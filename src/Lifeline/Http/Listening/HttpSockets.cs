using System.Net;
using System.Net.Sockets;
using Lifeline.Configuration;
using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Http;

/// <summary>
/// The listening sockets. The keeper holds them: a monitor that takes over goes on accepting what waited in them meanwhile, and no
/// connection is refused.
/// </summary>
internal sealed class HttpSockets(KeeperLink keeper, Places places)
{
    private const string TcpName = "http";
    private const string UnixName = "http.sock";
    private const int Backlog = 1024;

    private const UnixFileMode ForAll =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The TCP socket as a number that the caller owns, and where it listens.</summary>
    /// <exception cref="HttpStartException">The configured address is busy or not this machine's.</exception>
    public (int Number, IPEndPoint At) OpenTcp(HttpSettings options)
    {
        if (TakeHeld(options) is { } held)
            return held;
        using var socket = Bind(options);
        socket.Listen(Backlog);
        using (var number = Owned(socket))
        {
            keeper.Put(TcpName, number);
            return (Detach(number.Duplicate()), (IPEndPoint)socket.LocalEndPoint!);
        }
    }

    /// <summary>The Unix socket of the run folder as a number that the caller owns.</summary>
    /// <exception cref="HttpStartException">It cannot be made.</exception>
    public int OpenUnix()
    {
        try
        {
            using var held = keeper.Duplicate(UnixName);
            if (held is not null)
                return Detach(held.Duplicate());
            using var socket = UnixSocket.Listen(places.HttpSocket, UnixSocketType.Stream, Backlog, ForAll);
            keeper.Put(UnixName, socket);
            return Detach(socket.Duplicate());
        }
        catch (LinuxException e)
        {
            throw new HttpStartException($"the socket {places.HttpSocket} cannot be made: {e.Message}", e);
        }
    }

    /// <summary>HTTP was switched off: what an earlier monitor opened is closed.</summary>
    public static void Close(KeeperLink keeper, Places places)
    {
        keeper.Drop(TcpName);
        keeper.Drop(UnixName);
        File.Delete(places.HttpSocket);
        File.Delete(places.HttpUrlFile);
    }

    /// <summary>
    /// Nothing listens at the TCP address any more, though others may have the socket open still, the keeper for a moment too: another socket
    /// can take the port.
    /// </summary>
    public static void GiveUpTcp(KeeperLink keeper)
    {
        using (var held = keeper.Duplicate(TcpName))
        {
            if (held is null)
                return;
            using var socket = new Socket(new SafeSocketHandle(held.Number, ownsHandle: false));
            socket.Shutdown(SocketShutdown.Both);
        }

        keeper.Drop(TcpName);
    }

    private (int Number, IPEndPoint At)? TakeHeld(HttpSettings options)
    {
        using var held = keeper.Duplicate(TcpName);
        if (held is null)
            return null;
        var number = Detach(held.Duplicate());
        using var socket = new Socket(new SafeSocketHandle(number, ownsHandle: false));
        var at = (IPEndPoint)socket.LocalEndPoint!;
        if (at.Address.Equals(Resolve(options.Address)) && (options.IsDefault || options.Port == 0 || options.Port == at.Port))
            return (number, at);
        // The configuration names another place now. What the keeper holds is replaced once there is another.
        Descriptor.Adopt(number).Dispose();
        return null;
    }

    private static Socket Bind(HttpSettings options)
    {
        var address = Resolve(options.Address);
        try
        {
            return Bind(new IPEndPoint(address, options.Port));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && options.IsDefault)
        {
            return Bind(new IPEndPoint(address, 0));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new HttpStartException(
                $"the address {options.Address}:{options.Port} for dashboard and API is in use by another program; choose another with http of [monitor] or --http (port 0 takes a free one)", e) { IsBusy = true };
        }
        catch (SocketException e)
        {
            throw new HttpStartException(
                $"nobody can listen at {options.Address}:{options.Port}: {e.Message}; it is http of [monitor] or --http", e);
        }
    }

    private static Socket Bind(IPEndPoint at)
    {
        var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(at);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static IPAddress Resolve(string address)
    {
        if (address.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return IPAddress.Loopback;
        return IPAddress.TryParse(address, out var parsed)
            ? parsed
            : throw new HttpStartException($"\"{address}\" is no IP address; http of [monitor] is \"ADDRESS:PORT\", for instance \"127.0.0.1:7070\"");
    }

    // The Socket keeps its own: closing it must not close ours.
    private static Descriptor Owned(Socket socket)
    {
        var descriptor = Descriptor.Adopt((int)socket.Handle);
        try
        {
            return descriptor.Duplicate();
        }
        finally
        {
            descriptor.SetHandleAsInvalid();
        }
    }

    private static int Detach(Descriptor descriptor)
    {
        var number = descriptor.Number;
        descriptor.SetHandleAsInvalid();
        return number;
    }
}

/// <summary>The HTTP server cannot be started, and the configuration asked for it.</summary>
internal sealed class HttpStartException(string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>Somebody else has the address.</summary>
    public bool IsBusy { get; init; }
}
