using System.Globalization;
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

    /// <summary>A file: once it is there, long lines are written, in pieces that end within a line; <see cref="Talked"/> says that all are.</summary>
    public const string Talk = "LIFELINE_TEST_TALK";

    /// <summary>How many lines.</summary>
    public const int Lines = 10_000;

    private const int Piece = 3000;

    private const string Begun = ".begun";

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
        var hasTalked = Environment.GetEnvironmentVariable(Talk) is null;
        while (File.Exists(Environment.GetEnvironmentVariable(Hold)) && !Volatile.Read(ref isOver))
        {
            Poller.IsReady(never, PollEvents.In, PollMicroseconds / 1000);
            hasTalked |= TalkIfWanted(hasTalked);
        }

        SayReady();
        var answer = Encoding.ASCII.GetBytes(Environment.GetEnvironmentVariable("LIFELINE_SERVICE") + " " + Environment.GetEnvironmentVariable("LIFELINE_GENERATION"));
        while (!Volatile.Read(ref isOver))
        {
            hasTalked |= TalkIfWanted(hasTalked);
            if (listener.Poll(PollMicroseconds, SelectMode.SelectRead)) Serve(listener, answer);
        }
    }

    /// <summary>The line of a generation with this number.</summary>
    public static string Line(int generation, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"<{generation} {number} {new string((char)('a' + generation), 500 + (number * 7 % 1500))} {number} {generation}>");

    /// <summary>The file that says that a generation has written all its lines.</summary>
    public static string Talked(string file, int generation) => string.Create(CultureInfo.InvariantCulture, $"{file}.{generation}");

    private static bool TalkIfWanted(bool hasTalked)
    {
        if (hasTalked || Environment.GetEnvironmentVariable(Talk) is not { } file || !File.Exists(file))
            return false;
        var generation = int.Parse(Environment.GetEnvironmentVariable("LIFELINE_GENERATION")!, CultureInfo.InvariantCulture);
        var text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, Lines).Select(number => Line(generation, number) + "\n")));
        using var output = Console.OpenStandardOutput();
        using var never = EventFd.Create();
        // Both begin at once, or they would not write into one another.
        File.WriteAllText(Talked(file + Begun, generation), "");
        while (Directory.GetFiles(Path.GetDirectoryName(file)!, Path.GetFileName(file) + Begun + ".*").Length < 2)
            Poller.IsReady(never, PollEvents.In, 1);
        for (var at = 0; at < text.Length; at += Piece)
            output.Write(text.AsSpan(at, Math.Min(Piece, text.Length - at)));
        File.WriteAllText(Talked(file, generation), "");
        return true;
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
