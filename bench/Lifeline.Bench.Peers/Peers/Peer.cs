using System.Buffers.Binary;
using Lifeline.Bench.Measuring;

namespace Lifeline.Bench.Peers;

/// <summary>A way to talk to another process.</summary>
internal abstract class Peer
{
    internal const int MessageBytes = 64;

    internal static Peer? Find(string name) => name switch
    {
        "streamjsonrpc" => new StreamJsonRpcPeer(),
        "grpc" => new GrpcPeer(),
        "netmq" => new NetMQPeer(),
        "named-pipe" => new NamedPipePeer(),
        "redis" => new RedisPeer(),
        "dbus" => new DBusPeer(),
        _ => null,
    };

    /// <summary>Answers calls with <see cref="Answer"/> and counts reports, until the process ends.</summary>
    internal abstract Task ServeAsync(string path, ReportCount count);

    /// <summary>Connects; gives each caller, by number and on its own thread, a function that calls and waits for the reply.</summary>
    internal abstract Task<Func<int, Func<byte[], byte[]>>> ConnectAsync(string path);

    /// <summary>Connects; gives a function that sends so many one-way reports.</summary>
    internal abstract Task<Func<long, Task>> OpenSenderAsync(string path, int number);

    /// <summary>The reply to a call: a short message itself, of a long one the sum of its words.</summary>
    internal static byte[] Answer(ReadOnlySpan<byte> request) =>
        request.Length <= MessageBytes ? request.ToArray() : BitConverter.GetBytes(Payload.Sum(request));

    /// <summary>A report: who sent it, its number, and as much as is missing to 64 bytes.</summary>
    internal static byte[] Report(int number)
    {
        byte[] report = new byte[MessageBytes];
        BinaryPrimitives.WriteInt32LittleEndian(report, number);
        return report;
    }

    internal static void Stamp(byte[] report, long content) => BinaryPrimitives.WriteInt64LittleEndian(report.AsSpan(8), content);

    internal static void Count(ReportCount count, ReadOnlySpan<byte> report) =>
        count.Handled(BinaryPrimitives.ReadInt32LittleEndian(report), BinaryPrimitives.ReadInt64LittleEndian(report[8..]));
}
