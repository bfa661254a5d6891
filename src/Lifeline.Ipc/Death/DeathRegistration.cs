namespace Lifeline.Ipc;

/// <summary>A death recipient that was added to a proxy. Thread-safe.</summary>
public sealed class DeathRegistration : IDisposable
{
    private const int Waiting = 0;
    private const int Called = 1;
    private const int Removed = 2;

    private readonly IpcProxy _proxy;
    private readonly Action<DeathNotice> _recipient;
    private int _state;

    internal DeathRegistration(IpcProxy proxy, Action<DeathNotice> recipient, DeathTiming timing)
    {
        Timing = timing;
        _proxy = proxy;
        _recipient = recipient;
    }

    /// <summary>Whether the recipient can still be called: neither called nor disposed.</summary>
    public bool IsActive => Volatile.Read(ref _state) == Waiting;

    /// <summary>When the recipient wants to be called.</summary>
    internal DeathTiming Timing { get; }

    /// <summary>Whether it was disposed before its call began.</summary>
    internal bool IsRemoved => Volatile.Read(ref _state) == Removed;

    /// <summary>Where the session keeps it, to take it out in one step. Guarded by the session's list.</summary>
    internal LinkedListNode<DeathRegistration>? Node { get; set; }

    /// <summary>
    /// Removes the recipient: if its call has not begun when this method is entered, it never will be called. May be called
    /// any number of times, also after the death and inside the recipient; it does not wait for a call that has begun.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.CompareExchange(ref _state, Removed, Waiting) == Waiting)
            _proxy.Forget(this);
    }

    /// <summary>Calls the recipient unless that was done or it was removed. On the obituary lane only.</summary>
    internal void Fire(string reason, bool early = false)
    {
        if (Interlocked.CompareExchange(ref _state, Called, Waiting) != Waiting)
            return;
        _proxy.Forget(this);
        _recipient(new DeathNotice(_proxy, reason, early));
    }
}
