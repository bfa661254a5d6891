using Lifeline.Ipc.Dispatch;

namespace Lifeline.Ipc.Calls;

/// <summary>A call that waits for its reply. Whatever comes first decides: the reply, the timeout, the cancellation or the end of the session.</summary>
internal abstract class PendingCall
{
    private int _decided;
    private TaskCompletionSource? _signal;
    private ITimer? _timer;
    private CancellationTokenRegistration _cancellation;
    private bool _armed;

    internal ulong Id { get; private set; }

    internal ulong Chain { get; private set; }

    /// <summary>Where the reply's data go; null if it gets a parcel of its own.</summary>
    internal Parcel? ReplyTo { get; private set; }

    /// <summary>The stub that is called.</summary>
    internal ulong Handle { get; private set; }

    /// <summary>The request.</summary>
    internal uint Code { get; private set; }

    /// <summary>The tick of the endpoint's <see cref="Diagnostics.ReplyWatch"/> at which it began; <see cref="int.MaxValue"/> while it is not known, or of no more interest.</summary>
    internal int BegunAt { get; set; }

    /// <summary>Whether timers or tokens know of it.</summary>
    internal bool IsArmed => _armed || Volatile.Read(ref _signal) is not null;

    internal bool IsDecided => Volatile.Read(ref _decided) != 0;

    /// <summary>Completes when the wait is over. Asked for only by those who wait for room to send.</summary>
    internal Task Decided
    {
        get
        {
            TaskCompletionSource signal = Volatile.Read(ref _signal)
                ?? Interlocked.CompareExchange(ref _signal, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null)
                ?? _signal!;
            if (IsDecided)
                signal.TrySetResult();
            return signal.Task;
        }
    }

    /// <summary>Makes the object stand for a call that begins.</summary>
    protected void Begin(ulong id, ulong chain, Parcel? replyTo)
    {
        Id = id;
        Chain = chain;
        ReplyTo = replyTo;
        Volatile.Write(ref _decided, 0);
    }

    /// <summary>Notes what is called, for who looks for calls that wait long.</summary>
    internal void Watch(ulong handle, uint code)
    {
        Handle = handle;
        Code = code;
        BegunAt = int.MaxValue;
    }

    /// <summary>Arms what may end the wait early. The two callbacks must end in <see cref="TryFail"/>.</summary>
    internal void Arm(TimeProvider time, TimeSpan timeout, Action<PendingCall> onTimeout, Action<PendingCall> onCancelled, CancellationToken cancellationToken)
    {
        _armed = true;
        if (timeout != Timeout.InfiniteTimeSpan)
            _timer = time.CreateTimer(_ => onTimeout(this), null, timeout, Timeout.InfiniteTimeSpan);
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(_ => onCancelled(this), null);
        if (IsDecided)
            Disarm();
    }

    /// <summary>Ends the wait with a reply.</summary>
    /// <returns>False if it had ended before: the reply still belongs to the caller then.</returns>
    internal bool TryComplete(Parcel reply)
    {
        if (!TryDecide())
            return false;
        OnReply(reply);
        return true;
    }

    /// <summary>Ends the wait with a failure.</summary>
    internal bool TryFail(Exception failure)
    {
        if (!TryDecide())
            return false;
        OnFailure(failure);
        return true;
    }

    /// <summary>Offers a nested call of the chain to the waiting thread.</summary>
    internal virtual bool TryOffer(InboundRequest request) => false;

    protected abstract void OnReply(Parcel reply);

    protected abstract void OnFailure(Exception failure);

    /// <summary>Decides that the wait is over.</summary>
    /// <returns>False if that had been decided before.</returns>
    protected bool TryDecide()
    {
        if (Interlocked.Exchange(ref _decided, 1) != 0)
            return false;
        Disarm();
        return true;
    }

    private void Disarm()
    {
        if (!IsArmed)
            return;
        Volatile.Read(ref _signal)?.TrySetResult();
        _timer?.Dispose();
        // Unregister does not wait: the callback itself may be what calls this.
        _cancellation.Unregister();
    }
}
