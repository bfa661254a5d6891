using System.Buffers;
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
    // Records in a row before other sessions get their turn.
    private const int ReceiveBudget = 64;

    // Who receives: the endpoint's receive thread, or a caller that waits for its reply.
    private readonly Lock _receiveGate = new();
    private readonly InboxWindow _window;
    private readonly Queue<InboundRequest> _held = [];
    private int _heldCount;
    private int _writable;
    private int _scheduled;

    bool IAttention.TrySchedule() => Interlocked.Exchange(ref _scheduled, 1) == 0;

    void IDoorbell.RingReadable() => Endpoint.Loop.Schedule(this);

    void IDoorbell.RingWritable()
    {
        Volatile.Write(ref _writable, 1);
        Endpoint.Loop.Schedule(this);
    }

    void IPollTarget.OnReady(EpollEvents events)
    {
        lock (_receiveGate)
        {
            if (_state == Ended)
                return;
            if ((events & EpollEvents.Out) != 0)
            {
                Endpoint.Loop.Modify(_transport.Pollable!, EpollEvents.In, _tag);
                _send.Continue(writable: true);
            }

            if ((events & ~EpollEvents.Out) != 0)
            {
                _transport.NotePollable();
                Receive(Endpoint.Loop.Buffer);
            }

            Attend();
        }
    }

    void IAttention.OnAttention()
    {
        Volatile.Write(ref _scheduled, 0);
        Interlocked.MemoryBarrier();
        lock (_receiveGate)
        {
            if (_state == Ended)
                return;
            if (Interlocked.Exchange(ref _writable, 0) != 0)
                _send.Continue(writable: true);
            if (_transport.NeedsTurns)
                Receive(Endpoint.Loop.Buffer);
            Attend();
        }
    }

    private void Attend()
    {
        if (_state == Ended)
            return;
        GiveReferencesBack();
        if (!_send.IsCongested)
            GoOnWithHeld();
        if (IsClosed)
            End();
    }

    private void GoOnWithHeld()
    {
        InboundRequest[] held;
        lock (_gate)
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
        lock (_receiveGate)
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

    private void Receive(byte[]? buffer)
    {
        byte[]? rented = null;
        buffer ??= rented = ArrayPool<byte>.Shared.Rent(RecordHeader.MaxRecordSize + 1);
        try
        {
            ReceiveSome(buffer);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private void ReceiveSome(byte[] buffer)
    {
        for (int i = 0; i < ReceiveBudget; i++)
        {
            if (!ReceiveOne(buffer))
            {
                if (i > 0 && _transport.NeedsTurns && _transport.Pollable is not null)
                    Endpoint.Loop.NoteHot(this);
                return;
            }
        }

        // A descriptor reports again by itself.
        if (_transport.NeedsTurns)
            Endpoint.Loop.Schedule(this);
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

    private void HandleReply(in RecordHeader header, ReadOnlySpan<byte> record, Descriptor[] descriptors)
    {
        if (header.Id > Volatile.Read(ref _lastCall))
            throw new ProtocolViolationException($"a reply to call {header.Id}, which was never made");
        Calls.PendingCall? call = TakePending(header.Id);
        if (call is null)
            Endpoint.CountLateReply();
        if (header.Status != 0)
        {
            string message = Goodbye.ReadText(ObjectTable.Data(header, record));
            call?.TryFail(new IpcException((IpcError)header.Status, message));
            if (header.ObjectCount != 0)
                throw new ProtocolViolationException("an error reply with objects");
            return;
        }

        if (descriptors.Length > 0 && TooManyDescriptors(descriptors.Length) is { } refusal)
            call?.TryFail(refusal);
        // Also a late reply is read: references in it must be given back.
        Accept(header, record, descriptors).DeliverTo(call);
    }

    private void HandleGoodbye(in RecordHeader header, ReadOnlySpan<byte> data)
    {
        string reason = Goodbye.ReadText(data);
        _goodbye = new IpcException((IpcError)header.Status, $"{Describe()} closed the session: {reason}");
        EndBecause($"the peer closed the session: {reason}");
    }

    private void EndBecause(string reason)
    {
        lock (_gate)
            _closeReason ??= reason;
        End();
    }
}
