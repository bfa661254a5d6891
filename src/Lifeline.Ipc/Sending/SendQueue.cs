using System.Runtime.CompilerServices;
using Lifeline.Ipc.Diagnostics;
using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;
using Lifeline.Ipc.Transport;
using Lifeline.Linux;

namespace Lifeline.Ipc.Sending;

/// <summary>
/// The sending side of a session. A record goes out on the thread that sends it if nothing waits; otherwise it waits in one of
/// two queues: requests, which need the peer's credit, and everything else, which goes first. Thread-safe; nothing blocks.
/// </summary>
internal sealed partial class SendQueue(ITransport transport, int limitBytes, ISendQueueOwner owner, SessionCounters counters)
{
    /// <summary>Bytes that may wait beyond the limit before the session is given up: for the replies of handlers that run already.</summary>
    internal const int ReplyReserve = 64 << 20;

    private readonly BiasedGate _gate = new();
    private readonly RingTransport? _rings = transport as RingTransport;
    private readonly Queue<OutRecord> _control = [];
    private readonly LinkedList<OutRecord> _requests = [];
    private TaskCompletionSource? _space;
    private long _controlBytes;
    private long _requestBytes;
    private long _creditMessages;
    private long _creditBytes;
    private bool _full;
    private bool _closed;
    private bool _requestsEnded;

    /// <summary>Whether so much waits that no new request of the peer should be begun.</summary>
    internal bool IsCongested => Volatile.Read(ref _controlBytes) > limitBytes;

    /// <summary>Bytes that wait.</summary>
    internal long QueuedBytes => Volatile.Read(ref _controlBytes) + Volatile.Read(ref _requestBytes);

    /// <summary>Sends a request.</summary>
    /// <returns>False if the queue is full; nothing was done then.</returns>
    /// <exception cref="IpcException">The session has ended, or the kernel refused the record.</exception>
    internal bool TrySendRequest(in OutgoingParcel parcel)
    {
        using (_gate.Enter())
        {
            ThrowIfClosed();
            bool direct = !_full && _control.Count == 0 && _requests.Count == 0 && parcel.Objects?.Tickets is null && HasCredit(parcel.Length);
            if (direct && TransmitDirectly(parcel))
            {
                TakeCredit(parcel.Length);
                return true;
            }

            if (_requestBytes + parcel.Length > limitBytes)
                return false;
            _requests.AddLast(OutRecord.Of(parcel));
            _requestBytes += parcel.Length;
            Flush();
            return true;
        }
    }

    /// <summary>Sends a reply without tickets.</summary>
    internal void SendReply(in OutgoingParcel parcel)
    {
        using (_gate.Enter())
        {
            if (_closed || (!_full && _control.Count == 0 && TransmitDirectly(parcel)))
                return;
            Queue(OutRecord.Of(parcel));
            Flush();
        }
    }

    /// <summary>Sends a reply after its tickets, which are here.</summary>
    internal void SendGranted(OutRecord record, List<OutgoingTicket> tickets)
    {
        using (_gate.Enter())
        {
            if (_closed)
            {
                record.Drop();
                return;
            }

            foreach (OutgoingTicket ticket in tickets)
                Queue(OutRecord.Of(ticket));
            Queue(record);
            Flush();
        }
    }

    /// <summary>Sends a control record.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="payload">Its data.</param>
    /// <param name="afterRequests">Whether it must not overtake the requests that wait.</param>
    /// <param name="descriptors">What goes with it, owned by the queue from now on.</param>
    internal void SendControl(RecordHeader header, ReadOnlySpan<byte> payload, bool afterRequests = false, params Descriptor[] descriptors)
    {
        using (_gate.Enter())
        {
            OutRecord record = OutRecord.Of(header, payload, descriptors);
            if (_closed)
            {
                record.Drop();
                return;
            }

            if (afterRequests)
            {
                _requests.AddLast(record);
                _requestBytes += record.Length;
            }
            else
            {
                Queue(record);
            }

            Flush();
        }
    }

    /// <summary>Takes a call back that nobody waits for any more.</summary>
    /// <returns>True if it had not been sent.</returns>
    internal bool TryWithdraw(ulong callId)
    {
        using (_gate.Enter())
        {
            for (LinkedListNode<OutRecord>? node = _requests.First; node is not null; node = node.Next)
            {
                if (node.Value.Kind != RecordKind.Call || node.Value.Id != callId)
                    continue;
                Withdraw(node);
                return true;
            }

            return false;
        }
    }

    /// <summary>The peer takes further requests.</summary>
    internal void AddCredit(long messages, long bytes)
    {
        using (_gate.Enter())
        {
            _creditMessages += messages;
            _creditBytes += bytes;
            if (_creditMessages > int.MaxValue || _creditBytes > int.MaxValue)
                throw new ProtocolViolationException($"credit for {_creditMessages} messages and {_creditBytes} bytes; {int.MaxValue} is the most");
            Flush();
        }
    }

    /// <summary>The transport has room again, or a ticket has come.</summary>
    /// <param name="writable">Whether the transport said so.</param>
    internal void Continue(bool writable)
    {
        using (_gate.Enter())
        {
            _full &= !writable;
            Flush();
        }
    }

    /// <summary>Completes when there is room for requests again, or the session has ended.</summary>
    internal Task WaitForSpace()
    {
        using (_gate.Enter())
        {
            if (_closed || _requestsEnded || _requestBytes <= limitBytes / 2)
                return Task.CompletedTask;
            _space ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _space.Task;
        }
    }

    /// <summary>No request is taken from now on: the peer will not handle it. Those who wait for room are told, and the rest goes on.</summary>
    internal void EndRequests()
    {
        using (_gate.Enter())
        {
            _requestsEnded = true;
            _space?.TrySetResult();
            _space = null;
        }
    }

    /// <summary>Sends what can be sent now, then the reason, and nothing after it.</summary>
    internal void Close(IpcError error, string? reason)
    {
        using (_gate.Enter())
        {
            if (_closed)
                return;
            Flush();
            if (reason is not null && !_full)
                Transmit(Goodbye.Encode(error, reason));
            _closed = true;
            foreach (OutRecord record in _control.Concat(_requests))
                record.Drop();
            _control.Clear();
            _requests.Clear();
            _controlBytes = _requestBytes = 0;
            _space?.TrySetResult();
            transport.Shutdown();
        }
    }

    private void ThrowIfClosed()
    {
        if (_closed || _requestsEnded)
            throw owner.Dead();
    }

    private bool HasCredit(int bytes) => HasCreditNow(bytes) || FetchCredit(bytes, wanted: false) || FetchCredit(bytes, wanted: true);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool HasCreditNow(int bytes) => _creditMessages > 0 && _creditBytes >= bytes;

    private bool FetchCredit(int bytes, bool wanted)
    {
        transport.TakeCredit(out long messages, out long more, wanted);
        _creditMessages += messages;
        _creditBytes += more;
        return HasCreditNow(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void TakeCredit(int bytes)
    {
        _creditMessages--;
        _creditBytes -= bytes;
    }

    private void Queue(OutRecord record)
    {
        _control.Enqueue(record);
        Volatile.Write(ref _controlBytes, _controlBytes + record.Length);
        if (_controlBytes > (long)limitBytes + ReplyReserve)
            owner.Overflow(_controlBytes);
    }

    /// <summary>Sends without a queue.</summary>
    /// <returns>False if there is no room.</returns>
    private bool TransmitDirectly(in OutgoingParcel parcel)
    {
        SendStatus status = transport.TryReserve(parcel.Length, parcel.Descriptors.Length, out Span<byte> place);
        if (status == SendStatus.Done)
        {
            parcel.Write(place);
            status = transport.Commit(parcel.Descriptors);
            if (status == SendStatus.Done)
                counters.NoteSent(parcel.Header.Kind, parcel.Length);
        }

        if (status == SendStatus.Closed)
            throw owner.Dead();
        NoteFull(status);
        return status == SendStatus.Done;
    }

    private SendStatus Transmit(OutRecord record)
    {
        SendStatus status = transport.TryReserve(record.Length, record.Descriptors.Length, out Span<byte> place);
        if (status == SendStatus.Done)
        {
            record.Bytes.CopyTo(place);
            status = transport.Commit(record.Descriptors);
            if (status == SendStatus.Done)
                counters.NoteSent(record.Kind, record.Length);
        }

        NoteFull(status);
        return status;
    }

    private void NoteFull(SendStatus status)
    {
        if (status != SendStatus.Full)
            return;
        _full = true;
        owner.WantsRoom();
    }

    private void Flush()
    {
        if (_closed)
            return;
        while (!_full && _control.TryPeek(out OutRecord? record))
        {
            if (!TrySend(record))
                break;
            _control.Dequeue();
            Volatile.Write(ref _controlBytes, _controlBytes - record.Length);
            record.Drop();
        }

        while (!_full && _requests.First is { Value: var record })
        {
            if (!TrySendTickets(record) || (record.NeedsCredit && !HasCredit(record.Length)) || !TrySend(record))
                break;
            if (record.NeedsCredit)
                TakeCredit(record.Length);
            _requestBytes -= record.Length;
            _requests.RemoveFirst();
            record.Drop();
        }

        Relieve();
    }

    private void Relieve()
    {
        if (_space is not null && _requestBytes <= limitBytes / 2)
        {
            _space.TrySetResult();
            _space = null;
        }

        if (_controlBytes <= limitBytes / 2)
            owner.Relieved();
    }

    private bool TrySendTickets(OutRecord record)
    {
        if (record.Objects?.Tickets is not { } tickets)
            return true;
        for (; record.TicketsSent < tickets.Count; record.TicketsSent++)
        {
            OutgoingTicket ticket = tickets[record.TicketsSent];
            if (!ticket.Grant.IsCompleted)
                return false;
            OutRecord encoded = OutRecord.Of(ticket);
            bool sent = TrySend(encoded);
            encoded.Drop();
            if (!sent)
                return false;
        }

        return true;
    }

    /// <summary>Sends a queued record. One that the kernel refuses is reported and counts as done.</summary>
    private bool TrySend(OutRecord record)
    {
        try
        {
            // A closed peer takes no more; the receiving side will find the end after what it still has to read.
            return Transmit(record) != SendStatus.Full;
        }
        catch (IpcException e)
        {
            owner.Refused(record, e);
            return true;
        }
    }

    private void Withdraw(LinkedListNode<OutRecord> node)
    {
        OutRecord record = node.Value;
        _requests.Remove(node);
        _requestBytes -= record.Length;
        record.Drop();
        if (record.Objects is not null)
            owner.NotSent(record.Objects);
        Relieve();
    }
}
