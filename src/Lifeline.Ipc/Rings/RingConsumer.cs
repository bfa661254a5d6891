using Lifeline.Ipc.Protocol;

namespace Lifeline.Ipc.Rings;

/// <summary>What was found in a ring.</summary>
internal enum RingFind
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>A record; it was copied out.</summary>
    Record,

    /// <summary>The announcement of a record on the socket.</summary>
    Announcement,
}

/// <summary>
/// The receiving end of a ring. One thread at a time, but for <see cref="HasArrived"/>. Every word of the shared memory is read
/// once, checked, and used as it was checked; a record is copied before anything in it is believed.
/// </summary>
internal sealed unsafe partial class RingConsumer(RingLane lane)
{
    private ulong _head;
    private ulong _publishedHead;
    private ulong _seenTail;
    private bool _armed;

    /// <summary>As in <see cref="RingProducer"/>: nothing but in the test build.</summary>
    static partial void Stored(string what);

    /// <summary>Whether something has arrived. Any thread that keeps the memory in use.</summary>
    internal bool HasArrived => Volatile.Read(ref lane.Tail) != Volatile.Read(ref _head);

    /// <summary>Whether the sender waited for room and there is some: ring its doorbell.</summary>
    internal bool OwesBell { get; set; }

    /// <summary>Takes the next record.</summary>
    /// <param name="buffer">Where it is copied to.</param>
    /// <param name="length">Its length.</param>
    /// <exception cref="ProtocolViolationException">The peer wrote nonsense.</exception>
    internal RingFind TryTake(Span<byte> buffer, out int length)
    {
        while (true)
        {
            length = 0;
            if (_seenTail == _head && !RefreshTail())
                return RingFind.Nothing;
            int offset = (int)(_head & (ulong)(lane.Bytes - 1));
            ulong header = Volatile.Read(ref *(ulong*)(lane.Data + offset));
            uint low = (uint)header;
            var kind = (RingRecord)(header >> 32);
            ulong size = kind == RingRecord.OnSocket ? RingLane.RecordHeaderBytes : RingLane.RecordHeaderBytes + (((ulong)low + 7) & ~7UL);
            if (size > _seenTail - _head || size > (ulong)(lane.Bytes - offset))
                throw new ProtocolViolationException($"a record of {low} bytes at {offset} in a ring of {lane.Bytes} with {_seenTail - _head} bytes in it");
            switch (kind)
            {
                case RingRecord.Skip:
                    Advance(size);
                    break;
                case RingRecord.OnSocket or RingRecord.Here when low > RecordHeader.MaxRecordSize:
                    throw new ProtocolViolationException($"a record of {low} bytes; {RecordHeader.MaxRecordSize} are allowed");
                case RingRecord.OnSocket:
                    length = (int)low;
                    Advance(size);
                    return RingFind.Announcement;
                case RingRecord.Here:
                    length = (int)low;
                    new ReadOnlySpan<byte>(lane.Data + offset + RingLane.RecordHeaderBytes, length).CopyTo(buffer);
                    Advance(size);
                    return RingFind.Record;
                default:
                    throw new ProtocolViolationException($"something of the unknown kind {(uint)kind} in the ring");
            }
        }
    }

    /// <summary>Asks for the doorbell, if the ring is empty.</summary>
    /// <returns>False if there is something: nothing was asked for.</returns>
    internal bool TryArm()
    {
        PublishHead();
        _armed = true;
        Volatile.Write(ref lane.Sleeping, 1);
        Stored("asleep");
        // The flag is to be seen by a sender that publishes now, or its record is to be seen here.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref lane.Tail) == _head)
            return true;
        Disarm();
        return false;
    }

    /// <summary>The receiver looks by itself: no doorbell is needed.</summary>
    internal void Disarm()
    {
        if (!_armed)
            return;
        _armed = false;
        Volatile.Write(ref lane.Sleeping, 0);
    }

    private bool RefreshTail()
    {
        ulong tail = Volatile.Read(ref lane.Tail);
        if (tail == _head)
            return false;
        if (tail - _head > (ulong)lane.Bytes || (tail & 7) != 0)
            throw new ProtocolViolationException($"the ring's tail is {tail}; {_head} bytes were taken and {lane.Bytes} fit");
        _seenTail = tail;
        Disarm();
        return true;
    }

    private void Advance(ulong size)
    {
        Volatile.Write(ref _head, _head + size);
        if (_head - _publishedHead >= (ulong)(lane.Bytes / 8))
            PublishHead();
    }

    private void PublishHead()
    {
        if (_publishedHead != _head)
        {
            _publishedHead = _head;
            Volatile.Write(ref lane.Head, _head);
            Stored("head");
        }

        // The room is to be seen by a sender that begins to wait now, or its waiting is to be seen here.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref lane.Waiting) != 0
            && _seenTail - _head <= (ulong)(lane.Bytes / 2)
            && Interlocked.Exchange(ref lane.Waiting, 0) != 0)
            OwesBell = true;
    }
}
