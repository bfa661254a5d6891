using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lifeline.Contracts;

/// <summary>
/// The layout of a status slot: a piece of shared memory with the last status of one reporter. Little-endian.
/// Header of 128 bytes: magic (8), layout version (4), size of a buffer (4), generation (4), zero (4), number of the published status (8), zeros.
/// Then two buffers: number of the status in it, 0 while it is written (8), length (4), CRC-32C of number, length and bytes (4), zeros up to 64, then the
/// bytes as <see cref="StatusCodec"/> makes them. Status n is in buffer n mod 2, and is published by storing n last: whoever is killed while he writes
/// leaves the status before it whole. One writer; any number of readers, in any process.
/// </summary>
public static class StatusSlot
{
    /// <summary>Bytes of a slot. Memory that holds one may be larger, never smaller.</summary>
    public const int Size = HeaderBytes + (2 * BufferBytes);

    /// <summary>The layout written and the only one read.</summary>
    public const int LayoutVersion = 1;

    internal const int HeaderBytes = 128;
    internal const int BufferHeadBytes = 64;
    internal const int BufferBytes = BufferHeadBytes + StatusLimits.MaxEncodedBytes;
    internal const ulong Magic = 0x31544F4C53464C4C;
    internal const int VersionOffset = 8;
    internal const int BufferBytesOffset = 12;
    internal const int GenerationOffset = 16;
    internal const int PublishedOffset = 24;
    internal const int LengthOffset = 8;
    internal const int ChecksumOffset = 12;

    private const int MaxAttempts = 64;

    /// <summary>Makes an empty slot of the memory; what was there is gone.</summary>
    /// <param name="slot">At least <see cref="Size"/> bytes, aligned to 8.</param>
    /// <param name="generation">The generation of the service that will write; 0 if unknown.</param>
    /// <exception cref="ArgumentException">The memory is too small.</exception>
    public static void Initialize(Span<byte> slot, int generation)
    {
        CheckSize(slot.Length);
        slot[..Size].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(slot[VersionOffset..], LayoutVersion);
        BinaryPrimitives.WriteInt32LittleEndian(slot[BufferBytesOffset..], BufferBytes);
        BinaryPrimitives.WriteInt32LittleEndian(slot[GenerationOffset..], generation);
        // The magic comes last: a reader never takes a half made header for a slot.
        Volatile.Write(ref Word(slot, 0), Magic);
    }

    /// <summary>
    /// Reads the last published status, copying it out before anything in it is believed. Never throws on what the memory holds, not even
    /// when another process changes it meanwhile. The memory must not shrink under the reader: map only a memfd that is sealed against it.
    /// </summary>
    /// <param name="slot">The memory of the slot.</param>
    /// <param name="reading">The status and the generation it was written for, or null.</param>
    /// <param name="reason">Why there is none, or null.</param>
    public static bool TryRead(ReadOnlySpan<byte> slot, out StatusSlotReading? reading, out string? reason)
    {
        reading = null;
        if (!CheckHeader(slot, out reason))
            return false;
        Span<byte> copy = stackalloc byte[StatusLimits.MaxEncodedBytes];
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var published = Volatile.Read(ref Word(slot, PublishedOffset));
            if (published == 0)
            {
                reason = "nothing was reported yet";
                return false;
            }

            if (TryCopy(slot, published, copy, out var length, out reason))
            {
                if (!StatusCodec.TryDecode(copy[..length], out var report, out reason))
                    return false;
                reading = new StatusSlotReading(report!, BinaryPrimitives.ReadInt32LittleEndian(slot[GenerationOffset..]));
                return true;
            }

            // A buffer that does not fit its published number is either being written again, which a newer number
            // will tell, or spoiled, which stays so.
            if (Volatile.Read(ref Word(slot, PublishedOffset)) == published)
                return false;
        }

        reason = $"the writer was faster {MaxAttempts} times";
        return false;
    }

    /// <summary>The number of the last published status, 0 for none: tells cheaply whether there is something new. Not to be trusted further.</summary>
    /// <param name="slot">The memory of the slot.</param>
    public static long ReadPublished(ReadOnlySpan<byte> slot) =>
        slot.Length < Size ? 0 : (long)Volatile.Read(ref Word(slot, PublishedOffset));

    internal static ref ulong Word(ReadOnlySpan<byte> slot, int offset) =>
        ref Unsafe.As<byte, ulong>(ref Unsafe.Add(ref MemoryMarshal.GetReference(slot), offset));

    internal static int OffsetOf(ulong number) => HeaderBytes + ((int)(number & 1) * BufferBytes);

    internal static uint Checksum(ulong number, ReadOnlySpan<byte> payload)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, number);
        crc = BitOperations.Crc32C(crc, (uint)payload.Length);
        while (payload.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(payload));
            payload = payload[8..];
        }

        foreach (var rest in payload)
            crc = BitOperations.Crc32C(crc, rest);
        return ~crc;
    }

    internal static void CheckSize(int length)
    {
        if (length < Size)
            throw new ArgumentException($"A status slot needs {Size} bytes, and the memory has {length}.");
    }

    private static bool CheckHeader(ReadOnlySpan<byte> slot, out string? reason)
    {
        reason = null;
        if (slot.Length < Size)
            reason = $"the memory has {slot.Length} bytes, and a slot needs {Size}";
        else if (Volatile.Read(ref Word(slot, 0)) != Magic)
            reason = "the memory holds no status slot";
        else if (BinaryPrimitives.ReadInt32LittleEndian(slot[VersionOffset..]) is var version && version != LayoutVersion)
            reason = $"the slot has layout {version}, and {LayoutVersion} is known";
        else if (BinaryPrimitives.ReadInt32LittleEndian(slot[BufferBytesOffset..]) is var size && size != BufferBytes)
            reason = $"the slot has buffers of {size} bytes, and {BufferBytes} are known";
        return reason is null;
    }

    private static bool TryCopy(ReadOnlySpan<byte> slot, ulong published, Span<byte> copy, out int length, out string? reason)
    {
        var buffer = slot.Slice(OffsetOf(published), BufferBytes);
        length = 0;
        if (Volatile.Read(ref Word(buffer, 0)) != published)
        {
            reason = "the published buffer holds another status";
            return false;
        }

        // Read once: the peer may change it between two looks.
        var claimed = BinaryPrimitives.ReadUInt32LittleEndian(buffer[LengthOffset..]);
        var checksum = BinaryPrimitives.ReadUInt32LittleEndian(buffer[ChecksumOffset..]);
        if (claimed > StatusLimits.MaxEncodedBytes)
        {
            reason = $"a status of {claimed} bytes";
            return false;
        }

        length = (int)claimed;
        buffer.Slice(BufferHeadBytes, length).CopyTo(copy);
        Volatile.ReadBarrier();
        if (Volatile.Read(ref Word(buffer, 0)) != published || Checksum(published, copy[..length]) != checksum)
        {
            reason = "the status was changed while it was read, or is spoiled";
            return false;
        }

        reason = null;
        return true;
    }
}
