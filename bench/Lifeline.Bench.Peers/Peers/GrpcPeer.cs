using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Lifeline.Bench.Measuring;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lifeline.Bench.Peers;

/// <summary>gRPC over a Unix socket; messages are plain bytes, so that no serializer is measured.</summary>
internal sealed class GrpcPeer : Peer
{
    private static readonly Marshaller<byte[]> s_bytes = Marshallers.Create<byte[]>(b => b, b => b);
    private static readonly Method<byte[], byte[]> s_answer = new(MethodType.Unary, "bench.Peer", "Answer", s_bytes, s_bytes);
    private static readonly Method<byte[], byte[]> s_report = new(MethodType.ClientStreaming, "bench.Peer", "Report", s_bytes, s_bytes);

    internal override async Task ServeAsync(string path, ReportCount count)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.ListenUnixSocket(path, socket => socket.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddGrpc(o => o.MaxReceiveMessageSize = null);
        builder.Services.AddSingleton(count);
        builder.Services.AddSingleton<Service>();
        WebApplication application = builder.Build();
        application.MapGrpcService<Service>();
        await application.StartAsync();
    }

    internal override Task<Func<int, Func<byte[], byte[]>>> ConnectAsync(string path)
    {
        CallInvoker invoker = Open(path);
        return Task.FromResult<Func<int, Func<byte[], byte[]>>>(_ => request => invoker.BlockingUnaryCall(s_answer, null, default, request));
    }

    internal override Task<Func<long, Task>> OpenSenderAsync(string path, int number)
    {
        CallInvoker invoker = Open(path);
        AsyncClientStreamingCall<byte[], byte[]> call = invoker.AsyncClientStreamingCall(s_report, null, default);
        byte[] report = Report(number);
        return Task.FromResult<Func<long, Task>>(async messages =>
        {
            for (long i = 0; i < messages; i++)
            {
                Stamp(report, i);
                await call.RequestStream.WriteAsync(report);
            }
        });
    }

    private static CallInvoker Open(string path)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler, MaxReceiveMessageSize = null }).CreateCallInvoker();
    }

    [BindServiceMethod(typeof(Service), nameof(Bind))]
    internal class Service(ReportCount count)
    {
        // gRPC finds the virtual methods by the names that they have on the wire.
        public static void Bind(ServiceBinderBase binder, Service? service)
        {
            binder.AddMethod(s_answer, service is null ? null : service.Answer);
            binder.AddMethod(s_report, service is null ? null : service.Report);
        }

        public virtual Task<byte[]> Answer(byte[] request, ServerCallContext context) => Task.FromResult(Peer.Answer(request));

        public virtual async Task<byte[]> Report(IAsyncStreamReader<byte[]> reports, ServerCallContext context)
        {
            while (await reports.MoveNext(context.CancellationToken))
                Count(count, reports.Current);
            return [];
        }
    }
}
