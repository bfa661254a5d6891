using System.Buffers.Binary;
using System.Text;

namespace Lifeline.Ipc.Protocol;

/// <summary>Writes the data of a control record.</summary>
internal ref struct PayloadWriter(Span<byte> target)
{
    private readonly Span<byte> _target = target;

    internal int Length { get; private set; }

    internal void UInt8(byte value) => _target[Length++] = value;

    internal void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_target[Length..], value);
        Length += sizeof(ushort);
    }

    internal void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_target[Length..], value);
        Length += sizeof(uint);
    }

    internal void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_target[Length..], value);
        Length += sizeof(ulong);
    }

    internal void Guid(Guid value)
    {
        value.TryWriteBytes(_target[Length..]);
        Length += 16;
    }

    internal void Text(string value)
    {
        int bytes = Encoding.UTF8.GetBytes(value, _target[(Length + sizeof(ushort))..]);
        UInt16((ushort)bytes);
        Length += bytes;
    }
}
