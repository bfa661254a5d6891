using System.Runtime.InteropServices;
using Lifeline.Bench.Measuring;
using Lifeline.Ipc;

namespace Lifeline.Bench.Roles;

/// <summary>Takes large things: raw data, of which it reads every byte, and blocks of shared memory.</summary>
internal sealed class PayloadStub() : SynchronousStub("bench.IPayloads"), IDisposable
{
    private const uint TakeRaw = 1;
    private const uint TakeBlock = 2;
    private const uint KeepBlock = 3;
    private const uint ReadKept = 4;
    private const uint ReadOwn = 5;
    private SharedMap? _kept;

    internal static int RunServer(string path)
    {
        using var stub = new PayloadStub();
        using var serving = new Served(path, stub);
        return Role.Serve(_ => "");
    }

    internal static int RunClient(string path)
    {
        using var session = new Connected(path);
        IpcProxy payloads = session.Root;
        var raw = new PayloadLoad(payload =>
        {
            using var data = new Parcel();
            data.WriteInt32(payload.Length);
            data.WriteRawData(payload);
            using Parcel reply = payloads.Call(TakeRaw, data);
            return [];
        });
        return Role.Serve(words => words[0] switch
        {
            "go" => raw.Go(words),
            "block" => PassBlocks(payloads, Role.Number(words[1]), (int)Role.Number(words[2])),
            "passes" => ReadPasses(payloads, (int)Role.Number(words[1])),
            _ => throw new NotSupportedException(words[0]),
        });
    }

    public void Dispose() => _kept?.Dispose();

    protected override void OnRequest(uint code, Parcel data, Parcel reply, CallContext context)
    {
        switch (code)
        {
            case TakeRaw:
            {
                using RawData raw = data.ReadRawData(data.ReadInt32());
                reply.WriteInt64(Payload.Sum(raw.Bytes));
                break;
            }

            case TakeBlock:
            {
                using SharedBlock block = SharedBlock.ReadFrom(data);
                using SharedMap map = block.Map(SharedBlockAccess.Read);
                reply.WriteInt64(Payload.Sum(map.Bytes[..EchoStub.MessageBytes]));
                break;
            }

            case KeepBlock:
            {
                using SharedBlock block = SharedBlock.ReadFrom(data);
                _kept = block.Map(SharedBlockAccess.Read);
                break;
            }

            case ReadKept:
                reply.WriteInt64(Timed(_kept!.Bytes));
                break;
            case ReadOwn:
                ReadPrivate(data.ReadInt32(), reply);
                break;
            default:
                throw new IpcException(IpcError.CodeOutOfRange, $"there is no request {code}");
        }
    }

    private static long Timed(ReadOnlySpan<byte> bytes)
    {
        long before = Role.Now;
        long sum = Payload.Sum(bytes);
        long took = Role.Now - before;
        return sum == 0 ? throw new InvalidOperationException("the block is empty") : took;
    }

    // The speed of this process's own memory, touched before: what a pass over shared memory is compared with.
    private static unsafe void ReadPrivate(int size, Parcel reply)
    {
        void* memory = NativeMemory.AlignedAlloc((nuint)size, 4096);
        var bytes = new Span<byte>(memory, size);
        bytes.Fill(1);
        Timed(bytes);
        reply.WriteInt64(Timed(bytes));
        NativeMemory.AlignedFree(memory);
    }

    private static string PassBlocks(IpcProxy payloads, long milliseconds, int size)
    {
        using SharedBlock block = Filled(size);
        var latencies = new Latencies();
        long before = Role.Now;
        long until = before + (milliseconds * 1_000_000);
        using var data = new Parcel();
        while (before < until)
        {
            data.Reset();
            block.WriteTo(data);
            payloads.Call(TakeBlock, data).Dispose();
            long after = Role.Now;
            latencies.Record(after - before);
            before = after;
        }

        return $"messages={latencies.Count} {Role.Percentiles(latencies)}";
    }

    private static string ReadPasses(IpcProxy payloads, int size)
    {
        using SharedBlock block = Filled(size);
        using (var data = new Parcel())
        {
            block.WriteTo(data);
            payloads.Call(KeepBlock, data).Dispose();
        }

        long first = Ask(ReadKept);
        // The better of two each: another process that got in between is not what is measured.
        long second = Math.Min(Ask(ReadKept), Ask(ReadKept));
        long own = Math.Min(Ask(ReadOwn), Ask(ReadOwn));
        return $"first={first} second={second} own={own}";

        long Ask(uint code)
        {
            using var data = new Parcel();
            data.WriteInt32(size);
            using Parcel reply = payloads.Call(code, data);
            return reply.ReadInt64();
        }
    }

    private static SharedBlock Filled(int size)
    {
        SharedBlock block = SharedBlock.Create("bench", size);
        using SharedMap map = block.Map();
        map.WritableBytes.Fill(1);
        return block;
    }
}
