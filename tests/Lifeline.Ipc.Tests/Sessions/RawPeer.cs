using System.Runtime.InteropServices;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Sessions;

/// <summary>A peer without a library: it sends what it is told to.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly byte[] _buffer = new byte[RecordHeader.MaxRecordSize + 1];

    private RawPeer(UnixSocket socket) => Socket = socket;

    internal UnixSocket Socket { get; }

    internal static RawPeer Connect(string path) => new(UnixSocket.Connect(path, UnixSocketType.SeqPacket));

    /// <summary>Connects and shakes hands as a good peer would.</summary>
    internal static RawPeer Open(string path, uint windowMessages = 100)
    {
        RawPeer peer = Connect(path);
        peer.Send(new RecordHeader { Kind = RecordKind.Hello }, HelloBytes(windowMessages: windowMessages));
        Assert.Equal(RecordKind.HelloAck, peer.Receive()!.Value.Header.Kind);
        return peer;
    }

    internal static byte[] HelloBytes(ushort min = Hello.Version, ushort max = Hello.Version, uint windowMessages = 100, uint windowBytes = 4 << 20)
    {
        byte[] bytes = new byte[Hello.Size];
        new Hello(min, max, 0, Guid.NewGuid(), windowMessages, windowBytes, false).Write(bytes);
        return bytes;
    }

    internal static byte[] Record(RecordHeader header, ReadOnlySpan<byte> data, params ReadOnlySpan<int> objects)
    {
        header.DataLength = data.Length;
        header.ObjectCount = (ushort)objects.Length;
        byte[] record = new byte[RecordHeader.Size + (sizeof(int) * objects.Length) + data.Length];
        header.Write(record);
        MemoryMarshal.AsBytes(objects).CopyTo(record.AsSpan(RecordHeader.Size));
        data.CopyTo(record.AsSpan(RecordHeader.Size + (sizeof(int) * objects.Length)));
        return record;
    }

    internal void Send(RecordHeader header, ReadOnlySpan<byte> data = default) => SendBytes(Record(header, data));

    internal void SendBytes(ReadOnlySpan<byte> bytes, params ReadOnlySpan<Descriptor> descriptors) => Socket.Send(bytes, descriptors);

    /// <summary>The next record; null for the end.</summary>
    internal (RecordHeader Header, byte[] Data)? Receive()
    {
        Span<PollItem> items = [new PollItem(Socket, PollEvents.In)];
        for (int ends = 0; ends < 3; ends++)
        {
            Assert.True(Poller.Poll(items, (int)Deadline.Limit.TotalMilliseconds) > 0, "nothing came");
            ReceivedMessage message = Socket.Receive(_buffer);
            if (message.EndOfStream)
                continue;
            ReadOnlySpan<byte> record = _buffer.AsSpan(0, message.Length);
            var header = RecordHeader.Read(record, message.Descriptors.Length);
            return (header, ObjectTable.Data(header, record).ToArray());
        }

        return null;
    }

    /// <summary>Reads until the end and gives the reason of the goodbye, if there was one.</summary>
    internal string? ReadToEnd()
    {
        string? reason = null;
        while (Receive() is { } record)
        {
            if (record.Header.Kind == RecordKind.Goodbye)
                reason = Goodbye.ReadText(record.Data);
        }

        return reason;
    }

    public void Dispose() => Socket.Dispose();
}
