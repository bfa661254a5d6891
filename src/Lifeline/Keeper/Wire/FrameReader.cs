using System.Buffers.Binary;
using System.Text;

namespace Lifeline.Keeper;

/// <summary>
/// Reads one message. Every length is checked before it is used; what stands behind the known fields was written by a
/// newer peer and is not looked at.
/// </summary>
internal ref struct FrameReader
{
    private readonly ReadOnlySpan<byte> data;
    private int position;

    /// <exception cref="KeeperProtocolException">The message is shorter than a header.</exception>
    public FrameReader(ReadOnlySpan<byte> data)
    {
        this.data = data;
        if (data.Length < KeeperProtocol.HeaderSize)
            throw new KeeperProtocolException($"a message of {data.Length} bytes is shorter than its header ({KeeperProtocol.HeaderSize} bytes)");

        Kind = (KeeperMessageKind)BinaryPrimitives.ReadUInt16LittleEndian(data);
        Flags = (FrameFlags)BinaryPrimitives.ReadUInt16LittleEndian(data[2..]);
        RequestId = BinaryPrimitives.ReadInt64LittleEndian(data[8..]);
        position = KeeperProtocol.HeaderSize;
    }

    public KeeperMessageKind Kind { get; }

    public FrameFlags Flags { get; }

    public long RequestId { get; }

    /// <summary>Something follows: a field that older peers do not send, for example.</summary>
    public bool HasMore => position < data.Length;

    public byte Byte() => Take(1)[0];

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public ReadOnlySpan<byte> Utf8() => Take(Int32());

    /// <summary>A text that older peers do not send, or that is empty: null.</summary>
    public string? OptionalText() => position < data.Length && Text() is { Length: > 0 } text ? text : null;

    public string Text() => Encoding.UTF8.GetString(Utf8());

    /// <summary>A name, decoded into the caller's buffer of <see cref="KeeperProtocol.MaxNameBytes"/> characters.</summary>
    /// <exception cref="KeeperProtocolException">The name is empty or too long.</exception>
    public ReadOnlySpan<char> Name(Span<char> buffer)
    {
        ReadOnlySpan<byte> utf8 = Utf8();
        if (utf8.Length is 0 or > KeeperProtocol.MaxNameBytes)
            throw new KeeperProtocolException($"message {Kind}: a name of {utf8.Length} bytes; 1 to {KeeperProtocol.MaxNameBytes} are allowed");

        return buffer[..Encoding.UTF8.GetChars(utf8, buffer)];
    }

    /// <summary>A number of things, at most <paramref name="limit"/>.</summary>
    /// <exception cref="KeeperProtocolException">It is negative or above the limit.</exception>
    public int Count(int limit)
    {
        int count = Int32();
        if (count < 0 || count > limit)
            throw new KeeperProtocolException($"message {Kind}: a count of {count}; 0 to {limit} is allowed");

        return count;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length < 0 || length > data.Length - position)
            throw new KeeperProtocolException($"message {Kind} of {data.Length} bytes ends early: {length} bytes wanted at {position}");

        ReadOnlySpan<byte> taken = data.Slice(position, length);
        position += length;
        return taken;
    }
}
