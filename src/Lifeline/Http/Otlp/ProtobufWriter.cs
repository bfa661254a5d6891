using System.Buffers.Binary;
using System.Text;

namespace Lifeline.Http;

/// <summary>Writes protobuf messages: fields one after the other, messages within messages by <see cref="Begin"/> and <see cref="End"/>.</summary>
internal sealed class ProtobufWriter
{
    private const int Varint = 0, Fixed64 = 1, Delimited = 2;

    private byte[] _bytes = new byte[4096];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written; the writer begins anew.</summary>
    public byte[] Take()
    {
        var taken = _bytes.AsSpan(0, Length).ToArray();
        Length = 0;
        return taken;
    }

    /// <summary>Begins a message as a field of the present one.</summary>
    /// <returns>What <see cref="End"/> wants to know.</returns>
    public int Begin(int field)
    {
        WriteTag(field, Delimited);
        return Length;
    }

    /// <summary>Ends the message that was begun last and is still open.</summary>
    public void End(int begin)
    {
        // How long it is stands before it, and takes as many bytes as it needs: what was written makes room.
        var length = Length - begin;
        var prefix = SizeOf((ulong)length);
        Reserve(prefix);
        _bytes.AsSpan(begin, length).CopyTo(_bytes.AsSpan(begin + prefix));
        Length = begin;
        WriteVarint((ulong)length);
        Length += length;
    }

    public void WriteText(int field, string value)
    {
        var size = Encoding.UTF8.GetByteCount(value);
        WriteTag(field, Delimited);
        WriteVarint((ulong)size);
        Reserve(size);
        Encoding.UTF8.GetBytes(value, _bytes.AsSpan(Length));
        Length += size;
    }

    public void WriteVarint(int field, ulong value)
    {
        WriteTag(field, Varint);
        WriteVarint(value);
    }

    public void WriteFixed(int field, ulong value)
    {
        WriteTag(field, Fixed64);
        WriteRaw(value);
    }

    public void WriteFixed(int field, double value) => WriteFixed(field, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Numbers of 64 bits each as one field.</summary>
    public void WritePacked(int field, ReadOnlySpan<long> values)
    {
        WriteTag(field, Delimited);
        WriteVarint((ulong)values.Length * sizeof(long));
        foreach (var value in values)
            WriteRaw((ulong)value);
    }

    public void WritePacked(int field, ReadOnlySpan<double> values)
    {
        WriteTag(field, Delimited);
        WriteVarint((ulong)values.Length * sizeof(double));
        foreach (var value in values)
            WriteRaw(BitConverter.DoubleToUInt64Bits(value));
    }

    private static int SizeOf(ulong value)
    {
        var size = 1;
        while ((value >>= 7) != 0)
            size++;
        return size;
    }

    private void WriteTag(int field, int type) => WriteVarint(((ulong)field << 3) | (uint)type);

    private void WriteVarint(ulong value)
    {
        Reserve(SizeOf(value));
        for (; value > 0x7F; value >>= 7)
            _bytes[Length++] = (byte)(value | 0x80);
        _bytes[Length++] = (byte)value;
    }

    private void WriteRaw(ulong value)
    {
        Reserve(sizeof(ulong));
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(Length), value);
        Length += sizeof(ulong);
    }

    private void Reserve(int more)
    {
        if (_bytes.Length - Length < more)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + more));
    }
}
