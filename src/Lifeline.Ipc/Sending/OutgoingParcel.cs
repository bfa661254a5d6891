using System.Buffers.Binary;
using Lifeline.Ipc.Protocol;
using Lifeline.Linux;

namespace Lifeline.Ipc.Sending;

/// <summary>A parcel that is about to be sent in one session: its objects have been given their meaning there.</summary>
internal readonly struct OutgoingParcel(RecordHeader header, Parcel parcel, OutgoingObjects? objects)
{
    internal RecordHeader Header => header;

    internal int Length => header.RecordLength;

    internal OutgoingObjects? Objects => objects;

    internal Descriptor[] Descriptors => objects?.Descriptors ?? [];

    /// <summary>Fills in the header's sizes from the parcel.</summary>
    internal static OutgoingParcel Create(RecordHeader header, Parcel parcel, OutgoingObjects? objects)
    {
        header.DataLength = parcel.DataSize;
        header.ObjectCount = (ushort)parcel.Objects.Count;
        header.DescriptorCount = (ushort)(objects?.Descriptors.Length ?? 0);
        return new OutgoingParcel(header, parcel, objects);
    }

    /// <summary>Writes the whole record.</summary>
    internal void Write(Span<byte> record)
    {
        header.Write(record);
        Span<byte> table = record[RecordHeader.Size..];
        Span<byte> data = table[(RecordHeader.OffsetSize * header.ObjectCount)..];
        parcel.Data.CopyTo(data);
        GC.KeepAlive(parcel);
        if (objects is null)
            return;
        IReadOnlyList<ParcelObject> inParcel = parcel.Objects;
        for (int i = 0; i < inParcel.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(table[(i * RecordHeader.OffsetSize)..], inParcel[i].Offset);
            objects.Wire[i].Write(data[inParcel[i].Offset..]);
        }
    }
}
