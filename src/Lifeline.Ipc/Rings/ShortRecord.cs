using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Lifeline.Ipc.Protocol;

namespace Lifeline.Ipc.Rings;

/// <summary>
/// Requests and replies that carry nothing but data have a short form in the rings: the fewer cache lines a message takes, the sooner it is at
/// the other processor.
/// </summary>
internal static class ShortRecord
{
    /// <summary>The short form of a record without objects; <see cref="RingRecord.Here"/> if it has none.</summary>
    internal static RingRecord FormOf(in RecordHeader header) => header.Kind switch
    {
        RecordKind.OneWay when header.Target <= uint.MaxValue => RingRecord.OneWay,
        RecordKind.Call when header.Target <= uint.MaxValue => RingRecord.Call,
        RecordKind.Reply when header.Status == 0 => RingRecord.Reply,
        _ => RingRecord.Here,
    };

    /// <summary>Bytes before the data.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Prefix(RingRecord form) => form switch
    {
        RingRecord.OneWay or RingRecord.Reply => 8,
        RingRecord.Call => 24,
        _ => RecordHeader.Size,
    };

    internal static bool IsShort(RingRecord kind) => kind is RingRecord.OneWay or RingRecord.Call or RingRecord.Reply;

    /// <summary>Writes what stands before the data.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Write(RingRecord form, in RecordHeader header, Span<byte> place)
    {
        if (form == RingRecord.Reply)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(place, header.Id);
            return;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(place, header.Code | (header.Target << 32));
        if (form == RingRecord.OneWay)
            return;
        BinaryPrimitives.WriteUInt64LittleEndian(place[8..], header.Id);
        BinaryPrimitives.WriteUInt64LittleEndian(place[16..], header.Chain);
    }

    /// <summary>Reads it.</summary>
    /// <param name="form">What it is.</param>
    /// <param name="record">The record; each word is read once. At least the prefix.</param>
    /// <param name="header">What it says.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Read(RingRecord form, ReadOnlySpan<byte> record, out RecordHeader header)
    {
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(record);
        header = default;
        header.DataLength = record.Length - Prefix(form);
        if (form == RingRecord.Reply)
        {
            header.Kind = RecordKind.Reply;
            header.Id = first;
            return;
        }

        header.Code = (uint)first;
        header.Target = first >> 32;
        header.Kind = RecordKind.OneWay;
        if (form == RingRecord.OneWay)
            return;
        header.Kind = RecordKind.Call;
        header.Id = BinaryPrimitives.ReadUInt64LittleEndian(record[8..]);
        header.Chain = BinaryPrimitives.ReadUInt64LittleEndian(record[16..]);
    }
}
