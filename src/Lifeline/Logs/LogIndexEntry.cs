using System.Buffers.Binary;

namespace Lifeline.Logs;

/// <summary>From this offset on, bytes arrived at this time. Fixed size on disk, with a check value so that a torn entry is known as one.</summary>
/// <param name="Offset">In the log file.</param>
/// <param name="At">Microseconds since 1970, UTC.</param>
/// <param name="Sequence">Rises over both streams of a service: the order in which their chunks arrived.</param>
/// <param name="Generation">The service's generation.</param>
internal readonly record struct LogIndexEntry(long Offset, long At, long Sequence, int Generation)
{
    /// <summary>Bytes of one entry.</summary>
    public const int Size = 32;

    private const uint Seed = 0x4C4C_0001;

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, Offset);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], At);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(target[24..], Generation);
        BinaryPrimitives.WriteUInt32LittleEndian(target[28..], Check(target[..28]));
    }

    public static LogIndexEntry? TryRead(ReadOnlySpan<byte> source)
    {
        if (source.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(source[28..]) != Check(source[..28]))
            return null;
        return new LogIndexEntry(
            BinaryPrimitives.ReadInt64LittleEndian(source),
            BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[24..]));
    }

    private static uint Check(ReadOnlySpan<byte> bytes)
    {
        var hash = Seed;
        foreach (var b in bytes)
            hash = (hash ^ b) * 16777619;
        return hash;
    }
}
