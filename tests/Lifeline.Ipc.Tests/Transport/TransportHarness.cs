using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Ipc.Transport;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Transport;

/// <summary>One end of a transport with what tells its readiness.</summary>
internal sealed class TransportEnd : IDoorbell, IDisposable
{
    private readonly SemaphoreSlim _readable = new(0);
    private readonly SemaphoreSlim _writable = new(0);
    private readonly byte[] _buffer = new byte[RecordHeader.MaxRecordSize + 1];

    internal ITransport Transport { get; set; } = null!;

    internal static (TransportEnd Left, TransportEnd Right) CreatePair(TransportKind kind)
    {
        var (left, right) = (new TransportEnd(), new TransportEnd());
        if (kind == TransportKind.Memory)
        {
            (left.Transport, right.Transport) = MemoryTransport.CreatePair(left, right);
        }
        else
        {
            (UnixSocket first, UnixSocket second) = UnixSocket.Pair(UnixSocketType.SeqPacket);
            (left.Transport, right.Transport) = (new SocketTransport(first), new SocketTransport(second));
        }

        return (left, right);
    }

    public void RingReadable() => _readable.Release();

    public void RingWritable() => _writable.Release();

    public void Dispose() => Transport.Dispose();

    internal SendStatus TrySend(ReadOnlySpan<byte> record, params ReadOnlySpan<Descriptor> descriptors)
    {
        SendStatus status = Transport.TryReserve(record.Length, out Span<byte> place);
        if (status != SendStatus.Done)
            return status;
        record.CopyTo(place);
        return Transport.Commit(descriptors);
    }

    /// <summary>Waits for the next record; null for the end.</summary>
    internal (byte[] Record, Descriptor[] Descriptors)? Receive()
    {
        while (true)
        {
            switch (Transport.TryReceive(_buffer, out int length, out Descriptor[] descriptors))
            {
                case ReceiveStatus.Record:
                    return (_buffer[..length], descriptors);
                case ReceiveStatus.Ended:
                    return null;
                default:
                    Wait(_readable, PollEvents.In);
                    break;
            }
        }
    }

    internal ReceiveStatus TryReceive() => Transport.TryReceive(_buffer, out _, out _);

    internal void WaitWritable() => Wait(_writable, PollEvents.Out);

    private void Wait(SemaphoreSlim bell, PollEvents events)
    {
        if (Transport.Pollable is not { } pollable)
        {
            Assert.True(bell.Wait(Deadline.Limit), "the doorbell was not rung");
            return;
        }

        Span<PollItem> items = [new PollItem(pollable, events)];
        Assert.True(Poller.Poll(items, (int)Deadline.Limit.TotalMilliseconds) > 0, "the descriptor did not become ready");
    }
}
