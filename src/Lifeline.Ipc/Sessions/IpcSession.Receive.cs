using System.Diagnostics;
using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Endpoints;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Sessions;
using Lifeline.Ipc.Transport;
using Lifeline.Linux;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc;

// What arrives. All of this runs under the receive gate, and no foreign code does.
public sealed partial class IpcSession : IPollTarget, IDoorbell, IAttention
{
    // Records, and batches of requests that are run at once, in a row before other sessions get their turn.
    private const int ReceiveBudget = 64;
    private const int RoundsPerTurn = 8;

    /// <summary>
    /// Requests of one session that are received at most, where they are run, between two of another session that has some in its ring. A turn has
    /// <see cref="RoundsPerTurn"/> times <see cref="ReceiveBudget"/> records and as many requests in batches; a session that is looked at without its doorbell may have
    /// half of another one, and who rings besides, or has another session ring for it, one more for each. The same goes for stubs that it sends: a turn ends with the
    /// record that brings the <see cref="ObjectsPerTurn"/>th object, and a record has 1024 of them at most.
    /// </summary>
    internal const int MaxInARow = 4096;

    // Stubs and descriptors that end a turn; a ticket counts for several.
    private const int ObjectsPerTurn = 256;
    private const int ObjectsForATicket = 4;

    // How long a session may go on with records that are not run at once, after the first few.
    private const int RecordsToLookAtClock = 4;
    private static readonly long s_longest = Stopwatch.Frequency / 4000;

    // About a microsecond behind a sender of one-way calls.
    private const int ThinBatch = 16;
    private const int TurnsToFallBehind = 25;

    // Who receives: the endpoint's receive thread, or a caller that waits for its reply.
    private readonly BiasedGate _receiveGate = new();
    private readonly InboxWindow _window;
    private readonly Queue<InboundRequest> _held = [];
    private int _heldCount;
    private int _writable;
    private bool _tookLong;
    private int _objects;
    private int _lastObjects;
    private int _scheduled;

    bool IAttention.TrySchedule() => Interlocked.Exchange(ref _scheduled, 1) == 0;

    void IDoorbell.RingReadable() => Endpoint.Loop.Schedule(this);

    void IDoorbell.RingWritable()
    {
        Volatile.Write(ref _writable, 1);
        Endpoint.Loop.Schedule(this);
    }

    bool IPollTarget.OnReady(EpollEvents events, InlineBatch batch)
    {
        using (_receiveGate.Enter())
        {
            if (_state == Ended)
                return true;
            if ((events & EpollEvents.Out) != 0)
            {
                Endpoint.Loop.Modify(_transport.Pollable!, EpollEvents.In, _tag);
                _send.Continue(writable: true);
            }

            if ((events & ~EpollEvents.Out) == 0)
            {
                Attend();
                return true;
            }

            _transport.NotePollable();
        }

        return Turn(batch);
    }

    bool IAttention.OnAttention(InlineBatch batch)
    {
        Volatile.Write(ref _scheduled, 0);
        Interlocked.MemoryBarrier();
        using (_receiveGate.Enter())
        {
            if (_state == Ended)
                return true;
            if (Interlocked.Exchange(ref _writable, 0) != 0)
                _send.Continue(writable: true);
            if (!_transport.NeedsTurns)
            {
                Attend();
                return true;
            }
        }

        return Turn(batch);
    }

    /// <summary>Receives what has arrived, and runs what may be run here.</summary>
    private bool Turn(InlineBatch batch)
    {
        bool received = false;
        int thin = 0;
        _objects = 0;
        for (int i = 0; i < RoundsPerTurn; i++)
        {
            bool more;
            using (_receiveGate.Enter())
            {
                if (_state == Ended)
                    return true;
                more = ReceiveSome(Endpoint.Loop.Buffer, batch, ref received);
                Attend();
            }

            if (batch.Count > 0)
            {
                bool isThin = batch.Count < ThinBatch && !batch.IsCall;
                if (!Endpoint.Loop.RunInline(batch))
                    return false;
                more = true;
                // Who is at the sender's heels fetches each line of the memory just as it is written, at the speed of neither.
                if (isThin && ++thin > 1)
                    Thread.SpinWait(TurnsToFallBehind);
            }

            if (!more)
                return true;
            if (_waitsForLane || _tookLong)
                break;
        }

        _tookLong = false;
        if (_waitsForLane)
            Thread.Yield();
        // A descriptor reports again by itself, and what is hot is looked at again.
        if (_transport.NeedsTurns && !_isHot)
            Endpoint.Loop.Schedule(this);
        return true;
    }

    private void Attend()
    {
        if (_state == Ended)
            return;
        if (!_releases.IsEmpty || IsForTickets)
            GiveReferencesBack();
        if (Volatile.Read(ref _heldCount) > 0 && !_send.IsCongested)
            GoOnWithHeld();
        if (IsClosed)
            End();
    }

    private void GoOnWithHeld()
    {
        InboundRequest[] held;
        using (_gate.Enter())
        {
            if (_held.Count == 0)
                return;
            held = [.. _held];
            _held.Clear();
            Volatile.Write(ref _heldCount, 0);
        }

        foreach (InboundRequest request in held)
            _lane.Enqueue(request);
    }

    /// <summary>The peer's process is gone; a child of it may still hold the socket. All that it sent is here.</summary>
    internal void OnProcessEnded()
    {
        using (_receiveGate.Enter())
        {
            if (_state == Ended)
                return;
            do
            {
                _transport.NotePollable();
            }
            while (ReceiveOne(Endpoint.Loop.Buffer));
            EndBecause("the peer's process ended");
        }
    }

    /// <summary>Receives a few records; stops where requests are to be run first.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="batch">For requests that the thread may run itself; null if it may none.</param>
    /// <param name="received">Whether something was received in this turn.</param>
    /// <returns>Whether there may be more.</returns>
    private bool ReceiveSome(byte[] buffer, InlineBatch? batch, ref bool received)
    {
        long begin = 0;
        for (int i = 0; i < ReceiveBudget; i++)
        {
            // Some records are much dearer than others: stubs, tickets.
            if (i > 0 && i % RecordsToLookAtClock == 0 && IsLong(ref begin))
                return true;
            if (batch is not null && TryFill(batch))
            {
                received = true;
                return true;
            }

            if (batch is not null && (_waitsForLane || TryStayHot(received)))
                return _waitsForLane;
            int looks = _looks;
            // Callers that receive for themselves are not the thread that receives for all.
            _receivesForAll = batch is not null;
            bool isMore = ReceiveOne(buffer);
            _receivesForAll = false;
            if (!isMore)
                return false;
            if (looks != _looks)
                continue;
            if (batch is not null && NoteWork())
                return true;
            if (batch is not null)
                Endpoint.Loop.NoteAwaited();
            received = true;
        }

        return true;
    }

    /// <summary>A record was taken that is not run at once.</summary>
    /// <returns>Whether it was one too many.</returns>
    private bool NoteWork()
    {
        Endpoint.Loop.NoteRecord(_lastObjects);
        _objects += _lastObjects;
        return _tookLong = _objects >= ObjectsPerTurn;
    }

    private bool IsLong(ref long begin)
    {
        long now = Stopwatch.GetTimestamp();
        if (begin == 0)
            begin = now;
        return _tookLong = now - begin > s_longest;
    }

    /// <summary>Receives one record.</summary>
    /// <returns>Whether there may be more.</returns>
    private bool ReceiveOne(byte[] buffer)
    {
        if (IsClosed)
            return false;
        Descriptor[] descriptors = [];
        try
        {
            switch (_transport.TryReceive(buffer, out int length, out descriptors))
            {
                case ReceiveStatus.Empty:
                    return false;
                case ReceiveStatus.Ended:
                    EndBecause("the peer's process ended or closed its socket");
                    return false;
                case ReceiveStatus.Look:
                    Look(_rings!.LookAt);
                    return true;
                default:
                    Handle(buffer.AsSpan(0, length), descriptors);
                    return true;
            }
        }
        catch (ProtocolViolationException e)
        {
            Violate(e.Message, descriptors);
        }
        catch (Exception e) when (e is IpcException or LinuxException)
        {
            Violate(e.Message, descriptors);
        }
        catch (Exception e)
        {
            // A fault of ours: this session cannot go on in an unknown state, the others can.
            Logger.LogCritical(e, "{Session} met an unexpected failure", this);
            CloseWith(IpcError.Inner, "an unexpected failure in the receiving process");
        }

        return false;
    }

    private void Violate(string what, Descriptor[] descriptors)
    {
        foreach (Descriptor descriptor in descriptors)
            descriptor.Dispose();
        Endpoint.Counts.NoteViolation();
        Logger.LogWarning("{Session} broke the protocol: {What}", this, what);
        CloseWith(IpcError.ProtocolMismatch, $"protocol violation: {what}");
    }

    private void Handle(ReadOnlySpan<byte> record, Descriptor[] descriptors)
    {
        var header = RecordHeader.Read(record, descriptors.Length);
        _counters.NoteReceived(header.Kind, record.Length);
        _lastObjects = header.Kind is >= RecordKind.TicketRequest and <= RecordKind.Redeemed ? ObjectsForATicket : header.ObjectCount;
        if (_state == Connecting)
        {
            HandleHandshake(header, ObjectTable.Data(header, record), descriptors);
            return;
        }

        switch (header.Kind)
        {
            case RecordKind.Call or RecordKind.OneWay:
                HandleRequest(header, record, descriptors);
                break;
            case RecordKind.Reply:
                HandleReply(header, record, descriptors);
                break;
            case RecordKind.Cancel:
                if (Volatile.Read(ref _callRuns))
                    _callContext!.CancelCall(header.Id);
                FindRunning(header.Id)?.Context.Cancel();
                break;
            case RecordKind.Release:
                Unreferenced(_exports.Release(header.Target, header.Id));
                CloseIfIdle();
                break;
            case RecordKind.Credit:
                _send.AddCredit((long)Math.Min(header.Id, int.MaxValue), (long)Math.Min(header.Target, int.MaxValue));
                break;
            case RecordKind.Goodbye:
                HandleGoodbye(header, ObjectTable.Data(header, record));
                break;
            default:
                HandleTicketRecord(header, ObjectTable.Data(header, record));
                break;
        }
    }

    private void HandleRequest(in RecordHeader header, ReadOnlySpan<byte> record, Descriptor[] descriptors)
    {
        bool isOneWay = header.Kind == RecordKind.OneWay;
        bool isBuiltIn = Calls.BuiltInCodes.IsBuiltIn(header.Code);
        if (header.Code is 0 or > IpcProxy.MaxCode && !isBuiltIn)
            throw new ProtocolViolationException($"a request with the code {header.Code}");
        ExportTable.Entry entry = _exports.Find(header.Target)
            ?? throw new ProtocolViolationException($"a request to the unknown stub {header.Target}");
        _window.Add(record.Length);
        Incoming incoming = Accept(header, record, descriptors);
        var context = new CallContext(Peer, this, isOneWay, isOneWay ? 0 : header.Chain);
        var request = new InboundRequest(descriptors.Length > 0 ? HandlerOf(entry.Stub, descriptors.Length) : entry.Stub, header.Code, context, this, Logger)
        {
            Id = header.Id,
            Cost = record.Length,
            Row = CountRequest(entry, header.Code, record.Length),
            Watch = Endpoint.Watch,
            Probe = Endpoint.Probe,
        };
        incoming.DeliverTo(request);
        if (isOneWay)
            Interlocked.Increment(ref _oneWayUnhandled);
        else if (!TryAddRunning(request))
            throw new ProtocolViolationException($"a second call with the number {header.Id}");
        if (isOneWay)
            entry.OneWay.Enqueue(request);
        else if (request.Ready is { IsCompleted: false } ready)
            _ = HandWhenReadyAsync(ready, request);
        else
            HandCall(request);
    }

    private async Task HandWhenReadyAsync(Task ready, InboundRequest request)
    {
        await ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        HandCall(request);
    }

    private void HandCall(InboundRequest request)
    {
        if (Endpoint.Chains.TryServe(request, out bool chainWaitsHere))
            return;
        if (chainWaitsHere)
            Endpoint.Pool.EnqueueNested(request.AsNested());
        else
            _lane.Enqueue(request);
    }

    private void HandleGoodbye(in RecordHeader header, ReadOnlySpan<byte> data)
    {
        string reason = Goodbye.ReadText(data);
        _goodbye = new IpcException((IpcError)header.Status, $"{Describe()} closed the session: {reason}");
        EndBecause($"the peer closed the session: {reason}");
    }

    private void EndBecause(string reason)
    {
        using (_gate.Enter())
            _closeReason ??= reason;
        End();
    }
}
