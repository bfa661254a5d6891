using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Protocol;
using Lifeline.Linux;

namespace Lifeline.Ipc.Rings;

/// <summary>What was found in a ring.</summary>
internal enum RingFind
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>A record.</summary>
    Record,

    /// <summary>The announcement of a record on the socket.</summary>
    Announcement,

    /// <summary>The doorbell of another session.</summary>
    Look,
}

/// <summary>
/// The receiving end of a ring. One thread at a time, but for <see cref="HasArrived"/>. Every word of the shared memory is read
/// once, checked, and used as it was checked; a record is copied before anything in it is believed.
/// </summary>
internal sealed unsafe partial class RingConsumer(RingLane lane)
{
    private const int TakesToFence = 1024;

    private ulong _head;
    private ulong _publishedHead;
    private ulong _seenTail;
    private ulong _found;
    private int _taken;
    private int _processor;
    private bool _offersFence;
    private bool _armed;

    /// <summary>As in <see cref="RingProducer"/>: nothing but in the test build.</summary>
    static partial void Stored(string what);

    /// <summary>Whether something has arrived. Any thread that keeps the memory in use.</summary>
    internal bool HasArrived
    {
        get
        {
            ulong head = Volatile.Read(ref _head);
            if (Volatile.Read(ref lane.Tail) == head)
                return false;
            Fetch(head);
            return true;
        }
    }

    /// <summary>The same for several looks in a row, or until something has.</summary>
    internal bool HasArrivedWithin(int looks)
    {
        for (; looks > 0; looks--)
        {
            if (HasArrived)
                return true;
            SpinBudget.Pause();
        }

        return false;
    }

    /// <summary>The session whose doorbell was taken last.</summary>
    internal ulong LookAt { get; private set; }

    /// <summary>Whether the sender waited for room and there is some: ring its doorbell.</summary>
    internal bool OwesBell { get; set; }

    /// <summary>Takes the next record.</summary>
    /// <param name="buffer">Where it is copied to.</param>
    /// <param name="length">Its length.</param>
    /// <exception cref="ProtocolViolationException">The peer wrote nonsense.</exception>
    internal RingFind TryTake(Span<byte> buffer, out int length)
    {
        RingFind find = Peek(out ReadOnlySpan<byte> record, out RingRecord form, out length);
        if (find == RingFind.Nothing)
            return find;
        if (find == RingFind.Look)
            LookAt = BinaryPrimitives.ReadUInt64LittleEndian(record);
        if (ShortRecord.IsShort(form))
        {
            ShortRecord.Read(form, record, out RecordHeader header);
            header.Write(buffer);
            length = header.RecordLength;
            buffer = buffer[RecordHeader.Size..];
            record = record[ShortRecord.Prefix(form)..];
        }

        record.CopyTo(buffer);
        Advance();
        return find;
    }

    /// <summary>Finds the next record and leaves it where it is, until <see cref="Advance()"/>.</summary>
    /// <param name="record">Where it is: the peer may change it at any moment. Empty for an announcement.</param>
    /// <param name="kind">Its form.</param>
    /// <param name="length">Its length, also that of an announced one.</param>
    /// <exception cref="ProtocolViolationException">The peer wrote nonsense.</exception>
    internal RingFind Peek(out ReadOnlySpan<byte> record, out RingRecord kind, out int length)
    {
        for (bool hasSkipped = false; ; hasSkipped = true)
        {
            if (_seenTail == _head && !RefreshTail())
            {
                record = default;
                kind = default;
                length = 0;
                return RingFind.Nothing;
            }

            int offset = (int)(_head & (ulong)(lane.Bytes - 1));
            ulong header = Volatile.Read(ref *(ulong*)(lane.Data + offset));
            uint low = (uint)header;
            kind = (RingRecord)(header >> 32);
            ulong size = kind == RingRecord.OnSocket ? RingLane.RecordHeaderBytes : RingLane.RecordHeaderBytes + (((ulong)low + 7) & ~7UL);
            if (size > _seenTail - _head || size > (ulong)(lane.Bytes - offset))
                RingFault.Size(low, offset, lane.Bytes, _seenTail - _head);
            if (kind == RingRecord.Skip)
            {
                // Whoever sends nothing else would keep this thread here.
                if (hasSkipped)
                    RingFault.SecondGap(low);
                Advance(size);
                continue;
            }

            if (kind is < RingRecord.Here or > RingRecord.Look)
                RingFault.Kind(kind);
            if (!IsLength(kind, low))
                RingFault.Length(kind, low);
            length = (int)low;
            _found = size;
            if (kind == RingRecord.OnSocket)
            {
                record = default;
                return RingFind.Announcement;
            }

            record = new ReadOnlySpan<byte>(lane.Data + offset + RingLane.RecordHeaderBytes, length);
            return kind == RingRecord.Look ? RingFind.Look : RingFind.Record;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsLength(RingRecord kind, uint low)
    {
        if (kind == RingRecord.Look)
            return low == sizeof(ulong);
        if (!ShortRecord.IsShort(kind))
            return low <= RecordHeader.MaxRecordSize;
        int prefix = ShortRecord.Prefix(kind);
        return low >= prefix && low <= Parcel.MaxDataSize + prefix;
    }

    /// <summary>The record that was found is taken; its place is the sender's again.</summary>
    internal void Advance() => Advance(_found);

    /// <summary>Asks to be told of the next record, if the ring is empty.</summary>
    /// <param name="how">One of <see cref="RingSleep"/>.</param>
    /// <returns>False if there is something: nothing was asked for.</returns>
    internal bool TryArm(int how)
    {
        StoreHead();
        _armed = true;
        Volatile.Write(ref lane.Sleeping, how);
        Stored("asleep");
        // The flag is to be seen by a sender that publishes now, or its record is to be seen here. The same goes for room, and a sender that waits for some.
        Interlocked.MemoryBarrier();
        LookWhoWaits();
        // A sender that passes no barriers is made to pass one. Where that fails it had no leave to do without: who lies, waits.
        if (Volatile.Read(ref lane.Unfenced) != 0)
            ProcessBarrier.TryRun();
        OfferFence(_taken >= TakesToFence);
        _taken = 0;
        if (Volatile.Read(ref lane.Tail) == _head)
            return true;
        Disarm();
        return false;
    }

    /// <summary>Fetches the flag's cache line, at which the sender has just looked, for a <see cref="TryArm"/> that comes soon. While nothing is asked for.</summary>
    internal void FetchFlag()
    {
        if (!_armed)
            Volatile.Write(ref lane.Sleeping, RingSleep.Awake);
    }

    /// <summary>The receiver looks by itself: no doorbell is needed.</summary>
    internal void Disarm()
    {
        if (!_armed)
            return;
        _armed = false;
        Volatile.Write(ref lane.Sleeping, RingSleep.Awake);
    }

    /// <summary>Sleeps until the sender has something, if <see cref="TryArm"/> said so with <see cref="RingSleep.Futex"/>. May end without cause.</summary>
    internal void Sleep(int milliseconds)
    {
        fixed (int* word = &lane.Sleeping)
            Futex.Wait((uint*)word, RingSleep.Futex, milliseconds);
    }

    /// <summary>Ends that sleep. Any thread that keeps the memory in use, also one that comes late: when the receiver wants the doorbell by now, it still does.</summary>
    internal void WakeSleeper()
    {
        // Also if the flag was taken down by somebody else: the thread may sleep nevertheless.
        Interlocked.CompareExchange(ref lane.Sleeping, RingSleep.Awake, RingSleep.Futex);
        fixed (int* word = &lane.Sleeping)
            Futex.Wake((uint*)word, int.MaxValue, isShared: true);
    }

    /// <summary>Tells the sender on which processor somebody waits here. Any thread that keeps the memory in use; what two of them overwrite does not matter.</summary>
    internal void WaitOn(int processor)
    {
        if (_processor == processor + 1)
            return;
        _processor = processor + 1;
        Volatile.Write(ref lane.Processor, processor + 1);
    }

    /// <summary>Gives credit to the sender. One thread at a time.</summary>
    /// <param name="messages">Requests ever handled.</param>
    /// <param name="bytes">Their bytes.</param>
    /// <returns>Whether the sender waits for it: ring its doorbell.</returns>
    internal bool GiveCredit(ulong messages, ulong bytes)
    {
        Volatile.Write(ref lane.CreditMessages, messages);
        Volatile.Write(ref lane.CreditBytes, bytes);
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref lane.CreditWanted) != 0 && Interlocked.Exchange(ref lane.CreditWanted, 0) != 0;
    }

    private bool RefreshTail()
    {
        ulong tail = Volatile.Read(ref lane.Tail);
        if (tail == _head)
            return false;
        if (tail - _head > (ulong)lane.Bytes || (tail & 7) != 0)
            RingFault.Tail(tail, _head, lane.Bytes);
        _seenTail = tail;
        Fetch(_head);
        Disarm();
        return true;
    }

    /// <summary>A brief record lies in two cache lines: both are on their way from the other processor while this one gets ready to look at them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Fetch(ulong position)
    {
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch0(lane.Data + (position & (ulong)(lane.Bytes - 1)));
        Sse.Prefetch0(lane.Data + ((position + RingLane.LineBytes) & (ulong)(lane.Bytes - 1)));
    }

    /// <summary>Tells the sender whether it may leave its barriers to the receiver's falling asleep: if that happens seldom.</summary>
    private void OfferFence(bool can)
    {
        if (can == _offersFence)
            return;
        _offersFence = can && ProcessBarrier.TryRun();
        Volatile.Write(ref lane.CanFence, _offersFence ? 1 : 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Advance(ulong size)
    {
        if (++_taken == TakesToFence)
            OfferFence(true);
        Volatile.Write(ref _head, _head + size);
        if (_head - _publishedHead >= (ulong)(lane.Bytes / 16))
            PublishHead();
    }

    private void PublishHead()
    {
        StoreHead();
        // The room is to be seen by a sender that begins to wait now, or its waiting is to be seen here.
        Interlocked.MemoryBarrier();
        LookWhoWaits();
    }

    private void StoreHead()
    {
        if (_publishedHead == _head)
            return;
        _publishedHead = _head;
        Volatile.Write(ref lane.Head, _head);
        Stored("head");
    }

    private void LookWhoWaits()
    {
        if (Volatile.Read(ref lane.Waiting) != 0
            && _seenTail - _head <= (ulong)(lane.Bytes / 2)
            && Interlocked.Exchange(ref lane.Waiting, 0) != 0)
            OwesBell = true;
    }
}
