using System.Buffers;
using Lifeline.Ipc.Calls;
using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;
using Lifeline.Ipc.Sending;

namespace Lifeline.Ipc;

// Calls whose thread waits for the reply: it looks for it itself, then sleeps where the peer wakes it directly.
public sealed partial class IpcSession
{
    // Records of others that come before the reply, until the caller leaves them to the receive thread.
    private const int WatchesForReply = 32;

    private readonly SpinBudget _replySpin = new();
    private bool _hasSleeper;

    /// <summary>Calls and waits for the reply.</summary>
    /// <param name="handle">The stub.</param>
    /// <param name="code">The request.</param>
    /// <param name="data">Its data.</param>
    /// <param name="reply">Where the reply goes.</param>
    /// <param name="timeout">How long to wait; null for the endpoint's default.</param>
    /// <param name="cancellationToken">Releases the caller.</param>
    /// <param name="chain">The chain of nested calls; 0 for that of the thread, or a new one.</param>
    internal void Call(ulong handle, uint code, Parcel data, Parcel reply, TimeSpan? timeout, CancellationToken cancellationToken, ulong chain = 0)
    {
        BlockingCall call = BlockingCall.Rent(Interlocked.Increment(ref _lastCall), chain != 0 ? chain : CurrentChain(), reply);
        TimeSpan limit = timeout ?? Options.CallTimeout;
        bool isGood = false;
        Begin(call, handle, code, cancellationToken);
        try
        {
            Send(call, handle, code, data, limit, cancellationToken);
            if (!call.IsDecided)
                WatchForReply(call);
            if (!call.IsDecided)
                SleepForReply(call, code, limit, cancellationToken);
            call.WaitForOutcome();
            Parcel received = call.GetReply();
            isGood = true;
            if (received != reply)
            {
                reply.TakeOver(received);
                received.Dispose();
            }
        }
        catch (Exception e)
        {
            GiveUp(call, e);
            // Whoever took it may be writing into the parcel of the caller.
            call.WaitForOutcome();
            throw;
        }
        finally
        {
            Endpoint.Chains.Leave(call);
            if (call.TakeUnserved() is { } left)
                ServeElsewhere(left);
            else if (isGood)
                call.GiveBack();
        }
    }

    private void ServeElsewhere(Queue<InboundRequest> left)
    {
        foreach (InboundRequest request in left)
            Endpoint.Pool.EnqueueNested(request.AsNested());
    }

    private void Send(BlockingCall call, ulong handle, uint code, Parcel data, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (data.HasNoObjects)
        {
            var header = new RecordHeader { Kind = RecordKind.Call, Id = call.Id, Target = handle, Code = code, Chain = call.Chain, DataLength = data.DataSize };
            if (_send.TrySendPlain(header, data))
                return;
        }

        OutgoingParcel outgoing = Prepare(call, handle, code, data);
        if (TrySend(call, outgoing))
            return;
        // Room may never come: what ends the call must be able to end this wait, too.
        Arm(call, code, limit, cancellationToken);
        do
            Task.WhenAny(_send.WaitForSpace(), call.Decided).GetAwaiter().GetResult();
        while (!TrySend(call, outgoing));
    }

    /// <summary>
    /// A caller looks for its reply itself before it sleeps, and receives what it finds, for whomever it is: a reply that
    /// comes soon costs no wake-up.
    /// </summary>
    private void WatchForReply(BlockingCall call)
    {
        if (_rings is not { } rings || !_replySpin.IsWorthwhile || !TryBeginWatch(rings))
            return;
        call.Watched = rings;
        for (int i = 0; i < WatchesForReply && SpinForReply(call) && !call.NeedsThread; i++)
        {
            using (_receiveGate.Enter())
            {
                if (_watchers == 1)
                    rings.FetchFlag();
                ReceiveFor(call, rings);
            }
        }

        bool isToldOf;
        using (_receiveGate.Enter())
            isToldOf = EndWatch();
        rings.EndUse();
        if (!isToldOf)
            Endpoint.Loop.Schedule(this);
    }

    private bool SpinForReply(BlockingCall call) =>
        Volatile.Read(ref _watchers) > 1 ? _replySpin.SpinAmongOthers(call) : _replySpin.Spin(call);

    private bool TryBeginWatch(RingTransport rings)
    {
        if (!rings.TryUse())
            return false;
        using (_receiveGate.Enter())
        {
            if (_state == Open)
            {
                Volatile.Write(ref _watchers, _watchers + 1);
                rings.Disarm();
                return true;
            }
        }

        rings.EndUse();
        return false;
    }

    private void SleepForReply(BlockingCall call, uint code, TimeSpan limit, CancellationToken cancellationToken)
    {
        bool ownClock = Options.TimeProvider == TimeProvider.System && limit != Timeout.InfiniteTimeSpan;
        long deadline = ownClock ? Environment.TickCount64 + (long)Math.Ceiling(limit.TotalMilliseconds) : long.MaxValue;
        if (!call.IsArmed && (!ownClock || cancellationToken.CanBeCanceled))
            Arm(call, code, ownClock ? Timeout.InfiniteTimeSpan : limit, cancellationToken);
        WorkerPool? pool = WorkerPool.BeginBlocking();
        try
        {
            while (!call.Next(out InboundRequest? nested))
            {
                if (nested is not null)
                    _ = nested.ExecuteAsync();
                else if (ownClock && Environment.TickCount64 >= deadline && TryTimeOut(call, code, limit))
                    continue;
                else if (!TrySleepOnRing(call, Left(deadline)))
                    call.Wait(Left(deadline));
            }
        }
        finally
        {
            pool?.EndBlocking();
        }
    }

    private bool TryTimeOut(BlockingCall call, uint code, TimeSpan limit)
    {
        Abandon(call, CallErrors.Timeout(code, limit, Describe()));
        // If the reply was quicker, whoever received it is about to hand it over.
        return call.IsDecided;
    }

    private static int Left(long deadline) =>
        deadline == long.MaxValue ? Timeout.Infinite : (int)Math.Clamp(deadline - Environment.TickCount64, 1, int.MaxValue);

    /// <summary>Sleeps on the ring's word, where the peer wakes it without the detour through the receive thread.</summary>
    /// <returns>False if that cannot be: somebody else looks at the ring.</returns>
    private bool TrySleepOnRing(BlockingCall call, int milliseconds)
    {
        if (_rings is not { } rings || !rings.TryUse())
            return false;
        // Said before it looks a last time: who decides the call sees it, or is seen.
        call.SleepsOn = rings;
        bool isMine;
        bool sleeps = false;
        using (_receiveGate.Enter())
        {
            isMine = _state == Open && !_hasSleeper && _watchers == 0;
            if (isMine)
            {
                _hasSleeper = true;
                rings.ArmMode = RingSleep.Futex;
                sleeps = rings.TryArm();
            }
        }

        if (sleeps && !call.NeedsThread)
            rings.Sleep(milliseconds);
        // Awake: what it receives itself need not wake it.
        call.SleepsOn = null;
        if (isMine)
            EndSleep(call, rings);
        rings.EndUse();
        return isMine;
    }

    private void EndSleep(BlockingCall call, RingTransport rings)
    {
        bool isToldOf = true;
        using (_receiveGate.Enter())
        {
            _hasSleeper = false;
            rings.ArmMode = RingSleep.Doorbell;
            ReceiveFor(call, rings);
            if (_state == Open && _watchers == 0)
                isToldOf = rings.TryArm();
        }

        if (!isToldOf)
            Endpoint.Loop.Schedule(this);
    }

    /// <summary>Receives until the caller has something to do. Receive gate.</summary>
    private void ReceiveFor(BlockingCall call, RingTransport rings)
    {
        byte[]? buffer = null;
        while (_state == Open && !IsClosed && !call.NeedsThread && rings.HasArrived)
        {
            if (TryTakeReply(rings, call))
                continue;
            buffer ??= ArrayPool<byte>.Shared.Rent(RecordHeader.MaxRecordSize + 1);
            if (!ReceiveOne(buffer))
                break;
        }

        if (buffer is not null)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Takes a plain reply straight out of the ring into the parcel that waits for it. Receive gate.</summary>
    /// <param name="rings">The ring.</param>
    /// <param name="own">The call of this thread.</param>
    private bool TryTakeReply(RingTransport rings, BlockingCall own)
    {
        try
        {
            ReadOnlySpan<byte> data = rings.PeekPlain(out RecordHeader header);
            if (header.Kind != RecordKind.Reply || header.Status != 0)
                return false;
            // Whoever else is waited for, or nobody any more: the ordinary way.
            if (TakePending(header.Id, blocking: true) is not { ReplyTo: { } reply } call)
                return false;
            Load(call, reply, data, own);
            _counters.NoteReceived(header.Kind, header.RecordLength);
            rings.Advance();
            return true;
        }
        catch (ProtocolViolationException e)
        {
            Violate(e.Message, []);
            return false;
        }
    }
}
