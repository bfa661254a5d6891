using System.Net.Sockets;
using Lifeline.Bench.Measuring;
using StreamJsonRpc;

namespace Lifeline.Bench.Peers;

/// <summary>JSON-RPC with MessagePack over a Unix socket.</summary>
internal sealed class StreamJsonRpcPeer : Peer
{
    internal override Task ServeAsync(string path, ReportCount count)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        _ = AcceptAsync(listener, new Target(count));
        return Task.CompletedTask;
    }

    internal override async Task<Func<int, Func<byte[], byte[]>>> ConnectAsync(string path)
    {
        JsonRpc rpc = await AttachAsync(path);
        return _ => request => rpc.InvokeAsync<byte[]>("Answer", (object)request).GetAwaiter().GetResult();
    }

    internal override async Task<Func<long, Task>> OpenSenderAsync(string path, int number)
    {
        JsonRpc rpc = await AttachAsync(path);
        byte[] report = Report(number);
        return async messages =>
        {
            for (long i = 0; i < messages; i++)
            {
                Stamp(report, i);
                await rpc.NotifyAsync("Report", (object)report);
            }
        };
    }

    private static async Task AcceptAsync(Socket listener, Target target)
    {
        while (true)
            Open(await listener.AcceptAsync(), target).StartListening();
    }

    private static async Task<JsonRpc> AttachAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        JsonRpc rpc = Open(socket, null);
        rpc.StartListening();
        return rpc;
    }

    private static JsonRpc Open(Socket socket, object? target)
    {
        var stream = new NetworkStream(socket, ownsSocket: true);
        return new JsonRpc(new LengthHeaderMessageHandler(stream, stream, new MessagePackFormatter()), target);
    }

    private sealed class Target(ReportCount count)
    {
        public byte[] Answer(byte[] request) => Peer.Answer(request);

        public void Report(byte[] report) => Count(count, report);
    }
}
