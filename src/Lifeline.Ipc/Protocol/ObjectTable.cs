using System.Buffers.Binary;

namespace Lifeline.Ipc.Protocol;

/// <summary>The offsets and objects of a received record, checked.</summary>
internal static class ObjectTable
{
    /// <summary>Reads where the objects of a record are and what they are.</summary>
    /// <exception cref="ProtocolViolationException">The table contradicts itself, the data, or the descriptors.</exception>
    internal static (int Offset, WireObject Object)[] Read(in RecordHeader header, ReadOnlySpan<byte> record)
    {
        if (header.ObjectCount == 0)
        {
            RequireDescriptors(0, header.DescriptorCount);
            return [];
        }

        ReadOnlySpan<byte> offsets = record[RecordHeader.Size..];
        ReadOnlySpan<byte> data = Data(header, record);
        var objects = new (int, WireObject)[header.ObjectCount];
        int end = 0;
        int descriptors = 0;
        for (int i = 0; i < objects.Length; i++)
        {
            int offset = BinaryPrimitives.ReadInt32LittleEndian(offsets[(i * RecordHeader.OffsetSize)..]);
            if (offset < end || offset > data.Length - ParcelObject.RecordSize)
                throw new ProtocolViolationException($"object {i} at offset {offset} of {data.Length} bytes of data");
            WireObject entry = WireObject.Read(data[offset..]);
            if (entry.Kind is < WireObjectKind.Null or > WireObjectKind.Ticket)
                throw new ProtocolViolationException($"object {i} of the unknown kind {(int)entry.Kind}");
            // Descriptors come in the order of their objects, each once: so none can be given out twice or be forgotten.
            if (entry.Kind == WireObjectKind.Descriptor && entry.Value != (ulong)descriptors++)
                throw new ProtocolViolationException($"object {i} is descriptor {entry.Value}; {descriptors - 1} was due");
            objects[i] = (offset, entry);
            end = offset + ParcelObject.RecordSize;
        }

        RequireDescriptors(descriptors, header.DescriptorCount);
        return objects;
    }

    /// <summary>The data of a record.</summary>
    internal static ReadOnlySpan<byte> Data(in RecordHeader header, ReadOnlySpan<byte> record) =>
        record.Slice(RecordHeader.Size + (RecordHeader.OffsetSize * header.ObjectCount), header.DataLength);

    private static void RequireDescriptors(int objects, int descriptors)
    {
        if (objects != descriptors)
            throw new ProtocolViolationException($"{descriptors} descriptors for {objects} objects");
    }
}
