namespace Lifeline.Ipc.Protocol;

/// <summary>What each side says of itself in the handshake. Later versions may append fields; older ones ignore them.</summary>
/// <param name="MinVersion">The oldest version that it speaks; in the answer: the chosen one.</param>
/// <param name="MaxVersion">The newest version that it speaks; in the answer: the chosen one.</param>
/// <param name="Features">What it can do beyond the version: <see cref="RingsFeature"/>, <see cref="LifeFeature"/>, <see cref="LookFeature"/>, <see cref="StubsFeature"/>.</param>
/// <param name="Endpoint">A random number of the endpoint.</param>
/// <param name="WindowMessages">How many requests it takes before it gives credit.</param>
/// <param name="WindowBytes">How many bytes of requests it takes before it gives credit.</param>
/// <param name="HasRoot">Whether handle 1 is a stub.</param>
/// <param name="RingBytes">With <see cref="RingsFeature"/>: the bytes of each ring in the memory that comes along, or was taken.</param>
/// <param name="LifeWord">With <see cref="LifeFeature"/>: the word for the receiver in the page that comes along.</param>
/// <param name="Number">With <see cref="LookFeature"/>: the number of this session in the endpoint.</param>
/// <param name="MaxStubs">With <see cref="StubsFeature"/>: how many stubs of the receiver the sender holds at most, the root not counted.</param>
internal readonly record struct Hello(
    ushort MinVersion, ushort MaxVersion, uint Features, Guid Endpoint, uint WindowMessages, uint WindowBytes, bool HasRoot, uint RingBytes = 0, byte LifeWord = 0, ulong Number = 0, uint MaxStubs = uint.MaxValue)
{
    /// <summary>The version of the protocol that this code speaks.</summary>
    internal const ushort Version = 1;

    /// <summary>Bytes that it takes at most.</summary>
    internal const int Size = 50;

    /// <summary>Records are to go through rings in shared memory.</summary>
    internal const uint RingsFeature = 1;

    /// <summary>A page comes along that tells of the sender's death.</summary>
    internal const uint LifeFeature = 2;

    /// <summary>Doorbells may come through another session between the same endpoints.</summary>
    internal const uint LookFeature = 4;

    /// <summary>The sender says how many stubs it holds: who gives it one more is told so at once, instead of losing the session.</summary>
    internal const uint StubsFeature = 8;

    /// <summary>Descriptors that a hello or its answer may bring, one for each feature that has one.</summary>
    internal const int MaxDescriptors = 3;

    internal bool HasLife => (Features & LifeFeature) != 0;

    internal bool HasLook => (Features & LookFeature) != 0;

    internal bool HasStubs => (Features & StubsFeature) != 0;

    internal bool HasRings => (Features & RingsFeature) != 0;

    internal int Write(Span<byte> target)
    {
        var writer = new PayloadWriter(target);
        writer.UInt16(MinVersion);
        writer.UInt16(MaxVersion);
        writer.UInt32(Features);
        writer.Guid(Endpoint);
        writer.UInt32(WindowMessages);
        writer.UInt32(WindowBytes);
        writer.UInt8(HasRoot ? (byte)1 : (byte)0);
        if (HasRings)
            writer.UInt32(RingBytes);
        if (HasLife)
            writer.UInt8(LifeWord);
        if (HasLook)
            writer.UInt64(Number);
        if (HasStubs)
            writer.UInt32(MaxStubs);
        return writer.Length;
    }

    internal static Hello Read(ReadOnlySpan<byte> source)
    {
        var reader = new PayloadReader(source, "a hello");
        var hello = new Hello(reader.UInt16(), reader.UInt16(), reader.UInt32(), reader.Guid(), reader.UInt32(), reader.UInt32(), reader.UInt8() != 0);
        if (hello.HasRings)
            hello = hello with { RingBytes = reader.UInt32() };
        if (hello.HasLife)
            hello = hello with { LifeWord = reader.UInt8() };
        if (hello.HasLook)
            hello = hello with { Number = reader.UInt64() };
        if (hello.HasStubs)
            hello = hello with { MaxStubs = reader.UInt32() };
        if (hello.MinVersion > hello.MaxVersion)
            throw new ProtocolViolationException($"a hello for versions {hello.MinVersion} to {hello.MaxVersion}");
        if (hello.WindowMessages == 0 || hello.WindowBytes < RecordHeader.MaxRecordSize || (hello.WindowMessages | hello.WindowBytes) > int.MaxValue)
            throw new ProtocolViolationException($"a hello with a window of {hello.WindowMessages} messages and {hello.WindowBytes} bytes; one record must fit");
        return hello;
    }
}
