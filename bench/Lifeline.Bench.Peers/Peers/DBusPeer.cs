using Lifeline.Bench.Measuring;
using Tmds.DBus.Protocol;

namespace Lifeline.Bench.Peers;

/// <summary>D-Bus through a daemon of its own.</summary>
internal sealed class DBusPeer : Peer
{
    private const string Name = "bench.Peer";
    private const string ObjectPath = "/bench/peer";

    // The library queues without a limit; so often it waits for the other side.
    private const int Unanswered = 500;

    internal override async Task ServeAsync(string path, ReportCount count)
    {
        Broker.Start(path, "dbus-daemon", "--session", "--nofork", "--nopidfile", $"--address=unix:path={path}");
        DBusConnection connection = await OpenAsync(path);
        connection.AddMethodHandler(new Handler(count));
        await connection.RequestNameAsync(Name, RequestNameOptions.None);
    }

    internal override async Task<Func<int, Func<byte[], byte[]>>> ConnectAsync(string path)
    {
        DBusConnection connection = await OpenAsync(path);
        return _ => request => Call(connection, request).GetAwaiter().GetResult();
    }

    internal override async Task<Func<long, Task>> OpenSenderAsync(string path, int number)
    {
        DBusConnection connection = await OpenAsync(path);
        byte[] report = Report(number);
        return async messages =>
        {
            for (long i = 0; i < messages; i++)
            {
                Stamp(report, i);
                connection.TrySendMessage(Message(connection, "Report", report, MessageFlags.NoReplyExpected));
                if (i % Unanswered == 0)
                    await Call(connection, report);
            }
        };
    }

    private static async Task<DBusConnection> OpenAsync(string path)
    {
        var connection = new DBusConnection($"unix:path={path}");
        await connection.ConnectAsync();
        return connection;
    }

    private static Task<byte[]> Call(DBusConnection connection, byte[] request) =>
        connection.CallMethodAsync(Message(connection, "Answer", request, MessageFlags.None), static (message, _) => message.GetBodyReader().ReadArrayOfByte());

    private static MessageBuffer Message(DBusConnection connection, string member, byte[] content, MessageFlags flags)
    {
        MessageWriter writer = connection.GetMessageWriter();
        try
        {
            writer.WriteMethodCallHeader(Name, ObjectPath, Name, member, "ay", flags);
            writer.WriteArray(content);
            return writer.CreateMessage();
        }
        finally
        {
            writer.Dispose();
        }
    }

    private sealed class Handler(ReportCount count) : IPathMethodHandler
    {
        public string Path => ObjectPath;

        public bool HandlesChildPaths => false;

        public ValueTask HandleMethodAsync(MethodContext context)
        {
            byte[] content = context.Request.GetBodyReader().ReadArrayOfByte();
            if (context.NoReplyExpected)
            {
                Count(count, content);
                return ValueTask.CompletedTask;
            }

            MessageWriter writer = context.CreateReplyWriter("ay");
            try
            {
                writer.WriteArray(Answer(content));
                context.Reply(writer.CreateMessage());
            }
            finally
            {
                writer.Dispose();
            }

            return ValueTask.CompletedTask;
        }
    }
}
