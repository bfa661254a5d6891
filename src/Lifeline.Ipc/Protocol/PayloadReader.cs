using System.Buffers.Binary;
using System.Text;

namespace Lifeline.Ipc.Protocol;

/// <summary>Reads the data of a control record; whatever is missing is a violation.</summary>
internal ref struct PayloadReader(ReadOnlySpan<byte> source, string what)
{
    private readonly string _what = what;
    private ReadOnlySpan<byte> _rest = source;

    internal byte UInt8() => Take(1)[0];

    internal ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));

    internal uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    internal ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    internal Guid Guid() => new(Take(16));

    internal string Text(int maxBytes)
    {
        int length = UInt16();
        if (length > maxBytes)
            throw new ProtocolViolationException($"{_what} with a text of {length} bytes; {maxBytes} are allowed");
        return Encoding.UTF8.GetString(Take(length));
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_rest.Length < count)
            throw new ProtocolViolationException($"{_what} that is too short");
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
