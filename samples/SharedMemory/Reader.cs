using System.Diagnostics;
using System.Runtime.CompilerServices;
using Lifeline.Ipc;

namespace SharedMemory;

/// <summary>The second process: takes blocks, streams and boards, and says what it found in them.</summary>
internal sealed class Reader() : IpcStub(Interface)
{
    internal const string Interface = "sample.IReader";
    internal const uint TakeBlock = 1;
    internal const uint TakeStream = 2;
    internal const uint TakeBoard = 3;

    internal static async Task RunAsync(string path)
    {
        await using var endpoint = new IpcEndpoint();
        endpoint.Listen(path, new Reader());
        Console.WriteLine("listening");
        // Until the other process is gone: it holds the other end of our standard input.
        while (await Console.In.ReadLineAsync() is not null)
        {
            // It never says anything.
        }
    }

    protected override async ValueTask OnRequestAsync(uint code, Parcel data, Parcel reply, CallContext context)
    {
        data.EnforceInterface(Interface);
        switch (code)
        {
            case TakeBlock:
                using (SharedBlock block = data.ReadParcelable<SharedBlock>())
                    ReadBlock(block, reply);
                break;
            case TakeStream:
                using (SharedStream stream = data.ReadParcelable<SharedStream>())
                    reply.WriteInt64(await CountAsync(stream));
                break;
            case TakeBoard:
                using (SharedBlock block = data.ReadParcelable<SharedBlock>())
                    ReadBoard(block, reply);
                break;
            default:
                throw new IpcException(IpcError.CodeOutOfRange, $"{Interface} has no request {code}.");
        }
    }

    // The bytes are read where they are: nothing was copied. The first pass makes the kernel fill this process's page tables.
    private static void ReadBlock(SharedBlock block, Parcel reply)
    {
        using SharedMap map = block.Map(SharedBlockAccess.Read);
        for (int pass = 0; pass < 2; pass++)
        {
            long started = Stopwatch.GetTimestamp();
            reply.WriteInt64(Sum(map.AsReadOnlySpan<long>()));
            reply.WriteDouble(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Sum(ReadOnlySpan<long> values)
    {
        long sum = 0;
        foreach (long value in values)
            sum += value;
        return sum;
    }

    private static async Task<long> CountAsync(Stream stream)
    {
        byte[] buffer = new byte[256 * 1024];
        long total = 0;
        // 0 is the end: the writer disposed its side.
        while (await stream.ReadAsync(buffer) is var count and > 0)
            total += count;
        return total;
    }

    // A read makes no system call and takes no lock; the writer writes all the time meanwhile.
    private static void ReadBoard(SharedBlock block, Parcel reply)
    {
        const int reads = 2_000_000;
        using var board = new SharedBoardReader(block);
        long started = Stopwatch.GetTimestamp();
        long first = 0;
        long last = 0;
        for (int i = 0; i < reads; i++)
        {
            if (!board.TryRead(0, out Price price, out long generation))
                continue;
            if (price.Bid >= price.Ask)
                throw new IpcException(IpcError.Inner, "A torn read: the bid is above the ask.");
            first = first == 0 ? generation : first;
            last = generation;
        }

        reply.WriteInt32(reads);
        reply.WriteDouble(Stopwatch.GetElapsedTime(started).TotalSeconds);
        reply.WriteInt64(last - first);
    }
}
