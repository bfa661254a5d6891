namespace Lifeline.Ipc.Rings;

/// <summary>Where things of one direction are. Each word that one side writes often has 128 bytes for itself: two cache lines, as processors fetch them in pairs.</summary>
internal readonly unsafe struct RingLane(byte* words, byte* data, int bytes)
{
    private const int Stride = 128;

    /// <summary>Bytes that go from one processor to another together.</summary>
    internal const ulong LineBytes = 64;

    /// <summary>Bytes before the contents of each record: length or size in the low half, <see cref="RingRecord"/> in the high half.</summary>
    internal const int RecordHeaderBytes = 8;

    /// <summary>The ring.</summary>
    internal byte* Data => data;

    /// <summary>Bytes of the ring.</summary>
    internal int Bytes => bytes;

    /// <summary>The largest record that goes through the ring: with what is skipped at the ring's end, it always fits into an empty one.</summary>
    internal int MaxRecord => (bytes / 2) - RecordHeaderBytes;

    /// <summary>Bytes ever published; written by the sender.</summary>
    internal ref ulong Tail => ref *(ulong*)words;

    /// <summary>Bytes ever taken; written by the receiver.</summary>
    internal ref ulong Head => ref *(ulong*)(words + Stride);

    /// <summary>Requests of this direction that were ever handled and given back as credit; written by the receiver.</summary>
    internal ref ulong CreditMessages => ref *(ulong*)(words + Stride + 8);

    /// <summary>The bytes of these requests; written by the receiver.</summary>
    internal ref ulong CreditBytes => ref *(ulong*)(words + Stride + 16);

    /// <summary>Not 0 while the receiver offers to have the sender pass a barrier when it falls asleep; written by the receiver.</summary>
    internal ref int CanFence => ref *(int*)(words + Stride + 24);

    /// <summary>How the receiver wants to hear of the next record: one of <see cref="RingSleep"/>.</summary>
    internal ref int Sleeping => ref *(int*)(words + (2 * Stride));

    /// <summary>One more than the number of the processor on which the receiver waited last; 0 if it has not said so. Written by the receiver.</summary>
    internal ref int Processor => ref *(int*)(words + (2 * Stride) + 4);

    /// <summary>Not 0 while the sender wants the doorbell for room.</summary>
    internal ref int Waiting => ref *(int*)(words + (3 * Stride));

    /// <summary>Not 0 while the sender wants the doorbell for credit.</summary>
    internal ref int CreditWanted => ref *(int*)(words + (3 * Stride) + 4);

    /// <summary>Not 0 while the sender passes no barrier between publishing and looking whether the receiver sleeps; written by the sender.</summary>
    internal ref int Unfenced => ref *(int*)(words + (3 * Stride) + 8);

    internal static int SizeOf(int recordLength) => RecordHeaderBytes + ((recordLength + 7) & ~7);
}

/// <summary>What lies in the ring. Numbers are never reused.</summary>
internal enum RingRecord : uint
{
    /// <summary>A record.</summary>
    Here = 1,

    /// <summary>Nothing; the low half is how many bytes follow the header.</summary>
    Skip = 2,

    /// <summary>The record is the next one on the socket; the low half is its length. Nothing follows the header.</summary>
    OnSocket = 3,

    /// <summary>A one-way call without objects: uint32 code, uint32 stub, data.</summary>
    OneWay = 4,

    /// <summary>A call without objects: uint32 code, uint32 stub, uint64 call, uint64 chain, data.</summary>
    Call = 5,

    /// <summary>A good reply without objects: uint64 call, data.</summary>
    Reply = 6,

    /// <summary>The doorbell of another session between the same endpoints: uint64 the number that its receiver gave it.</summary>
    Look = 7,
}

/// <summary>How a receiver wants to hear of the next record.</summary>
internal static class RingSleep
{
    /// <summary>It looks by itself.</summary>
    internal const int Awake = 0;

    /// <summary>By the doorbell on the socket.</summary>
    internal const int Doorbell = 1;

    /// <summary>A thread sleeps on the word itself: wake it there.</summary>
    internal const int Futex = 2;
}
