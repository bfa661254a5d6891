using System.Buffers.Binary;
using Lifeline.Ipc.Protocol;

namespace Lifeline.Ipc.Rings;

// What the session does with the rings without the detour through whole records: plain data, and sleeping on them.
internal sealed partial class RingTransport
{
    /// <summary>Sleeps on the ring after <see cref="TryArm"/> in the mode <see cref="RingSleep.Futex"/>; the memory must be in use.</summary>
    internal void Sleep(int milliseconds) => _consumer?.Sleep(milliseconds);

    /// <summary>Ends such a sleep. Any thread that keeps the memory in use.</summary>
    internal void WakeSleeper() => _consumer?.WakeSleeper();

    /// <summary>Finds the next record, if it is plain data, and leaves it in the ring until <see cref="Advance"/>. As for receiving, one thread at a time.</summary>
    /// <param name="header">What it says, checked. Its kind is <see cref="RecordKind.None"/> if the next thing is to be received in the ordinary way, or if there is none.</param>
    /// <returns>Its data: the peer may change them at any moment.</returns>
    internal ReadOnlySpan<byte> PeekPlain(out RecordHeader header)
    {
        if (_fault is not null || _consumer is not { } consumer || consumer.Peek(out ReadOnlySpan<byte> record, out RingRecord form, out _) != RingFind.Record)
        {
            header = default;
            return default;
        }

        if (!ShortRecord.IsShort(form))
            return ReadPlain(record, out header);
        ShortRecord.Read(form, record, out header);
        return record[ShortRecord.Prefix(form)..];
    }

    private static ReadOnlySpan<byte> ReadPlain(ReadOnlySpan<byte> record, out RecordHeader header)
    {
        header = default;
        if (record.Length < RecordHeader.Size)
            return default;
        // Copied before it is believed.
        Span<byte> copy = stackalloc byte[RecordHeader.Size];
        record[..RecordHeader.Size].CopyTo(copy);
        if (RecordHeader.TryReadPlain(copy, record.Length, out header))
            return record[RecordHeader.Size..];
        header = default;
        return default;
    }

    /// <summary>Takes the record that was found.</summary>
    internal void Advance()
    {
        RingConsumer consumer = _consumer!;
        consumer.Advance();
        PayBell(consumer);
    }

    /// <summary>As <see cref="Dispatch.ISpinCondition.Meet"/>. Any thread that keeps the memory in use.</summary>
    internal int Meet(int processor)
    {
        _consumer?.WaitOn(processor);
        return _producer?.ReceiverProcessor ?? -1;
    }

    /// <summary>Whether something can be taken without the ordinary way's asking for the doorbell.</summary>
    internal bool IsEmptyAndOpen => _fault is null && !_ended && !_socketReady && !HasArrived;

    /// <summary>Whether there is plenty of room to send. A guess.</summary>
    internal bool HasPlenty => _producer is not { } producer || producer.HasPlenty;

    /// <summary>Whether the peer has given credit that was not taken yet. A guess.</summary>
    internal bool HasNewCredit => _producer is { HasNewCredit: true };

    /// <summary>Sends a record without objects, if there is room in the ring; nobody is told that room is waited for.</summary>
    /// <param name="header">Its header, complete.</param>
    /// <param name="data">Its data.</param>
    /// <param name="wake">How the receiver wants to hear of it; the caller <see cref="Tell"/>s it.</param>
    /// <returns>False if it did not go: try the ordinary way.</returns>
    internal bool TryWrite(in RecordHeader header, ReadOnlySpan<byte> data, out int wake)
    {
        wake = RingSleep.Awake;
        RingRecord form = ShortRecord.FormOf(header);
        int prefix = ShortRecord.Prefix(form);
        int length = prefix + data.Length;
        if (form == RingRecord.Here || _producer is not { } producer || _shutDown || _ended || _fault is not null || length > producer.MaxRecord)
            return false;
        try
        {
            if (!producer.TryReserveNow(length, out Span<byte> place))
                return false;
            ShortRecord.Write(form, header, place);
            data.CopyTo(place[prefix..]);
        }
        catch (ProtocolViolationException e)
        {
            NoteFault(e);
            return false;
        }

        wake = producer.Publish(length, form);
        return true;
    }

    /// <summary>Sends the doorbell of another session, if there is room for it.</summary>
    /// <param name="number">The session, as its receiver numbers it.</param>
    /// <param name="wake">As for <see cref="TryWrite"/>.</param>
    /// <returns>False if it did not go.</returns>
    internal bool TryWriteLook(ulong number, out int wake)
    {
        wake = RingSleep.Awake;
        if (_producer is not { } producer || _shutDown || _ended || _fault is not null)
            return false;
        try
        {
            if (!producer.TryReserveNow(sizeof(ulong), out Span<byte> place))
                return false;
            BinaryPrimitives.WriteUInt64LittleEndian(place, number);
        }
        catch (ProtocolViolationException e)
        {
            NoteFault(e);
            return false;
        }

        wake = producer.Publish(sizeof(ulong), RingRecord.Look);
        return true;
    }

    /// <summary>Rings the doorbell, whether it is wanted or not. Any thread.</summary>
    internal void RingAnyway()
    {
        if (_memory is not null)
            RingPeer();
    }

    /// <summary>Wakes the receiver as it wished.</summary>
    internal void Tell(int wake)
    {
        if (wake == RingSleep.Futex)
            _producer?.WakeReceiver();
        else if (wake != RingSleep.Awake && _doorbell?.TryTellPeer() != true)
            RingPeer();
    }
}
