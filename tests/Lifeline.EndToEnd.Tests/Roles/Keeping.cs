using System.Globalization;
using System.Text;
using Lifeline.Linux;

namespace Lifeline.EndToEnd.Tests.Roles;

/// <summary>
/// Stores a memory file with its service manager and says what it was given back. With a variable it stores something else, too, or stops
/// storing.
/// </summary>
internal static class Keeping
{
    public const string MoreVariable = "LIFELINE_TEST_MORE";
    public const string Name = "my memory";

    public static void Run()
    {
        var generation = Environment.GetEnvironmentVariable("LIFELINE_GENERATION")!;
        using var notify = UnixSocket.Connect(Environment.GetEnvironmentVariable("NOTIFY_SOCKET")!, UnixSocketType.Datagram);
        var names = Environment.GetEnvironmentVariable("LISTEN_FDNAMES") ?? "";
        var count = int.Parse(Environment.GetEnvironmentVariable("LISTEN_FDS") ?? "0", CultureInfo.InvariantCulture);
        var isMine = count == 0 || Environment.GetEnvironmentVariable("LISTEN_PID") == CurrentProcess.Id.ToString(CultureInfo.InvariantCulture);
        var given = names.Length == 0 ? -1 : Array.IndexOf(names.Split(':'), Name);
        if (given >= 0)
        {
            using var memory = Descriptor.Adopt(3 + given);
            var text = new byte[64];
            Say(notify, $"STATUS={count} given, {names}, mine {isMine}, written by {Encoding.UTF8.GetString(text, 0, memory.ReadAt(text, 0)).TrimEnd((char)0)}\nREADY=1");
        }
        else
        {
            using var memory = MemoryFile.Create("kept", 64);
            memory.WriteAll(Encoding.UTF8.GetBytes(generation));
            notify.Send("FDSTORE=1\nFDNAME="u8.ToArray().Concat(Encoding.ASCII.GetBytes(Name)).ToArray(), [memory]);
            // Twice the same is stored once.
            notify.Send("FDSTORE=1\nFDNAME="u8.ToArray().Concat(Encoding.ASCII.GetBytes(Name)).ToArray(), [memory]);
            StoreMore(notify);
            Say(notify, $"STATUS={count} given, {names}, mine {isMine}, stored by {generation}\nREADY=1");
        }

        using var never = EventFd.Create();
        Poller.IsReady(never, PollEvents.In, -1);
    }

    private static void StoreMore(UnixSocket notify)
    {
        switch (Environment.GetEnvironmentVariable(MoreVariable))
        {
            case "removed":
                Say(notify, "FDSTOREREMOVE=1\nFDNAME=" + Name);
                break;
            case "ended":
                // Its other end is closed: nobody could use it.
                var (near, far) = UnixSocket.Pair(UnixSocketType.Stream);
                notify.Send("FDSTORE=1\nFDNAME=ended"u8, [near]);
                var (pollless, other) = UnixSocket.Pair(UnixSocketType.Stream);
                notify.Send("FDSTORE=1\nFDNAME=unpolled\nFDPOLL=0"u8, [pollless]);
                far.Dispose();
                other.Dispose();
                break;
            case "flood":
                for (var i = 0; i < 100; i++)
                {
                    using var one = MemoryFile.Create("flood", 64);
                    notify.Send("FDSTORE=1"u8, [one]);
                }

                break;
        }
    }

    private static void Say(UnixSocket notify, string text) => notify.Send(Encoding.UTF8.GetBytes(text));
}
