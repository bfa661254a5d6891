using System.Buffers;
using System.Diagnostics;
using Lifeline.Linux;

namespace Lifeline.Ipc.Transport;

/// <summary>A pair of transports inside one process.</summary>
internal sealed class MemoryTransport : ITransport
{
    /// <summary>Bytes that wait in one direction before the sender sees Full: as much as fits five of the largest records.</summary>
    internal const int Capacity = 1 << 20;

    private readonly Lane _outgoing;
    private readonly Lane _incoming;
    private byte[]? _reserved;
    private int _reservedLength;

    private MemoryTransport(Lane outgoing, Lane incoming)
    {
        _outgoing = outgoing;
        _incoming = incoming;
    }

    /// <inheritdoc/>
    public Descriptor? Pollable => null;

    /// <inheritdoc/>
    public bool NeedsTurns => true;

    /// <inheritdoc/>
    public bool IsRoomPolled => false;

    /// <inheritdoc/>
    public CallerIdentity Identify() => CallerIdentity.Self;

    /// <summary>Makes two ends.</summary>
    /// <param name="first">The doorbell of the first one's owner.</param>
    /// <param name="second">The doorbell of the second one's owner.</param>
    internal static (MemoryTransport First, MemoryTransport Second) CreatePair(IDoorbell first, IDoorbell second)
    {
        var forth = new Lane(sender: first, receiver: second);
        var back = new Lane(sender: second, receiver: first);
        return (new MemoryTransport(forth, back), new MemoryTransport(back, forth));
    }

    /// <inheritdoc/>
    public SendStatus TryReserve(int length, int descriptors, out Span<byte> record)
    {
        record = default;
        ReturnReserved();
        SendStatus status = _outgoing.Room(length);
        if (status != SendStatus.Done)
            return status;
        _reserved = ArrayPool<byte>.Shared.Rent(length);
        _reservedLength = length;
        record = _reserved.AsSpan(0, length);
        return SendStatus.Done;
    }

    /// <inheritdoc/>
    public SendStatus Commit(ReadOnlySpan<Descriptor> descriptors)
    {
        byte[] reserved = _reserved ?? throw new UnreachableException("commit without reservation");
        Descriptor[] copies = Duplicate(descriptors);
        _reserved = null;
        SendStatus status = _outgoing.Add(new Record(reserved, _reservedLength, copies));
        if (status != SendStatus.Done)
            Drop(new Record(reserved, _reservedLength, copies));
        return status;
    }

    /// <inheritdoc/>
    public ReceiveStatus TryReceive(Span<byte> buffer, out int length, out Descriptor[] descriptors)
    {
        length = 0;
        descriptors = [];
        ReceiveStatus status = _incoming.Take(out Record record);
        if (status != ReceiveStatus.Record)
            return status;
        record.Bytes.AsSpan(0, record.Length).CopyTo(buffer);
        ArrayPool<byte>.Shared.Return(record.Bytes);
        length = record.Length;
        descriptors = record.Descriptors;
        return ReceiveStatus.Record;
    }

    /// <inheritdoc/>
    public void NotePollable()
    {
    }

    /// <inheritdoc/>
    public void Shutdown() => _outgoing.EndSending();

    /// <inheritdoc/>
    public void Dispose()
    {
        _outgoing.EndSending();
        _incoming.EndReceiving();
        ReturnReserved();
    }

    private static Descriptor[] Duplicate(ReadOnlySpan<Descriptor> descriptors)
    {
        if (descriptors.IsEmpty)
            return [];
        var copies = new Descriptor[descriptors.Length];
        int made = 0;
        try
        {
            for (; made < copies.Length; made++)
                copies[made] = descriptors[made].Duplicate();
        }
        catch (LinuxException e)
        {
            for (int i = 0; i < made; i++)
                copies[i].Dispose();
            throw new IpcException(IpcError.LimitReached, $"A descriptor could not be duplicated: {e.Message}", e);
        }

        return copies;
    }

    private static void Drop(Record record)
    {
        ArrayPool<byte>.Shared.Return(record.Bytes);
        foreach (Descriptor descriptor in record.Descriptors)
            descriptor.Dispose();
    }

    private void ReturnReserved()
    {
        if (_reserved is not null)
            ArrayPool<byte>.Shared.Return(_reserved);
        _reserved = null;
    }

    private readonly record struct Record(byte[] Bytes, int Length, Descriptor[] Descriptors);

    /// <summary>One direction.</summary>
    private sealed class Lane(IDoorbell sender, IDoorbell receiver)
    {
        private readonly Lock _gate = new();
        private readonly Queue<Record> _records = [];
        private int _bytes;
        private bool _senderWaits;
        private bool _sendingEnded;
        private bool _receivingEnded;

        internal SendStatus Room(int length)
        {
            lock (_gate)
            {
                if (_sendingEnded || _receivingEnded)
                    return SendStatus.Closed;
                if (_bytes == 0 || _bytes + length <= Capacity)
                    return SendStatus.Done;
                _senderWaits = true;
                return SendStatus.Full;
            }
        }

        internal SendStatus Add(Record record)
        {
            lock (_gate)
            {
                if (_sendingEnded || _receivingEnded)
                    return SendStatus.Closed;
                _records.Enqueue(record);
                _bytes += record.Length;
            }

            receiver.RingReadable();
            return SendStatus.Done;
        }

        internal ReceiveStatus Take(out Record record)
        {
            bool ring;
            lock (_gate)
            {
                if (!_records.TryDequeue(out record))
                    return _sendingEnded ? ReceiveStatus.Ended : ReceiveStatus.Empty;
                _bytes -= record.Length;
                ring = _senderWaits && _bytes <= Capacity / 2;
                _senderWaits &= !ring;
            }

            if (ring)
                sender.RingWritable();
            return ReceiveStatus.Record;
        }

        internal void EndSending()
        {
            lock (_gate)
            {
                if (_sendingEnded)
                    return;
                _sendingEnded = true;
            }

            receiver.RingReadable();
        }

        internal void EndReceiving()
        {
            Record[] dropped;
            lock (_gate)
            {
                if (_receivingEnded)
                    return;
                _receivingEnded = true;
                dropped = [.. _records];
                _records.Clear();
            }

            foreach (Record record in dropped)
                Drop(record);
            sender.RingWritable();
        }
    }
}
