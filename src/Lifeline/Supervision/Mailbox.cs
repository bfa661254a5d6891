using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>
/// What waits for the decision loop, in order. Each sender bounds what it puts in: one entry for each process, session or
/// order at a time. Safe for any thread; one thread takes.
/// </summary>
internal sealed class Mailbox
{
    private readonly Lock _gate = new();
    // Not an AutoResetEvent: whoever it wakes meets the lock of the one who set it, and a death costs two more turns of the processor.
    private readonly EventFd _arrived = EventFd.Create();
    private Queue<Action> _items = new();
    private Queue<Action> _spare = new();
    private bool _waiting;

    /// <summary>Puts something in. Never waits.</summary>
    public void Post(Action item)
    {
        bool wake;
        lock (_gate)
        {
            _items.Enqueue(item);
            wake = _waiting;
            _waiting = false;
        }

        if (wake)
            _arrived.Signal();
    }

    /// <summary>Takes everything that is there; waits for something if there is nothing.</summary>
    /// <param name="timeout">How long; infinite is allowed.</param>
    /// <returns>Empty after the timeout. Valid until the next call.</returns>
    public Queue<Action> Take(TimeSpan timeout)
    {
        if (TryTake() is { } there)
            return there;
        if (Poller.IsReady(_arrived, PollEvents.In, (int)Math.Min(timeout.TotalMilliseconds, int.MaxValue)))
            _arrived.Drain();
        return TryTake(cancelWaiting: true) ?? _spare;
    }

    private Queue<Action>? TryTake(bool cancelWaiting = false)
    {
        lock (_gate)
        {
            _waiting = !cancelWaiting && _items.Count == 0;
            if (_items.Count == 0)
                return null;
            (_items, _spare) = (_spare, _items);
            return _spare;
        }
    }
}
