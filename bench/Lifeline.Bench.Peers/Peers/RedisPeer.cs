using System.Net.Sockets;
using Lifeline.Bench.Measuring;
using StackExchange.Redis;

namespace Lifeline.Bench.Peers;

/// <summary>Redis publish and subscribe over its Unix socket. It has no calls.</summary>
internal sealed class RedisPeer : Peer
{
    private const int Unanswered = 1000;
    private static readonly RedisChannel s_reports = RedisChannel.Literal("reports");

    internal override async Task ServeAsync(string path, ReportCount count)
    {
        Broker.Start(path, "redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", "--client-output-buffer-limit", "pubsub 0 0 0");
        ConnectionMultiplexer redis = await OpenAsync(path);
        ChannelMessageQueue queue = await redis.GetSubscriber().SubscribeAsync(s_reports);
        queue.OnMessage(message => Count(count, (byte[])message.Message!));
    }

    internal override Task<Func<int, Func<byte[], byte[]>>> ConnectAsync(string path) => throw new NotSupportedException("Redis has no calls");

    internal override async Task<Func<long, Task>> OpenSenderAsync(string path, int number)
    {
        ISubscriber subscriber = (await OpenAsync(path)).GetSubscriber();
        byte[] report = Report(number);
        return async messages =>
        {
            for (long i = 0; i < messages; i++)
            {
                byte[] own = (byte[])report.Clone();
                Stamp(own, i);
                Task<long> published = subscriber.PublishAsync(s_reports, own, i % Unanswered == 0 ? CommandFlags.None : CommandFlags.FireAndForget);
                if (i % Unanswered == 0)
                    await published;
            }
        };
    }

    private static Task<ConnectionMultiplexer> OpenAsync(string path) =>
        ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { new UnixDomainSocketEndPoint(path) } });
}
