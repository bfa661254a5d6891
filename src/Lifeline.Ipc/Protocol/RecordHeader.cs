using System.Buffers.Binary;

namespace Lifeline.Ipc.Protocol;

/// <summary>The fixed beginning of every record: 56 bytes, little-endian, the same in all versions of the protocol.</summary>
internal struct RecordHeader
{
    /// <summary>Bytes of the header.</summary>
    internal const int Size = 56;

    /// <summary>Bytes that each entry of the object table takes: an offset into the data.</summary>
    internal const int OffsetSize = 4;

    /// <summary>The largest record: header, full object table, full data. It fits into one message at the kernel's default buffer size (212 960).</summary>
    internal const int MaxRecordSize = Size + (OffsetSize * Parcel.MaxObjects) + Parcel.MaxDataSize;

    /// <summary>"LIPC".</summary>
    internal const uint Magic = 0x4350_494C;

    internal RecordKind Kind;
    internal ushort ObjectCount;
    internal ushort DescriptorCount;
    internal int DataLength;
    internal ulong Id;
    internal ulong Target;
    internal ulong Chain;
    internal uint Code;
    internal int Status;

    internal readonly int RecordLength => Size + (OffsetSize * ObjectCount) + DataLength;

    /// <summary>Reads a header and checks it against the record it came with.</summary>
    /// <exception cref="ProtocolViolationException">It is none, or contradicts the record.</exception>
    internal static RecordHeader Read(ReadOnlySpan<byte> record, int descriptors)
    {
        if (record.Length < Size)
            throw new ProtocolViolationException($"a record of {record.Length} bytes; the header alone has {Size}");
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(record);
        if (magic != Magic)
            throw new ProtocolViolationException($"a record that begins with 0x{magic:X8} instead of 0x{Magic:X8}: no Lifeline IPC");
        var header = new RecordHeader
        {
            Kind = (RecordKind)record[4],
            ObjectCount = BinaryPrimitives.ReadUInt16LittleEndian(record[6..]),
            DataLength = BinaryPrimitives.ReadInt32LittleEndian(record[12..]),
            Id = BinaryPrimitives.ReadUInt64LittleEndian(record[16..]),
            Target = BinaryPrimitives.ReadUInt64LittleEndian(record[24..]),
            Chain = BinaryPrimitives.ReadUInt64LittleEndian(record[32..]),
            Code = BinaryPrimitives.ReadUInt32LittleEndian(record[40..]),
            Status = BinaryPrimitives.ReadInt32LittleEndian(record[44..]),
            DescriptorCount = BinaryPrimitives.ReadUInt16LittleEndian(record[48..]),
        };
        header.Check(BinaryPrimitives.ReadUInt32LittleEndian(record[8..]), record.Length, descriptors);
        return header;
    }

    /// <summary>Reads the header of a record without objects.</summary>
    /// <param name="bytes">The header's bytes, private already.</param>
    /// <param name="recordLength">The length of the record it came with.</param>
    /// <param name="header">What it says.</param>
    /// <returns>False if it is anything else: <see cref="Read"/> says what.</returns>
    internal static bool TryReadPlain(ReadOnlySpan<byte> bytes, int recordLength, out RecordHeader header)
    {
        header = default;
        ReadOnlySpan<byte> fixedBytes = bytes[..Size];
        if (BinaryPrimitives.ReadUInt32LittleEndian(fixedBytes) != Magic
            || BinaryPrimitives.ReadUInt16LittleEndian(fixedBytes[6..]) != 0
            || BinaryPrimitives.ReadUInt16LittleEndian(fixedBytes[48..]) != 0
            || BinaryPrimitives.ReadInt32LittleEndian(fixedBytes[8..]) != recordLength)
            return false;
        header.Kind = (RecordKind)fixedBytes[4];
        header.DataLength = BinaryPrimitives.ReadInt32LittleEndian(fixedBytes[12..]);
        if (header.DataLength is < 0 or > Parcel.MaxDataSize || header.RecordLength != recordLength)
            return false;
        header.Id = BinaryPrimitives.ReadUInt64LittleEndian(fixedBytes[16..]);
        header.Target = BinaryPrimitives.ReadUInt64LittleEndian(fixedBytes[24..]);
        header.Chain = BinaryPrimitives.ReadUInt64LittleEndian(fixedBytes[32..]);
        header.Code = BinaryPrimitives.ReadUInt32LittleEndian(fixedBytes[40..]);
        header.Status = BinaryPrimitives.ReadInt32LittleEndian(fixedBytes[44..]);
        return true;
    }

    /// <summary>Writes the header to the beginning of <paramref name="record"/>.</summary>
    internal readonly void Write(Span<byte> record)
    {
        record[..Size].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(record, Magic);
        record[4] = (byte)Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(record[6..], ObjectCount);
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], RecordLength);
        BinaryPrimitives.WriteInt32LittleEndian(record[12..], DataLength);
        BinaryPrimitives.WriteUInt64LittleEndian(record[16..], Id);
        BinaryPrimitives.WriteUInt64LittleEndian(record[24..], Target);
        BinaryPrimitives.WriteUInt64LittleEndian(record[32..], Chain);
        BinaryPrimitives.WriteUInt32LittleEndian(record[40..], Code);
        BinaryPrimitives.WriteInt32LittleEndian(record[44..], Status);
        BinaryPrimitives.WriteUInt16LittleEndian(record[48..], DescriptorCount);
    }

    private readonly void Check(uint announced, int received, int descriptors)
    {
        if (announced != received)
            throw new ProtocolViolationException($"a record of {received} bytes that announces {announced}");
        if (DataLength is < 0 or > Parcel.MaxDataSize)
            throw new ProtocolViolationException($"{DataLength} bytes of data; {Parcel.MaxDataSize} are allowed");
        if (ObjectCount > Parcel.MaxObjects)
            throw new ProtocolViolationException($"{ObjectCount} objects; {Parcel.MaxObjects} are allowed");
        if (RecordLength != received)
            throw new ProtocolViolationException($"a record of {received} bytes whose parts take {RecordLength}");
        if (DescriptorCount != descriptors)
            throw new ProtocolViolationException($"a record that announces {DescriptorCount} descriptors and came with {descriptors}");
        // A hello and its answer may bring descriptors, for what their features say.
        bool isFree = Kind is RecordKind.Hello or RecordKind.HelloAck && ObjectCount == 0 && DescriptorCount <= Hello.MaxDescriptors;
        if (!isFree && Kind is not (RecordKind.Call or RecordKind.OneWay or RecordKind.Reply) && (ObjectCount | DescriptorCount) != 0)
            throw new ProtocolViolationException($"a record of kind {(byte)Kind} with objects");
    }
}
