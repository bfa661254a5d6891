using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Sessions;
using Lifeline.Ipc.Transport;
using Lifeline.Linux;

namespace Lifeline.Ipc.Rings;

/// <summary>
/// A socket that hands its records over to rings in shared memory once both sides have agreed. From then on the socket carries
/// doorbells (messages of one byte), the records that do not fit into the ring or have descriptors, and the end.
/// </summary>
/// <remarks>
/// A record on the socket is sent before it is announced in the ring. So an announcement that can be seen has its record, and at
/// most one record is there without an announcement.
/// </remarks>
internal sealed partial class RingTransport(SocketTransport socket) : ITransport
{
    private const int MaxStashed = 2;
    private static readonly byte[] s_bell = [0];

    private readonly Queue<(byte[] Bytes, Descriptor[] Descriptors)> _stash = [];
    private volatile RingMemory? _memory;
    private volatile RingProducer? _producer;
    private volatile RingConsumer? _consumer;
    private RingProducer? _producerAfterNext;
    private IDoorbell? _doorbell;
    private volatile string? _fault;
    private bool _onSocket;
    private int _reservedLength;
    private volatile bool _fullOnSocket = true;
    private volatile bool _socketReady = true;
    private volatile bool _ended;
    private volatile bool _shutDown;
    private volatile bool _wantsCredit;

    /// <summary>As in <see cref="RingProducer"/>: nothing but in the test build.</summary>
    static partial void Stored(string what);

    /// <inheritdoc/>
    public Descriptor? Pollable => socket.Pollable;

    /// <inheritdoc/>
    public bool NeedsTurns => _consumer is not null;

    /// <inheritdoc/>
    public bool IsRoomPolled => _fullOnSocket;

    /// <summary>Whether records come through the ring and one has arrived. Any thread that has <see cref="TryUse"/>d the memory.</summary>
    internal bool HasArrived => _consumer is { HasArrived: true };

    /// <summary>The same for several looks in a row.</summary>
    internal bool HasArrivedWithin(int looks) => _consumer is { } consumer && consumer.HasArrivedWithin(looks);

    /// <summary>Whether the rings are agreed on.</summary>
    internal bool IsSwitched => _memory is not null;

    /// <summary>The session that the last <see cref="ReceiveStatus.Look"/> was for, as its receiver numbers it. As for receiving, one thread at a time.</summary>
    internal ulong LookAt => _consumer!.LookAt;

    /// <summary>Bytes of both rings.</summary>
    internal long RingBytes => 2L * (_memory?.RingBytes ?? 0);

    /// <inheritdoc/>
    public CallerIdentity Identify() => socket.Identify();

    /// <summary>Receives through the ring from now on, and sends through it.</summary>
    /// <param name="memory">The rings, owned by the transport from now on.</param>
    /// <param name="isCreator">Whether this side made them.</param>
    /// <param name="afterNext">Whether the next record still goes through the socket: it tells the peer.</param>
    /// <param name="doorbell">Called when the peer is found to break the rules while sending.</param>
    internal void Switch(RingMemory memory, bool isCreator, bool afterNext, IDoorbell doorbell)
    {
        _doorbell = doorbell;
        _memory = memory;
        var producer = new RingProducer(memory.Lane(isCreator));
        if (afterNext)
            _producerAfterNext = producer;
        else
            _producer = producer;
        _consumer = new RingConsumer(memory.Lane(!isCreator));
    }

    /// <inheritdoc/>
    public void NotePollable()
    {
        _socketReady = true;
        // It may be the doorbell for room or credit, and the ring be full of other things for long.
        ServeWishes();
    }

    /// <summary>Keeps the rings mapped; false if there are none (any more).</summary>
    internal bool TryUse() => _memory is { } memory && memory.TryUse();

    /// <summary>Ends a use.</summary>
    internal void EndUse() => _memory!.Release();

    /// <summary>Somebody looks at the ring by himself from now on. As for receiving, one thread at a time.</summary>
    internal void Disarm() => _consumer?.Disarm();

    /// <summary>Whoever looks by himself has found something and is about to want to be told again. As for receiving, one thread at a time.</summary>
    internal void FetchFlag() => _consumer?.FetchFlag();

    /// <summary>Wants to be told again of what comes.</summary>
    /// <returns>False if there is something to receive.</returns>
    internal bool TryArm()
    {
        bool armed = _consumer!.TryArm(ArmMode);
        PayBell(_consumer);
        return armed;
    }

    /// <summary>How this side wants to be told: one of <see cref="RingSleep"/>. Receive gate.</summary>
    internal int ArmMode { get; set; } = RingSleep.Doorbell;

    /// <inheritdoc/>
    public bool TryGiveCredit(in InboxCredit credit)
    {
        if (!TryUse())
            return IsSwitched;
        if (_consumer?.GiveCredit((ulong)credit.Messages, (ulong)credit.Bytes) == true)
            RingPeer();
        EndUse();
        return true;
    }

    /// <inheritdoc/>
    public void TakeCredit(out long messages, out long bytes, bool wanted)
    {
        messages = bytes = 0;
        // Before the peer can see the wish: its doorbell may be read at once.
        if (wanted)
            _wantsCredit = true;
        try
        {
            _producer?.TakeCredit(out messages, out bytes, wanted);
        }
        catch (ProtocolViolationException e)
        {
            NoteFault(e);
        }
    }

    /// <inheritdoc/>
    public SendStatus TryReserve(int length, int descriptors, out Span<byte> record)
    {
        record = default;
        if (_shutDown || _ended || _fault is not null)
            return SendStatus.Closed;
        _reservedLength = length;
        RingProducer? producer = _producer;
        _onSocket = producer is null || descriptors > 0 || length > producer.MaxRecord;
        try
        {
            // A record for the socket is announced: for that there must be room as well.
            if (producer is not null && !producer.TryReserve(_onSocket ? 0 : length, out record))
            {
                _fullOnSocket = false;
                return SendStatus.Full;
            }
        }
        catch (ProtocolViolationException e)
        {
            NoteFault(e);
            return SendStatus.Closed;
        }

        return _onSocket ? socket.TryReserve(length, descriptors, out record) : SendStatus.Done;
    }

    /// <inheritdoc/>
    public SendStatus Commit(ReadOnlySpan<Descriptor> descriptors)
    {
        RingProducer? producer = _producer;
        if (!_onSocket)
        {
            Tell(producer!.Publish(_reservedLength, RingRecord.Here));
            return SendStatus.Done;
        }

        SendStatus status = socket.Commit(descriptors);
        if (status == SendStatus.Full)
            _fullOnSocket = true;
        if (status != SendStatus.Done)
            return status;
        Stored("socket");
        if (producer is not null)
            Tell(producer.Publish(_reservedLength, RingRecord.OnSocket));
        if (_producerAfterNext is not null)
        {
            _producer = _producerAfterNext;
            _producerAfterNext = null;
        }

        return status;
    }

    /// <inheritdoc/>
    public ReceiveStatus TryReceive(Span<byte> buffer, out int length, out Descriptor[] descriptors)
    {
        if (_consumer is not { } consumer)
            return ReceiveFromSocket(buffer, out length, out descriptors);
        descriptors = [];
        while (true)
        {
            if (_fault is { } fault)
                throw new ProtocolViolationException(fault);
            RingFind find = consumer.TryTake(buffer, out length);
            PayBell(consumer);
            if (find == RingFind.Record)
                return ReceiveStatus.Record;
            if (find == RingFind.Look)
                return ReceiveStatus.Look;
            if (find == RingFind.Announcement)
            {
                TakeAnnounced(buffer, length, out descriptors);
                return ReceiveStatus.Record;
            }

            if (_ended)
                return ReceiveStatus.Ended;
            if (_socketReady)
                LookAtSocket(buffer, consumer);
            else if (TryArm())
                return ReceiveStatus.Empty;
        }
    }

    /// <inheritdoc/>
    public void Shutdown()
    {
        _shutDown = true;
        socket.Shutdown();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _shutDown = true;
        _ended = true;
        socket.Dispose();
        while (_stash.TryDequeue(out var left))
            Close(left.Descriptors);
        if (_consumer is null)
            return;
        _consumer = null;
        _producer = null;
        _memory!.Release();
    }

    private static void Close(Descriptor[] descriptors)
    {
        foreach (Descriptor descriptor in descriptors)
            descriptor.Dispose();
    }

    private ReceiveStatus ReceiveFromSocket(Span<byte> buffer, out int length, out Descriptor[] descriptors)
    {
        if (_shutDown && _ended)
        {
            length = 0;
            descriptors = [];
            return ReceiveStatus.Ended;
        }

        return socket.TryReceive(buffer, out length, out descriptors);
    }

    /// <summary>One message of the socket, while the ring is empty.</summary>
    private void LookAtSocket(Span<byte> buffer, RingConsumer consumer)
    {
        ReceiveStatus status = socket.TryReceive(buffer, out int length, out Descriptor[] descriptors);
        // Level-triggered: what else is there is reported again.
        _socketReady = false;
        if (status == ReceiveStatus.Empty)
            return;
        if (status == ReceiveStatus.Ended)
        {
            // What was published before the end is still in the ring.
            _ended = true;
            return;
        }

        // Whatever came may stand for a doorbell that found the socket full.
        ServeWishes();
        if (length == s_bell.Length && descriptors.Length == 0)
            return;
        _stash.Enqueue((buffer[..length].ToArray(), descriptors));
        if (_stash.Count >= MaxStashed && !consumer.HasArrived)
            throw new ProtocolViolationException("records on the socket that the ring does not announce");
    }

    private void ServeWishes()
    {
        if (_producer is not { Waits: true } && !_wantsCredit)
            return;
        _wantsCredit = false;
        _doorbell?.RingWritable();
    }

    private void TakeAnnounced(Span<byte> buffer, int announced, out Descriptor[] descriptors)
    {
        int length;
        if (_stash.TryDequeue(out var stashed))
        {
            (byte[] bytes, descriptors) = stashed;
            length = bytes.Length;
            bytes.CopyTo(buffer);
        }
        else
        {
            do
            {
                if (socket.TryReceive(buffer, out length, out descriptors) != ReceiveStatus.Record)
                    throw new ProtocolViolationException($"the ring announces a record of {announced} bytes that the socket does not have");
            }
            while (length == s_bell.Length && descriptors.Length == 0);
        }

        if (length == announced)
            return;
        Close(descriptors);
        throw new ProtocolViolationException($"a record of {length} bytes on the socket that the ring announces with {announced}");
    }

    /// <summary>Found on a sender's thread; the session is ended by who receives for it.</summary>
    private void NoteFault(ProtocolViolationException fault)
    {
        _fault = fault.Message;
        _doorbell!.RingReadable();
    }

    private void PayBell(RingConsumer consumer)
    {
        if (!consumer.OwesBell)
            return;
        consumer.OwesBell = false;
        RingPeer();
    }

    /// <summary>If the socket is full, the peer is awake or will be when it reads what is there; if it is closed, the peer is gone.</summary>
    private void RingPeer()
    {
        Stored("flag");
        socket.TrySendBell(s_bell);
        Stored("bell");
    }
}
