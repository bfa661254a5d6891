using Lifeline.Bench.Measuring;
using NetMQ;
using NetMQ.Sockets;

namespace Lifeline.Bench.Peers;

/// <summary>NetMQ; its ipc is a local TCP connection on Linux.</summary>
internal sealed class NetMQPeer : Peer
{
    internal override Task ServeAsync(string path, ReportCount count)
    {
        var answering = new ResponseSocket();
        answering.Bind($"ipc://{path}");
        Start(() => ServeCalls(answering));
        var pulling = new PullSocket();
        pulling.Bind($"ipc://{path}.reports");
        Start(() => Pull(pulling, count));
        return Task.CompletedTask;
    }

    internal override Task<Func<int, Func<byte[], byte[]>>> ConnectAsync(string path) => Task.FromResult<Func<int, Func<byte[], byte[]>>>(_ =>
    {
        // A socket for each caller: they are bound to threads.
        var socket = new RequestSocket();
        socket.Connect($"ipc://{path}");
        return request =>
        {
            socket.SendFrame(request);
            return socket.ReceiveFrameBytes();
        };
    });

    internal override Task<Func<long, Task>> OpenSenderAsync(string path, int number)
    {
        var socket = new PushSocket();
        socket.Connect($"ipc://{path}.reports");
        byte[] report = Report(number);
        return Task.FromResult<Func<long, Task>>(messages =>
        {
            for (long i = 0; i < messages; i++)
            {
                Stamp(report, i);
                socket.SendFrame(report);
            }

            return Task.CompletedTask;
        });
    }

    private static void Start(ThreadStart run) => new Thread(run) { IsBackground = true }.Start();

    private static void ServeCalls(ResponseSocket socket)
    {
        var message = default(Msg);
        message.InitEmpty();
        while (true)
        {
            socket.Receive(ref message);
            socket.SendFrame(Answer(message));
        }
    }

    private static void Pull(PullSocket socket, ReportCount count)
    {
        var message = default(Msg);
        message.InitEmpty();
        while (true)
        {
            socket.Receive(ref message);
            Count(count, message);
        }
    }
}
