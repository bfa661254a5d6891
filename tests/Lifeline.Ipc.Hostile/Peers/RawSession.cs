using System.Buffers.Binary;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;
using Lifeline.Linux;

namespace Lifeline.Ipc.Hostile.Peers;

/// <summary>A session by hand: it shakes hands as it should, and then sends what it is told to.</summary>
internal sealed unsafe class RawSession : IDisposable
{
    internal const int RingBytes = 64 << 10;
    private const int HandshakeMilliseconds = 10_000;

    private readonly byte[] _buffer = new byte[RecordHeader.MaxRecordSize + 1];
    private readonly RingMemory? _memory;
    private readonly RingProducer? _producer;
    private readonly MemoryMapping? _life;

    private RawSession(UnixSocket socket, RingMemory? memory, bool isCreator, MemoryMapping? life = null)
    {
        Socket = socket;
        _life = life;
        _memory = memory;
        if (memory is null)
            return;
        Sending = memory.Lane(isCreator);
        Receiving = memory.Lane(!isCreator);
        _producer = new RingProducer(Sending);
    }

    internal UnixSocket Socket { get; }

    /// <summary>The words that tell of this process's death, if it gave any away.</summary>
    internal Span<uint> LifeWords => _life is null ? default : System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(_life.Span);

    internal bool HasRings => _memory is not null;

    /// <summary>The direction in which this side sends; only with rings.</summary>
    internal RingLane Sending { get; }

    /// <summary>The direction in which the victim sends.</summary>
    internal RingLane Receiving { get; }

    /// <summary>The page of indexes; the rings follow it.</summary>
    internal byte* Page => Sending.Data < Receiving.Data ? Sending.Data - RingMemory.HeaderBytes : Receiving.Data - RingMemory.HeaderBytes;

    /// <summary>Connects and shakes hands. Null if the victim has no room for it now.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="rings">Whether to offer rings.</param>
    /// <param name="life">Whether to give a page away that tells of this process's death.</param>
    internal static RawSession? TryConnect(string path, bool rings, bool life = false)
    {
        UnixSocket socket = UnixSocket.Connect(path, UnixSocketType.SeqPacket);
        RingMemory? memory = null;
        MemoryMapping? words = null;
        try
        {
            MemoryFile? ringFile = null;
            MemoryFile? lifeFile = null;
            if (rings)
                memory = RingMemory.TryCreate(RingBytes, out ringFile, out _);
            if (life)
                (lifeFile, words) = MakeLife();
            using (ringFile)
            using (lifeFile)
            {
                Descriptor[] attached = [.. new Descriptor?[] { ringFile, lifeFile }.OfType<Descriptor>()];
                uint features = (ringFile is null ? 0 : Hello.RingsFeature) | (lifeFile is null ? 0 : Hello.LifeFeature);
                socket.Send(HelloRecord(RecordKind.Hello, features, attached.Length), attached);
            }

            if (TryReceiveHello(socket) is { } answer)
            {
                if (answer.HasRings)
                    return new RawSession(socket, memory, isCreator: true, words);
                memory?.Release();
                return new RawSession(socket, null, isCreator: true, words);
            }
        }
        catch (LinuxException)
        {
            // The victim does not want it.
        }

        socket.Dispose();
        memory?.Release();
        words?.Dispose();
        return null;
    }

    /// <summary>Answers one who connected.</summary>
    internal static RawSession? TryAccept(UnixSocket socket)
    {
        try
        {
            byte[] buffer = new byte[RecordHeader.MaxRecordSize + 1];
            if (!Poller.IsReady(socket, PollEvents.In, HandshakeMilliseconds))
                return null;
            ReceivedMessage message = socket.Receive(buffer);
            if (message.Length < RecordHeader.Size)
                return null;
            var header = RecordHeader.Read(buffer.AsSpan(0, message.Length), message.Descriptors.Length);
            var hello = Hello.Read(ObjectTable.Data(header, buffer.AsSpan(0, message.Length)));
            RingMemory? memory = message.Descriptors.Length >= 1 && hello.HasRings ? RingMemory.TryOpen(message.Descriptors[0], hello.RingBytes, out _) : null;
            foreach (Descriptor descriptor in message.Descriptors)
                descriptor.Dispose();
            socket.Send(HelloRecord(RecordKind.HelloAck, memory is null ? 0 : Hello.RingsFeature, 0, hello.RingBytes), []);
            return new RawSession(socket, memory, isCreator: false);
        }
        catch (Exception e) when (e is LinuxException or ProtocolViolationException)
        {
            return null;
        }
    }

    internal static byte[] Record(RecordHeader header, ReadOnlySpan<byte> data, params ReadOnlySpan<int> offsets)
    {
        header.DataLength = data.Length;
        header.ObjectCount = (ushort)offsets.Length;
        byte[] record = new byte[header.RecordLength];
        header.Write(record);
        for (int i = 0; i < offsets.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(RecordHeader.Size + (i * RecordHeader.OffsetSize)), offsets[i]);
        data.CopyTo(record.AsSpan(record.Length - data.Length));
        return record;
    }

    /// <summary>Sends a record through the ring where it fits, and through the socket otherwise.</summary>
    /// <returns>False if there was no room, or nobody any more.</returns>
    internal bool TrySend(ReadOnlySpan<byte> record, params ReadOnlySpan<Descriptor> descriptors)
    {
        try
        {
            if (_producer is null)
                return Socket.TrySend(record, descriptors, wait: false, out _) == Errno.None;
            if (descriptors.Length == 0 && record.Length <= _producer.MaxRecord)
            {
                if (!_producer.TryReserve(record.Length, out Span<byte> place))
                    return false;
                record.CopyTo(place);
                return _producer.Publish(record.Length, RingRecord.Here) == RingSleep.Awake || Bell();
            }

            if (!_producer.TryReserve(0, out _) || Socket.TrySend(record, descriptors, wait: false, out _) != Errno.None)
                return false;
            return _producer.Publish(record.Length, RingRecord.OnSocket) == RingSleep.Awake || Bell();
        }
        catch (ProtocolViolationException)
        {
            // This peer wrote over its own index before.
            return false;
        }
    }

    internal bool Bell() => Socket.TrySend([0], [], wait: false, out _) is Errno.None or Errno.EAGAIN;

    /// <summary>Whether the victim has closed the session; whatever it sent on the socket is thrown away.</summary>
    internal bool IsOver(int milliseconds = 0)
    {
        for (int ends = 0; ends < 3;)
        {
            if (!Poller.IsReady(Socket, PollEvents.In, milliseconds))
                return false;
            try
            {
                ReceivedMessage message = Socket.Receive(_buffer, wait: false);
                foreach (Descriptor descriptor in message.Descriptors)
                    descriptor.Dispose();
                if (message.WouldBlock)
                    return false;
                if (message.EndOfStream)
                    ends++;
            }
            catch (LinuxException)
            {
                return true;
            }
        }

        return true;
    }

    public void Dispose()
    {
        Socket.Dispose();
        _memory?.Release();
        _life?.Dispose();
    }

    private static byte[] HelloRecord(RecordKind kind, uint features, int descriptors, uint ringBytes = RingBytes)
    {
        byte[] hello = new byte[Hello.Size];
        int length = new Hello(Hello.Version, Hello.Version, features, Guid.NewGuid(), 1000, 4 << 20, kind == RecordKind.HelloAck, ringBytes).Write(hello);
        return Record(new RecordHeader { Kind = kind, DescriptorCount = (ushort)descriptors }, hello.AsSpan(0, length));
    }

    /// <summary>A page as peers want it, whose words nobody holds but this process says so.</summary>
    private static (MemoryFile File, MemoryMapping Words) MakeLife()
    {
        MemoryFile file = MemoryFile.Create("lifeline-life", 4096);
        MemoryMapping words = file.Map(0, 4096, writable: true);
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(words.Span).Fill(Futex.HasWaiters | 1);
        file.Seal(MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.FutureWrite);
        return (file, words);
    }

    private static Hello? TryReceiveHello(UnixSocket socket)
    {
        byte[] buffer = new byte[RecordHeader.MaxRecordSize + 1];
        if (!Poller.IsReady(socket, PollEvents.In, HandshakeMilliseconds))
            return null;
        ReceivedMessage message = socket.Receive(buffer);
        if (message.Length < RecordHeader.Size)
            return null;
        foreach (Descriptor descriptor in message.Descriptors)
            descriptor.Dispose();
        var header = RecordHeader.Read(buffer.AsSpan(0, message.Length), message.Descriptors.Length);
        return header.Kind == RecordKind.HelloAck ? Hello.Read(ObjectTable.Data(header, buffer.AsSpan(0, message.Length))) : null;
    }
}
