using System.Buffers.Binary;
using Lifeline.Ipc.Protocol;

namespace Lifeline.Ipc.Hostile.Peers;

/// <summary>Records that are nearly right.</summary>
internal static class Mutations
{
    private static readonly long[] s_edges =
        [0, 1, -1, 7, 8, 55, 56, 57, 255, 256, 4095, 4096, 65_535, 65_536, 204_800, 204_801, 208_952, 208_953, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 32, long.MaxValue, long.MinValue];

    /// <summary>A number that tends to lie at an edge of something.</summary>
    internal static long Number(Random random) => random.Next(4) switch
    {
        0 => s_edges[random.Next(s_edges.Length)],
        1 => s_edges[random.Next(s_edges.Length)] + random.Next(-8, 9),
        2 => random.Next(1024),
        _ => random.NextInt64(long.MinValue, long.MaxValue),
    };

    /// <summary>A record of any kind, right or with something wrong.</summary>
    internal static byte[] Record(Random random)
    {
        int objects = random.Next(4) == 0 ? random.Next(4) : 0;
        byte[] data = new byte[(objects * 24) + (random.Next(40) * 4)];
        random.NextBytes(data);
        int[] offsets = new int[objects];
        for (int i = 0; i < objects; i++)
        {
            offsets[i] = i * 24;
            new WireObject((WireObjectKind)random.Next(6), random.Next(3) == 0 ? (ulong)Number(random) : (ulong)random.Next(1, 4)).Write(data.AsSpan(i * 24));
        }

        var header = new RecordHeader
        {
            Kind = random.Next(3) == 0 ? (RecordKind)random.Next(17) : (RecordKind)random.Next(3, 5),
            Id = random.Next(8) == 0 ? (ulong)Number(random) : (ulong)random.Next(1, 1000),
            Target = random.Next(8) == 0 ? (ulong)Number(random) : 1,
            Chain = (ulong)random.Next(4),
            Code = random.Next(8) == 0 ? (uint)Number(random) : (uint)random.Next(1, 6),
            Status = random.Next(8) == 0 ? (int)Number(random) : 0,
        };
        byte[] record = Peers.RawSession.Record(header, data, offsets);
        if (random.Next(4) == 0)
            Change(record, random);
        return record;
    }

    /// <summary>Changes one thing.</summary>
    internal static void Change(Span<byte> bytes, Random random)
    {
        if (bytes.Length == 0)
            return;
        int at = random.Next(bytes.Length);
        switch (random.Next(5))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)Number(random);
                break;
            case 2 when bytes.Length >= 4:
                BinaryPrimitives.WriteInt32LittleEndian(bytes[(Math.Min(at, bytes.Length - 4) & ~3)..], (int)Number(random));
                break;
            case 3 when bytes.Length >= 8:
                BinaryPrimitives.WriteInt64LittleEndian(bytes[(Math.Min(at, bytes.Length - 8) & ~3)..], Number(random));
                break;
            default:
                bytes[at..Math.Min(bytes.Length, at + random.Next(1, 17))].Fill((byte)Number(random));
                break;
        }
    }
}
