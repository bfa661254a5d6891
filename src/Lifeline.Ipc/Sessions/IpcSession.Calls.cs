using Lifeline.Ipc.Calls;
using Lifeline.Ipc.Diagnostics;
using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Endpoints;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;
using Lifeline.Ipc.Sending;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc;

// Calls to the peer, and answers to its calls.
public sealed partial class IpcSession : IRequestOrigin, ISendQueueOwner
{
    private readonly Dictionary<ulong, PendingCall> _pending = [];
    private readonly Dictionary<ulong, InboundRequest> _running = [];
    private readonly RoomWait _roomWait = new();
    private ulong _lastCall;

    private int PendingCount => _pending.Count;

    internal async ValueTask<Parcel> CallAsync(ulong handle, uint code, Parcel data, TimeSpan? timeout, CancellationToken cancellationToken, ulong chain = 0)
    {
        var call = new AsyncCall(Interlocked.Increment(ref _lastCall), chain != 0 ? chain : CurrentChain());
        Begin(call, handle, code, cancellationToken);
        Arm(call, code, timeout ?? Options.CallTimeout, cancellationToken);
        try
        {
            OutgoingParcel outgoing = Prepare(call, handle, code, data);
            while (!TrySend(call, outgoing))
                await Task.WhenAny(_send.WaitForSpace(), call.Decided).ConfigureAwait(false);
            return await call.Task.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            GiveUp(call, e);
            throw;
        }
        finally
        {
            Endpoint.Chains.Leave(call);
        }
    }

    internal void Post(ulong handle, uint code, Parcel data)
    {
        if (!TryPost(handle, code, data))
            throw CallErrors.QueueFull(Endpoint, Describe(), _peerHello);
    }

    internal async ValueTask PostAsync(ulong handle, uint code, Parcel data, TimeSpan wait)
    {
        long start = Options.TimeProvider.GetTimestamp();
        while (!TryPost(handle, code, data))
        {
            TimeSpan left = wait == Timeout.InfiniteTimeSpan ? wait : wait - Options.TimeProvider.GetElapsedTime(start);
            if (left <= TimeSpan.Zero && left != Timeout.InfiniteTimeSpan)
                throw CallErrors.QueueFull(Endpoint, Describe(), _peerHello);
            await _send.WaitForSpace().WaitAsync(left, Options.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    WorkerLane? IRequestOrigin.Lane => _lane;

    void IRequestOrigin.Answer(InboundRequest request, Parcel reply)
    {
        if (!request.Context.IsOneWay)
            AnswerCall(request.Id, reply, request.Row);
    }

    private void AnswerCall(ulong id, Parcel reply, CodeRow? row)
    {
        OutgoingObjects? objects = Translate(reply);
        var outgoing = OutgoingParcel.Create(new RecordHeader { Kind = RecordKind.Reply, Id = id }, reply, objects);
        row?.NoteReply(outgoing.Length);
        if (objects?.Tickets is { } tickets)
            AnswerWithTickets(outgoing, reply, tickets);
        else
            SendReply(outgoing);
    }

    void IRequestOrigin.AnswerError(InboundRequest request, IpcException error)
    {
        Interlocked.Increment(ref _counters.Failed);
        if (request.Context.IsOneWay)
        {
            Logger.LogDebug("A one-way call of {Session} was answered with {Error}: {Message}", this, error.Error, error.Message);
            return;
        }

        SendError(request.Id, error);
    }

    private void SendError(ulong id, IpcException error) =>
        _send.SendControl(new RecordHeader { Kind = RecordKind.Reply, Id = id, Status = (int)error.Error }, Goodbye.Text(error.Message));

    void IRequestOrigin.Handled(InboundRequest request)
    {
        if (!request.Context.IsOneWay)
        {
            using (_gate.Enter())
                _running.Remove(request.Id);
        }

        CountHandled(1, request.Cost);
        if (request.Context.IsOneWay && Interlocked.Decrement(ref _oneWayUnhandled) == 0 && _state == Ended)
            DeliverObituaries();
    }

    IpcException ISendQueueOwner.Dead() => Dead();

    void ISendQueueOwner.WantsRoom()
    {
        if (_transport.IsRoomPolled && _transport.Pollable is { } pollable && _tag != 0)
            Endpoint.Loop.Modify(pollable, Linux.EpollEvents.In | Linux.EpollEvents.Out, _tag);
    }

    void ISendQueueOwner.Relieved()
    {
        if (Volatile.Read(ref _heldCount) > 0)
            Endpoint.Loop.Schedule(this);
    }

    /// <summary>A call whose reply could not be sent soon is not begun: the peer must read the replies to others first.</summary>
    bool IRequestOrigin.TryHold(InboundRequest request)
    {
        if (!_send.IsCongested || _state == Ended)
            return false;
        using (_gate.Enter())
        {
            _held.Enqueue(request);
            Interlocked.Increment(ref _heldCount);
        }

        // What relieves in the meantime has seen either the count or is seen here.
        if (!_send.IsCongested || _state == Ended)
            Endpoint.Loop.Schedule(this);
        return true;
    }

    void ISendQueueOwner.Overflow(long bytes)
    {
        Endpoint.Limits.Count(nameof(IpcEndpointOptions.OutboxBytes));
        CloseOverflowing(bytes);
    }

    private void CloseOverflowing(long bytes) => ThreadPool.UnsafeQueueUserWorkItem(
        s => s.Session.Close($"the peer does not read: {s.Bytes} bytes wait for it, {nameof(IpcEndpointOptions.OutboxBytes)} and {SendQueue.ReplyReserve} bytes more are allowed"),
        (Session: this, Bytes: bytes),
        preferLocal: false);

    void ISendQueueOwner.Refused(OutRecord record, IpcException error)
    {
        if (record.Objects is not null)
            Undo(record.Objects);
        Logger.LogWarning("A queued record of kind {Kind} in {Session} could not be sent: {Error}", record.Kind, this, error.Message);
        if (record.Kind == RecordKind.Call)
            TakePending(record.Id)?.TryFail(error);
    }

    void ISendQueueOwner.NotSent(OutgoingObjects objects) => Undo(objects);

    internal static ulong CurrentChain() => CallContext.Current is { Chain: not 0 } context ? context.Chain : ChainTable.NewChain();

    private IpcException Dead() => new(IpcError.DeadObject, $"{Describe()} is gone: {_closeReason ?? (IsPeerDying ? DyingReason : "its socket is closed")}");

    private void Begin(PendingCall call, ulong handle, uint code, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using (_gate.Enter())
        {
            if (_closeReason is not null)
                throw Dead();
            if (_pending.Count >= Options.MaxPendingCalls)
                throw CallErrors.TooManyCalls(Endpoint, Describe());
            // Until its own tick is known it is as young as can be.
            call.Watch(handle, code);
            _pending.Add(call.Id, call);
        }

        call.BegunAt = Endpoint.ReplyWatch.Begin();
        Endpoint.Chains.Enter(call);
    }

    private void Arm(PendingCall call, uint code, TimeSpan timeout, CancellationToken cancellationToken) => call.Arm(
        Options.TimeProvider,
        timeout,
        c => Abandon(c, CallErrors.Timeout(code, timeout, Describe())),
        c => Abandon(c, new OperationCanceledException(cancellationToken)),
        cancellationToken);

    private OutgoingParcel Prepare(PendingCall call, ulong handle, uint code, Parcel data) => OutgoingParcel.Create(
        new RecordHeader { Kind = RecordKind.Call, Id = call.Id, Target = handle, Code = code, Chain = call.Chain },
        data,
        Translate(data));

    /// <summary>Sends a call unless nobody waits for it any more.</summary>
    /// <returns>False if there is no room.</returns>
    private bool TrySend(PendingCall call, in OutgoingParcel outgoing)
    {
        if (call.IsDecided)
        {
            Undo(outgoing.Objects);
            return true;
        }

        try
        {
            return _send.TrySendRequest(outgoing);
        }
        catch
        {
            Undo(outgoing.Objects);
            throw;
        }
    }

    private bool TryPost(ulong handle, uint code, Parcel data)
    {
        if (_closeReason is not null)
            throw Dead();
        var header = new RecordHeader { Kind = RecordKind.OneWay, Target = handle, Code = code, DataLength = data.DataSize };
        if (data.HasNoObjects)
        {
            if (_send.TrySendPlain(header, data))
                return true;
            if (WaitForRoom() && _send.TrySendPlain(header, data))
                return true;
        }

        var outgoing = OutgoingParcel.Create(header, data, Translate(data));
        bool sent = false;
        try
        {
            return sent = _send.TrySendRequest(outgoing);
        }
        finally
        {
            if (!sent)
                Undo(outgoing.Objects);
        }
    }

    /// <summary>The peer is taking what it got out of the ring, and gives credit for it: that is quicker than any queue.</summary>
    /// <returns>Whether there are room and credit now. A guess.</returns>
    private bool WaitForRoom()
    {
        // Looked at from outside of the send gate: the end of the session must not unmap it meanwhile.
        if (_rings is not { } rings || !rings.TryUse())
            return false;
        bool found = _send.MayClearSoon && !Leadership.IsRunningHere && _roomWait.Wait(_send);
        rings.EndUse();
        return found;
    }

    private void SendReply(in OutgoingParcel outgoing)
    {
        try
        {
            _send.SendReply(outgoing);
        }
        catch
        {
            Undo(outgoing.Objects);
            throw;
        }
    }

    /// <summary>The caller is released; the peer is told, if it knows of the call.</summary>
    private void Abandon(PendingCall call, Exception why)
    {
        if (TakePending(call.Id) is null)
            return;
        call.TryFail(why);
        if (!_send.TryWithdraw(call.Id))
            _send.SendControl(new RecordHeader { Kind = RecordKind.Cancel, Id = call.Id }, []);
    }

    private void GiveUp(PendingCall call, Exception why)
    {
        if (TakePending(call.Id) is not null)
            call.TryFail(why);
    }

    private PendingCall? TakePending(ulong id, bool blocking = false)
    {
        using (_gate.Enter())
        {
            if (blocking && !(_pending.TryGetValue(id, out PendingCall? known) && known is BlockingCall))
                return null;
            return _pending.Remove(id, out PendingCall? call) ? call : null;
        }
    }

    private bool TryAddRunning(InboundRequest request)
    {
        using (_gate.Enter())
            return _running.TryAdd(request.Id, request);
    }

    private InboundRequest? FindRunning(ulong id)
    {
        using (_gate.Enter())
            return _running.GetValueOrDefault(id);
    }
}
