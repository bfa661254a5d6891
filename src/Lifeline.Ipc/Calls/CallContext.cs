namespace Lifeline.Ipc;

/// <summary>The call that a handler is answering.</summary>
public sealed partial class CallContext
{
    private static readonly AsyncLocal<CallContext?> s_current = new();

    // Synchronous handlers need nothing that follows awaits.
    [ThreadStatic]
    private static CallContext? t_inline;

    private readonly Lock _gate = new();
    private CancellationTokenSource? _cancellation;
    private ulong _call;
    private bool _cancelled;
    private volatile bool _completed;

    internal CallContext(CallerIdentity caller, IpcSession? session, bool isOneWay, ulong chain)
    {
        Caller = caller;
        Session = session;
        IsOneWay = isOneWay;
        Chain = chain;
    }

    /// <summary>The call that this code runs in; null outside of a handler. It follows awaits.</summary>
    // What flows goes first: a nested or local call, or another handler that goes on here, runs inside of the synchronous one.
    public static CallContext? Current => s_current.Value is { } context ? (context._completed ? null : context) : t_inline;

    /// <summary>The calling process as the kernel knows it; this process itself for a local call.</summary>
    public CallerIdentity Caller { get; }

    /// <summary>Whether nobody waits for a reply.</summary>
    public bool IsOneWay { get; }

    /// <summary>The session through which the call came; null for a call from within this process.</summary>
    public IpcSession? Session { get; }

    /// <summary>Cancelled when the caller no longer waits: it cancelled, its timeout passed, or its session ended.</summary>
    public CancellationToken Cancelled
    {
        get
        {
            lock (_gate)
            {
                if (_cancelled)
                    return _cancellation?.Token ?? new CancellationToken(canceled: true);
                _cancellation ??= new CancellationTokenSource();
                return _cancellation.Token;
            }
        }
    }

    /// <summary>The chain of nested calls that this call belongs to; 0 for none.</summary>
    internal ulong Chain { get; set; }

    /// <summary>Makes <paramref name="context"/> the current one of this flow of control.</summary>
    /// <returns>The one before, to be put back.</returns>
    internal static CallContext? Enter(CallContext? context)
    {
        CallContext? previous = s_current.Value;
        s_current.Value = context;
        return previous;
    }

    /// <summary>Makes <paramref name="context"/> the current one of this thread, for a handler that does not await.</summary>
    /// <returns>The one before, to be put back.</returns>
    internal static CallContext? EnterInline(CallContext? context)
    {
        CallContext? previous = t_inline;
        t_inline = context;
        return previous;
    }

    /// <summary>Whether nothing of a call is left in it, once no handler has it: it can be used for another one.</summary>
    internal bool IsClean => !Volatile.Read(ref _cancelled) && Volatile.Read(ref _cancellation) is null;

    /// <summary>Uses it for a call of the session, when no handler has it. Receive gate.</summary>
    internal void StandFor(ulong call, ulong chain)
    {
        Chain = chain;
        _call = call;
    }

    /// <summary>Cancels, if the object still stands for that call. Receive gate.</summary>
    internal void CancelCall(ulong call)
    {
        if (_call == call)
            Cancel();
    }

    /// <summary>The caller no longer waits. Callbacks of the token run on the thread pool.</summary>
    internal void Cancel()
    {
        CancellationTokenSource? source;
        lock (_gate)
        {
            if (_cancelled || _completed)
                return;
            _cancelled = true;
            source = _cancellation;
        }

        _ = source?.CancelAsync();
    }

    /// <summary>The handler is done: what still runs in this flow is no longer inside the call.</summary>
    internal void Complete() => _completed = true;
}
