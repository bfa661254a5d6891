using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;
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

    /// <summary>The rings, if there are some.</summary>
    internal RingMemory Memory { get; private set; } = null!;

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
            if (kind == TransportKind.Ring)
                Share(left, right, 256 << 10);
        }

        return (left, right);
    }

    /// <summary>Two ends over rings of the given size.</summary>
    internal static (TransportEnd Left, TransportEnd Right) CreateRings(int bytes)
    {
        (TransportEnd left, TransportEnd right) = CreatePair(TransportKind.Socket);
        Share(left, right, bytes);
        return (left, right);
    }

    public void RingReadable() => _readable.Release();

    public void RingWritable() => _writable.Release();

    public void Dispose() => Transport.Dispose();

    internal SendStatus TrySend(ReadOnlySpan<byte> record, params ReadOnlySpan<Descriptor> descriptors)
    {
        SendStatus status = Transport.TryReserve(record.Length, descriptors.Length, out Span<byte> place);
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

    internal void WaitWritable()
    {
        if (Transport.IsRoomPolled || Transport.Pollable is null)
        {
            Wait(_writable, PollEvents.Out);
            return;
        }

        // The doorbell comes with the socket's messages: somebody must look at them.
        while (!_writable.Wait(0))
        {
            Wait(_readable, PollEvents.In);
            Assert.NotEqual(ReceiveStatus.Record, TryReceive());
        }
    }

    private static void Share(TransportEnd left, TransportEnd right, int bytes)
    {
        RingMemory mine = RingMemory.TryCreate(bytes, out MemoryFile? file, out string? why) ?? throw new InvalidOperationException(why);
        using (file)
        {
            RingMemory theirs = RingMemory.TryOpen(file!, (uint)bytes, out why) ?? throw new InvalidOperationException(why);
            (left.Memory, right.Memory) = (mine, theirs);
        }

        (left.Transport, right.Transport) = (new RingTransport((SocketTransport)left.Transport), new RingTransport((SocketTransport)right.Transport));
        ((RingTransport)left.Transport).Switch(left.Memory, isCreator: true, afterNext: false, left);
        ((RingTransport)right.Transport).Switch(right.Memory, isCreator: false, afterNext: false, right);
    }

    private void Wait(SemaphoreSlim bell, PollEvents events)
    {
        if (Transport.Pollable is not { } pollable)
        {
            Assert.True(bell.Wait(Deadline.Limit), "the doorbell was not rung");
            return;
        }

        Span<PollItem> items = [new PollItem(pollable, events)];
        Assert.True(Poller.Poll(items, (int)Deadline.Limit.TotalMilliseconds) > 0, "the descriptor did not become ready");
        Transport.NotePollable();
    }
}
