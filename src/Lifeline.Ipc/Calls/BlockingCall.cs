using System.Runtime.ExceptionServices;
using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Rings;

namespace Lifeline.Ipc.Calls;

/// <summary>A call whose thread waits for the reply and meanwhile serves nested calls of the same chain.</summary>
/// <remarks>
/// A thread uses the same object for one call after the other. Whoever finds it by the number of an earlier call may wake its
/// thread in vain, nothing else.
/// </remarks>
internal sealed class BlockingCall : PendingCall, ISpinCondition
{
    // Looks at the ring alone, of which each is quicker, before one at everything.
    private const int LooksAtRing = 8;

    [ThreadStatic]
    private static BlockingCall? t_spare;

    private readonly BiasedGate _gate = new();
    private readonly WaitWord _word = new();
    private Queue<InboundRequest>? _nested;
    private Parcel? _reply;
    private Exception? _failure;
    private RingTransport? _sleepsOn;
    private bool _done;
    private bool _serving;

    /// <summary>Whether the waiting thread has something to do: the outcome is here, or a nested call.</summary>
    internal bool NeedsThread => IsDecided || Volatile.Read(ref _nested) is { Count: > 0 };

    /// <summary>The rings that the waiting thread looks at for the reply.</summary>
    internal RingTransport? Watched { get; set; }

    /// <summary>The rings that the thread sleeps on: whoever has something for it wakes it there.</summary>
    internal RingTransport? SleepsOn
    {
        set
        {
            // Whoever wakes the thread there does it inside of the gate: the memory is in use until that is over.
            using (_gate.Enter())
                _sleepsOn = value;
        }
    }

    bool ISpinCondition.IsMet => IsDecided || Watched is { HasArrived: true } || NeedsThread;

    bool ISpinCondition.IsMetWithin(int looks)
    {
        for (; looks > 0; looks -= LooksAtRing)
        {
            if (Watched!.HasArrivedWithin(LooksAtRing) || NeedsThread)
                return true;
        }

        return false;
    }

    int ISpinCondition.Meet(int processor) => Watched?.Meet(processor) ?? -1;

    /// <summary>An object for a call that begins on this thread.</summary>
    internal static BlockingCall Rent(ulong id, ulong chain, Parcel replyTo)
    {
        BlockingCall call = t_spare ?? new BlockingCall();
        t_spare = null;
        lock (call._gate)
        {
            call._failure = null;
            call._done = call._serving = false;
            call.Begin(id, chain, replyTo);
        }

        return call;
    }

    /// <summary>The call went well and is over: the object can be used again, unless something may still come to it.</summary>
    internal void GiveBack()
    {
        if (IsArmed || _nested is not null)
            return;
        _reply = null;
        Watched = null;
        t_spare = this;
    }

    /// <summary>What the thread is to do next.</summary>
    /// <param name="request">A nested call, if there is one.</param>
    /// <returns>Whether the outcome is here.</returns>
    internal bool Next(out InboundRequest? request)
    {
        request = null;
        using (_gate.Enter())
        {
            _serving = false;
            if (_done || _nested is not { Count: > 0 })
                return _done;
            _serving = true;
            request = _nested.Dequeue();
            return false;
        }
    }

    /// <summary>Waits until there is something to do. May end without cause.</summary>
    /// <param name="milliseconds">At most so long.</param>
    internal void Wait(int milliseconds)
    {
        uint seen;
        using (_gate.Enter())
        {
            if (_done || _nested is { Count: > 0 })
                return;
            seen = _word.BeginWait();
        }

        _word.Wait(seen, milliseconds);
    }

    /// <summary>Waits for an outcome that is about to come. Nested calls stay for <see cref="TakeUnserved"/>.</summary>
    internal void WaitForOutcome()
    {
        while (!Volatile.Read(ref _done))
        {
            uint seen;
            using (_gate.Enter())
            {
                if (_done)
                    return;
                seen = _word.BeginWait();
            }

            _word.Wait(seen, Timeout.Infinite);
        }
    }

    /// <summary>The outcome.</summary>
    internal Parcel GetReply()
    {
        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
        return _reply!;
    }

    /// <summary>Requests that came too late to be served here.</summary>
    internal Queue<InboundRequest>? TakeUnserved()
    {
        if (Volatile.Read(ref _nested) is null)
            return null;
        using (_gate.Enter())
        {
            _done = true;
            Queue<InboundRequest>? left = _nested;
            _nested = null;
            return left;
        }
    }

    internal override bool TryOffer(InboundRequest request)
    {
        bool waits;
        using (_gate.Enter())
        {
            // A thread that runs a nested handler may wait for something else there: it takes nothing more.
            if (_done || _serving || Chain != request.Chain)
                return false;
            if (_nested is null)
                Volatile.Write(ref _nested, []);
            _nested.Enqueue(request);
            waits = Tell();
        }

        if (waits)
            _word.Wake();
        return true;
    }

    /// <summary>Ends the wait with a reply that the waiting thread took itself: there is nobody to be woken.</summary>
    internal void TakeReply(Parcel reply)
    {
        if (!TryDecide())
            return;
        using (_gate.Enter())
        {
            _reply = reply;
            Volatile.Write(ref _done, true);
        }
    }

    protected override void OnReply(Parcel reply) => End(reply, null);

    protected override void OnFailure(Exception failure) => End(null, failure);

    private void End(Parcel? reply, Exception? failure)
    {
        bool waits;
        using (_gate.Enter())
        {
            _reply = reply;
            _failure = failure;
            Volatile.Write(ref _done, true);
            waits = Tell();
        }

        // Outside of the gate, which the thread takes as soon as it is awake.
        if (waits)
            _word.Wake();
    }

    /// <summary>There is something for the thread. Gate.</summary>
    /// <returns>Whether it is to be woken at its word.</returns>
    private bool Tell()
    {
        bool waits = _word.TakeWaiter();
        // What the thread looks at after it has said where it sleeps was written before this.
        Interlocked.MemoryBarrier();
        _sleepsOn?.WakeSleeper();
        return waits;
    }
}
