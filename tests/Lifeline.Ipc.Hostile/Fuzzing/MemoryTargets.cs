using System.Runtime.InteropServices;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;

namespace Lifeline.Ipc.Hostile.Fuzzing;

/// <summary>What stands in memory that a peer can write at any moment: an input is a first state, and changes between the looks.</summary>
internal static unsafe class MemoryTargets
{
    private const int RingBytes = 4096;
    private const int LaneBytes = 1024;
    private const int GuardBytes = 4096;
    private const byte Guard = 0xA5;

    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("ring-consumer", 2048, Consume, RingSeeds),
        new("ring-producer", 512, Produce, () => [new byte[64], [.. Enumerable.Range(0, 200).Select(i => (byte)i)]]),
        new("board", 4096, Board, BoardSeeds),
        new("stream-ring", 1024, Stream, StreamSeeds),
    ];

    /// <summary>Input: int16 bytes of the first ring contents, those, then steps: kind, and what it needs.</summary>
    private static void Consume(ReadOnlySpan<byte> bytes)
    {
        using var memory = new Guarded(LaneBytes + RingBytes);
        byte* data = memory.Start + LaneBytes;
        var lane = new RingLane(memory.Start, data, RingBytes);
        var input = new FuzzInput(bytes);
        int first = (input.Byte() | (input.Byte() << 8)) & (RingBytes - 1);
        input.Take(first).CopyTo(new Span<byte>(data, RingBytes));
        lane.Tail = (ulong)(input.Byte() * 8);
        var consumer = new RingConsumer(lane);
        byte[] buffer = GC.AllocateUninitializedArray<byte>(RecordHeader.MaxRecordSize + 1);
        while (!input.IsEmpty)
        {
            switch (input.Byte() % 6)
            {
                case 0:
                    lane.Tail = (ulong)input.Int64();
                    break;
                case 1:
                    lane.Tail += (ulong)(input.Byte() * 8);
                    break;
                case 2:
                    *(long*)(data + ((input.Byte() * 8) & (RingBytes - 8))) = input.Int64();
                    break;
                case 3:
                    lane.Waiting = input.Byte();
                    consumer.TryArm(RingSleep.Doorbell);
                    break;
                default:
                    RingFind find = consumer.TryTake(buffer, out int length);
                    if (find == RingFind.Record && (uint)length > RingBytes)
                        throw new InvalidOperationException($"a record of {length} bytes came out of a ring of {RingBytes}");
                    break;
            }
        }

        memory.Check();
    }

    /// <summary>Input: steps; a length, and what the peer writes into the words it owns.</summary>
    private static void Produce(ReadOnlySpan<byte> bytes)
    {
        using var memory = new Guarded(LaneBytes + RingBytes);
        var lane = new RingLane(memory.Start, memory.Start + LaneBytes, RingBytes);
        var producer = new RingProducer(lane);
        var input = new FuzzInput(bytes);
        while (!input.IsEmpty)
        {
            switch (input.Byte() % 5)
            {
                case 0:
                    lane.Head = (ulong)input.Int64();
                    break;
                case 1:
                    lane.Head += (ulong)(input.Byte() * 8);
                    break;
                case 2:
                    lane.Sleeping = input.Byte();
                    break;
                default:
                    int length = input.Byte() * 8;
                    if (length > producer.MaxRecord || !producer.TryReserve(length, out Span<byte> place))
                        break;
                    place.Fill(0xEE);
                    producer.Publish(length, RingRecord.Here);
                    break;
            }
        }

        memory.Check();
    }

    /// <summary>Input: bytes for the beginning of a board; what is left over is looked for in its slots.</summary>
    private static void Board(ReadOnlySpan<byte> bytes)
    {
        using SharedBlock block = SharedBlock.Create("fuzz", 4096);
        using (SharedMap map = block.Map())
            map.WriteFrom(bytes[..Math.Min(bytes.Length, 4096)]);
        using var reader = new SharedBoardReader(block);
        byte[] value = new byte[SharedBoard.MaxSlotSize];
        for (int slot = 0; slot < Math.Min(reader.Header.Slots, 64); slot++)
        {
            reader.Read(slot, value, out int length, out _);
            if ((uint)length > (uint)reader.Header.SlotSize)
                throw new InvalidOperationException($"a value of {length} bytes on a board with {reader.Header.SlotSize}");
            reader.TryRead<long>(slot, out _, out _);
        }

        _ = reader.IsWriterAlive();
        SharedBoardWriter.TakeOver(block).Dispose();
    }

    private static IEnumerable<byte[]> BoardSeeds()
    {
        foreach (int size in (int[])[8, 64, 500])
        {
            using var writer = SharedBoardWriter.Create("seed", 3, size);
            writer.Write(0, [1, 2, 3]);
            writer.Write(1, [1, 2, 3]);
            writer.Write(1, [4, 5]);
            using SharedBlock share = writer.Share();
            using SharedMap map = share.Map(SharedBlockAccess.Read);
            yield return map.Bytes.ToArray();
        }
    }

    /// <summary>Input: the role, then steps: what the other side writes, and moves.</summary>
    private static void Stream(ReadOnlySpan<byte> bytes)
    {
        const int capacity = 4096;
        using SharedBlock block = SharedBlock.Create("fuzz", SharedRing.HeaderBytes + capacity);
        using SharedMap map = block.Map();
        SharedRing.Initialize(map, capacity);
        var input = new FuzzInput(bytes);
        bool isWriter = (input.Byte() & 1) != 0;
        SharedRing? ring = null;
        byte[] buffer = new byte[300];
        while (!input.IsEmpty)
        {
            byte step = input.Byte();
            switch (step % 6)
            {
                case 0:
                    MemoryMarshal.Cast<byte, long>(map.WritableBytes)[(step / 6) & 63] = input.Int64();
                    break;
                case 1:
                    MemoryMarshal.Cast<byte, int>(map.WritableBytes)[(step / 6) & 127] = input.Byte();
                    break;
                case 2:
                    ring ??= SharedRing.Open(map, capacity, isWriter);
                    ring.BeginWaiting();
                    _ = ring.CanMove() || ring.PeerEnded || ring.TakeWaiting();
                    ring.EndWaiting();
                    break;
                default:
                    ring ??= SharedRing.Open(map, capacity, isWriter);
                    int moved = isWriter ? ring.Write(buffer) : ring.Read(buffer);
                    if ((uint)moved > buffer.Length || (uint)ring.Filled > capacity)
                        throw new InvalidOperationException($"{moved} bytes moved, {ring.Filled} in the ring");
                    break;
            }
        }
    }

    private static IEnumerable<byte[]> StreamSeeds() =>
        [[0, 3, 3, 2, 1], [1, 3, 9, 15, 2], [.. Enumerable.Range(0, 120).Select(i => (byte)(i * 7))]];

    private static IEnumerable<byte[]> RingSeeds()
    {
        // Three records and a skip, read to the end.
        byte[] record = RingRecordBytes(56, RingRecord.Here);
        byte[] skip = RingRecordBytes(16, RingRecord.Skip);
        byte[] all = [.. record, .. record, .. skip, .. RingRecordBytes(100_000, RingRecord.OnSocket, 0)];
        yield return [(byte)all.Length, (byte)(all.Length >> 8), .. all, (byte)(all.Length / 8), 5, 5, 5, 3, 1, 5];
        yield return [0, 0, 0, 2, 0, 8, 0, 0, 0, 1, 0, 0, 0, 1, 2, 5, 3, 0, 5, 1, 200, 5, 1, 255, 5];
        yield return [(byte)record.Length, 0, .. record, (byte)(record.Length / 8), 4, 0, .. BitConverter.GetBytes(4096L + 64), 4];
    }

    private static byte[] RingRecordBytes(int low, RingRecord kind, int? contents = null) =>
        [.. BitConverter.GetBytes((uint)low | ((ulong)kind << 32)), .. new byte[(contents ?? low) + 7 & ~7]];

    /// <summary>Memory with something around it that must not be written.</summary>
    private sealed class Guarded : IDisposable
    {
        private readonly byte* _memory;
        private readonly int _length;

        internal Guarded(int length)
        {
            _length = length;
            _memory = (byte*)NativeMemory.AlignedAlloc((nuint)(length + (2 * GuardBytes)), 4096);
            new Span<byte>(_memory, length + (2 * GuardBytes)).Fill(Guard);
            new Span<byte>(Start, length).Clear();
        }

        internal byte* Start => _memory + GuardBytes;

        internal void Check()
        {
            if (new ReadOnlySpan<byte>(_memory, GuardBytes).ContainsAnyExcept(Guard) || new ReadOnlySpan<byte>(Start + _length, GuardBytes).ContainsAnyExcept(Guard))
                throw new InvalidOperationException("something was written outside of the memory");
        }

        public void Dispose() => NativeMemory.AlignedFree(_memory);
    }
}
