using System.Globalization;
using System.Text;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;
using Lifeline.Linux;

namespace Lifeline.Ipc.Hostile.Peers;

/// <summary>What a peer in C must know of the wire, as a header file, taken from the code that speaks it.</summary>
internal static unsafe class WireHeader
{
    private const int RingBytes = 16 << 10;

    internal static int Print()
    {
        RingMemory memory = RingMemory.TryCreate(RingBytes, out MemoryFile? file, out string? why) ?? throw new InvalidOperationException(why);
        RingLane lane = memory.Lane(fromCreator: true);
        byte* start = Math.Min((nint)lane.Data, (nint)memory.Lane(fromCreator: false).Data) is var first ? (byte*)first - RingMemory.HeaderBytes : null;
        long At<T>(ref T word) => (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref word) - start;
        Print("RING_BYTES", RingBytes);
        Print("MEMORY_BYTES", file!.Size);
        Print("TAIL_AT", At(ref lane.Tail));
        Print("HEAD_AT", At(ref lane.Head));
        Print("SLEEPING_AT", At(ref lane.Sleeping));
        Print("DATA_AT", lane.Data - start);
        Print("RECORD_HERE", (long)RingRecord.Here);
        Print("RECORD_SKIP", (long)RingRecord.Skip);
        byte[] hello = new byte[Hello.Size];
        int length = new Hello(Hello.Version, Hello.Version, Hello.RingsFeature, Guid.Empty, 1000, 4 << 20, false, RingBytes).Write(hello);
        Print("hello", RawSession.Record(new RecordHeader { Kind = RecordKind.Hello, DescriptorCount = 1 }, hello.AsSpan(0, length)));
        // Its length, and the length of its data, are the peer's to fill in: bytes 8 and 12.
        Print("one_way", RawSession.Record(new RecordHeader { Kind = RecordKind.OneWay, Target = 1, Code = VictimCodes.Numbered }, []));
        file.Dispose();
        memory.Release();
        return 0;
    }

    private static void Print(string name, long value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"#define {name} {value}"));

    private static void Print(string name, byte[] bytes)
    {
        var text = new StringBuilder($"static const unsigned char {name}[] = {{");
        text.AppendJoin(',', bytes);
        Console.WriteLine(text.Append("};"));
    }
}
