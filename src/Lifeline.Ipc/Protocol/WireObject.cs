using System.Buffers.Binary;

namespace Lifeline.Ipc.Protocol;

/// <summary>How an object is said on the wire. Numbers are never reused.</summary>
internal enum WireObjectKind
{
    /// <summary>A null reference.</summary>
    Null = 0,

    /// <summary>A stub of the sender; the value is its handle.</summary>
    Sender = 1,

    /// <summary>A stub of the receiver, coming home; the value is its handle.</summary>
    Receiver = 2,

    /// <summary>A descriptor; the value is its place among those of the record.</summary>
    Descriptor = 3,

    /// <summary>A stub of a third process; the value is the number of a ticket sent before.</summary>
    Ticket = 4,
}

/// <summary>An object as it stands in a record: it replaces the 24 bytes that the parcel keeps for the object.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">Which one.</param>
internal readonly record struct WireObject(WireObjectKind Kind, ulong Value)
{
    internal void Write(Span<byte> slot)
    {
        slot[..ParcelObject.RecordSize].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(slot, (int)Kind);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[8..], Value);
    }

    internal static WireObject Read(ReadOnlySpan<byte> slot) =>
        new((WireObjectKind)BinaryPrimitives.ReadInt32LittleEndian(slot), BinaryPrimitives.ReadUInt64LittleEndian(slot[8..]));
}
