using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Lifeline.Ipc.Protocol;
using Lifeline.Linux;

namespace Lifeline.Ipc.Rings;

/// <summary>The sending end of a ring. One thread at a time. Its own position is never read back from the shared memory.</summary>
internal sealed unsafe partial class RingProducer(RingLane lane)
{
    // As much of the first ring as lies in the page of the indexes, with the header of a skip.
    private const int IdleBytes = 2040;

    private ulong _creditMessages;
    private ulong _creditBytes;
    private const int PublishesToDecide = 64;
    private const ulong BytesToFetch = 8 * RingLane.LineBytes;

    private ulong _tail;
    private bool _unfenced;
    private int _inARow;
    private bool _isBusy;
    private bool _foundAsleep = true;
    private ulong _seenHead;
    private ulong _recordAt;
    private ulong _next;
    private ulong _fetched;
    private volatile bool _waits;

    /// <summary>Where the test build ends a process in the middle of sending. It has a body there alone: elsewhere the calls are not even compiled.</summary>
    static partial void Stored(string what);

    /// <summary>The largest record that can be reserved.</summary>
    internal int MaxRecord => lane.MaxRecord;

    /// <summary>Whether the last reservation found no room.</summary>
    internal bool Waits => _waits;

    /// <summary>Finds a place for a record.</summary>
    /// <param name="length">Its length; 0 for an announcement.</param>
    /// <param name="place">The place.</param>
    /// <returns>False if there is no room: the doorbell tells when there is.</returns>
    /// <exception cref="ProtocolViolationException">The peer wrote nonsense into its index.</exception>
    internal bool TryReserve(int length, out Span<byte> place)
    {
        int size = RingLane.SizeOf(length);
        int skip = Skip(Offset(_tail), size);
        bool found = HasRoomNow((ulong)(skip + size)) || HasRoomAtLast((ulong)(skip + size));
        place = found ? Place(skip, size, length) : default;
        return found;
    }

    /// <summary>The same, but nobody is told that room is waited for.</summary>
    /// <exception cref="ProtocolViolationException">The peer wrote nonsense into its index.</exception>
    internal bool TryReserveNow(int length, out Span<byte> place)
    {
        int size = RingLane.SizeOf(length);
        int skip = Skip(Offset(_tail), size);
        bool found = HasRoomNow((ulong)(skip + size));
        place = found ? Place(skip, size, length) : default;
        return found;
    }

    /// <summary>Makes the reserved record visible.</summary>
    /// <param name="length">Its length.</param>
    /// <param name="kind">What it is.</param>
    /// <returns>How the receiver wants to hear of it: one of <see cref="RingSleep"/>; who is told so must tell it.</returns>
    internal int Publish(int length, RingRecord kind)
    {
        Stored("record");
        if (_recordAt != _tail)
            WriteHeader(_tail, (int)(_recordAt - _tail) - RingLane.RecordHeaderBytes, RingRecord.Skip);
        Stored("skip");
        WriteHeader(_recordAt, length, kind);
        Stored("header");
        _tail = _next;
        Volatile.Write(ref lane.Tail, _tail);
        Stored("tail");
        // The record is to be seen by a receiver that falls asleep now, or its falling asleep is to be seen here.
        if (!_unfenced)
            Interlocked.MemoryBarrier();
        if (Volatile.Read(ref lane.Sleeping) != RingSleep.Awake)
        {
            _isBusy = false;
            _foundAsleep = true;
            return Interlocked.Exchange(ref lane.Sleeping, RingSleep.Awake);
        }

        _foundAsleep = false;
        if (++_inARow >= PublishesToDecide)
            DecideOnFences();
        if (_isBusy)
            FetchAhead();
        return RingSleep.Awake;
    }

    /// <summary>
    /// While the receiver takes many records before it falls asleep, a barrier for each one, which waits until the record has reached the other processor,
    /// is a waste: the receiver passes one for both when it falls asleep.
    /// </summary>
    private void DecideOnFences()
    {
        _inARow = 0;
        _isBusy = true;
        bool unfenced = Volatile.Read(ref lane.CanFence) != 0 && ProcessBarrier.TakesPart;
        if (unfenced == _unfenced)
            return;
        Volatile.Write(ref lane.Unfenced, unfenced ? 1 : 0);
        // A receiver that has not seen this has fallen asleep before, and that is seen from here on.
        Interlocked.MemoryBarrier();
        _unfenced = unfenced;
    }

    /// <summary>Wakes a receiver that sleeps on its word.</summary>
    internal void WakeReceiver()
    {
        fixed (int* word = &lane.Sleeping)
            Futex.Wake((uint*)word, int.MaxValue, isShared: true);
    }

    /// <summary>The processor on which the receiver waited last, as it says; -1 if it has not said so. Any thread that keeps the memory in use.</summary>
    internal int ReceiverProcessor => Volatile.Read(ref lane.Processor) - 1;

    /// <summary>Whether there is plenty of room. Any thread; a guess, for those who look again and again.</summary>
    internal bool HasPlenty => Volatile.Read(ref _tail) - Volatile.Read(ref lane.Head) <= (ulong)(lane.Bytes - (lane.Bytes / 8));

    /// <summary>Whether the receiver has given credit that was not taken yet. Any thread; a guess.</summary>
    internal bool HasNewCredit => Volatile.Read(ref lane.CreditMessages) != Volatile.Read(ref _creditMessages);

    /// <summary>The credit that has come since the last time.</summary>
    /// <param name="messages">Requests.</param>
    /// <param name="bytes">Bytes.</param>
    /// <param name="wanted">Whether the doorbell is wanted when more comes.</param>
    /// <exception cref="ProtocolViolationException">The peer took credit back.</exception>
    internal void TakeCredit(out long messages, out long bytes, bool wanted)
    {
        if (wanted)
        {
            Volatile.Write(ref lane.CreditWanted, 1);
            // The wish is to be seen by a receiver that gives credit now, or the credit is to be seen here.
            Interlocked.MemoryBarrier();
        }

        ulong totalMessages = Volatile.Read(ref lane.CreditMessages);
        ulong totalBytes = Volatile.Read(ref lane.CreditBytes);
        if (totalMessages < _creditMessages || totalBytes < _creditBytes || totalMessages - _creditMessages > int.MaxValue || totalBytes - _creditBytes > int.MaxValue)
            RingFault.Credit(totalMessages, totalBytes, _creditMessages, _creditBytes);
        messages = (long)(totalMessages - _creditMessages);
        bytes = (long)(totalBytes - _creditBytes);
        _creditMessages = totalMessages;
        _creditBytes = totalBytes;
    }

    /// <summary>
    /// How many bytes to leave out, so that the record is in one piece and an idle ring stays in its first bytes. What is
    /// left out is no room until the receiver has seen it; it is about to be woken and will pass it at once.
    /// </summary>
    private int Skip(int offset, int size)
    {
        int rest = lane.Bytes - offset;
        if (size > rest)
            return rest;
        if (offset + size <= IdleBytes || offset < size || !_foundAsleep)
            return 0;
        RefreshHead();
        return _seenHead == _tail ? rest : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool HasRoomNow(ulong needed)
    {
        if (_tail + needed - _seenHead <= (ulong)lane.Bytes)
            return true;
        RefreshHead();
        return _tail + needed - _seenHead <= (ulong)lane.Bytes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Place(int skip, int size, int length)
    {
        _waits = false;
        _recordAt = _tail + (ulong)skip;
        _next = _recordAt + (ulong)size;
        return new Span<byte>(lane.Data + Offset(_recordAt) + RingLane.RecordHeaderBytes, length);
    }

    /// <summary>
    /// Fetches the cache lines that are to be written next, several at once, from the processor that read them last: one after the other, each would be waited
    /// for when it is needed, as nothing that is written later may be seen before. They are free room: nobody reads what is written here. Not while the receiver
    /// sleeps now and then: an idle ring is to stay in its first bytes.
    /// </summary>
    private void FetchAhead()
    {
        // The tail's own line has records in it.
        ulong next = (_tail + (2 * RingLane.LineBytes) - 1) & ~(RingLane.LineBytes - 1);
        if (_fetched > next + RingLane.LineBytes)
            return;
        _fetched = Math.Max(_fetched, next);
        ulong end = Math.Min(_fetched + BytesToFetch, (_seenHead + (ulong)lane.Bytes) & ~(RingLane.LineBytes - 1));
        for (; _fetched < end; _fetched += RingLane.LineBytes)
            *(ulong*)(lane.Data + Offset(_fetched)) = 0;
    }

    private bool HasRoomAtLast(ulong needed)
    {
        _waits = true;
        Volatile.Write(ref lane.Waiting, 1);
        Stored("waiting");
        // The wish is to be seen by a receiver that makes room now, or the room is to be seen here.
        Interlocked.MemoryBarrier();
        RefreshHead();
        return _tail + needed - _seenHead <= (ulong)lane.Bytes;
    }

    private void RefreshHead()
    {
        ulong head = Volatile.Read(ref lane.Head);
        if (head < _seenHead || head > _tail)
            RingFault.Head(head, _seenHead, _tail);
        _seenHead = head;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteHeader(ulong position, int low, RingRecord kind) => BinaryPrimitives.WriteUInt64LittleEndian(
        new Span<byte>(lane.Data + Offset(position), RingLane.RecordHeaderBytes), (uint)low | ((ulong)kind << 32));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Offset(ulong position) => (int)(position & (ulong)(lane.Bytes - 1));
}
