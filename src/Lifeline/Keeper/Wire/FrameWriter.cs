using System.Buffers.Binary;
using System.Text;

namespace Lifeline.Keeper;

/// <summary>Writes one message into a caller's buffer: little endian, strings as a 4-byte length and UTF-8. Allocates nothing.</summary>
internal ref struct FrameWriter
{
    private readonly Span<byte> buffer;
    private readonly KeeperMessageKind kind;
    private int position;

    /// <exception cref="KeeperProtocolException">The buffer is smaller than a header.</exception>
    public FrameWriter(Span<byte> buffer, KeeperMessageKind kind, long requestId = 0, FrameFlags flags = FrameFlags.None)
    {
        this.buffer = buffer;
        this.kind = kind;
        BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), (ushort)kind);
        BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), (ushort)flags);
        Int32(0);
        Int64(requestId);
    }

    /// <summary>The message so far.</summary>
    public readonly ReadOnlySpan<byte> Written => buffer[..position];

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void Int32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);

    public void Text(scoped ReadOnlySpan<char> value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Int32(length);
        Encoding.UTF8.GetBytes(value, Reserve(length));
    }

    /// <summary>A text that is cut to <see cref="KeeperProtocol.MaxTextBytes"/> instead of refused: a failure must always get through.</summary>
    public void CutText(scoped ReadOnlySpan<char> value)
    {
        if (value.Length > KeeperProtocol.MaxTextBytes / 3) value = value[..(KeeperProtocol.MaxTextBytes / 3)];
        Text(value);
    }

    /// <exception cref="KeeperProtocolException">The name is empty or longer than <see cref="KeeperProtocol.MaxNameBytes"/>.</exception>
    public void Name(scoped ReadOnlySpan<char> value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        if (length is 0 or > KeeperProtocol.MaxNameBytes)
        {
            throw new KeeperProtocolException(
                $"a name of {length} bytes ('{value}') cannot be held by the keeper: 1 to {KeeperProtocol.MaxNameBytes} bytes are allowed");
        }

        Text(value);
    }

    private Span<byte> Reserve(int length)
    {
        if (length > buffer.Length - position)
        {
            throw new KeeperProtocolException(
                $"a message {kind} to or from the keeper would be larger than {buffer.Length} bytes (at most {KeeperProtocol.MaxMessage}): " +
                "shorten the arguments or the environment");
        }

        Span<byte> reserved = buffer.Slice(position, length);
        position += length;
        return reserved;
    }
}
