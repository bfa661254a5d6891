using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Lifeline.Linux;

namespace Lifeline.EndToEnd.Tests.Roles;

/// <summary>
/// Serves the listening socket it was handed as <see cref="Listening"/> does, says when it is ready, and at SIGTERM ends after the
/// connection it has taken.
/// </summary>
internal static class Overlapping
{
    /// <summary>A service that cannot come up.</summary>
    public const string Broken = "LIFELINE_TEST_BROKEN";

    /// <summary>A file: while it is there, a service that comes up is not ready.</summary>
    public const string Hold = "LIFELINE_TEST_HOLD";

    private const int PollMicroseconds = 20_000;

    public static void Run()
    {
        if (Environment.GetEnvironmentVariable(Broken) is not null)
            Environment.Exit(3);
        var isOver = false;
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            Volatile.Write(ref isOver, true);
        });
        using var listener = new Socket(new SafeSocketHandle(3, ownsHandle: true));
        // Another generation may be quicker to accept what both were woken for.
        listener.Blocking = false;
        using var never = EventFd.Create();
        while (File.Exists(Environment.GetEnvironmentVariable(Hold)) && !Volatile.Read(ref isOver))
            Poller.IsReady(never, PollEvents.In, PollMicroseconds / 1000);
        SayReady();
        var answer = Encoding.ASCII.GetBytes(Environment.GetEnvironmentVariable("LIFELINE_SERVICE") + " " + Environment.GetEnvironmentVariable("LIFELINE_GENERATION"));
        while (!Volatile.Read(ref isOver))
            if (listener.Poll(PollMicroseconds, SelectMode.SelectRead)) Serve(listener, answer);
    }

    private static void Serve(Socket listener, byte[] answer)
    {
        Socket connection;
        try
        {
            connection = listener.Accept();
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
        {
            return;
        }

        using (connection)
            connection.Send(answer);
    }

    private static void SayReady()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.SendTo("READY=1"u8, new UnixDomainSocketEndPoint(Environment.GetEnvironmentVariable("NOTIFY_SOCKET")!));
    }
}
