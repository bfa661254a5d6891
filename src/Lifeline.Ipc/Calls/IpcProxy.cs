using Lifeline.Ipc.Calls;

namespace Lifeline.Ipc;

/// <summary>A handle on a stub that lives elsewhere (or on a stub of this process that came home).</summary>
/// <remarks>
/// Thread-safe. A dead proxy never becomes alive again: fetch a new one from the restarted service. The owner
/// disposes it, which gives the reference back to the home and drops the death recipients added through it;
/// calls that are under way go on. A forgotten proxy is given back by the garbage collector, unless death
/// recipients are registered through it.
/// </remarks>
public sealed partial class IpcProxy : IDisposable
{
    /// <summary>The largest request code: 0x00FFFFFF. The smallest is 1.</summary>
    public const uint MaxCode = 0x00FF_FFFF;

    private readonly ProxyTarget _target;
    private readonly Lock _gate = new();
    private List<DeathRegistration>? _registrations;
    private string? _descriptor;
    private bool _disposed;

    /// <summary>Makes a handle; the target's count includes it already.</summary>
    internal IpcProxy(ProxyTarget target) => _target = target;

    /// <summary>Gives the reference of a forgotten proxy back.</summary>
    ~IpcProxy() => _target.ReleaseHandle();

    /// <summary>Whether the home process, or the session to it, is gone. Once true it stays so.</summary>
    public bool IsDead => _target.IsDead;

    /// <summary>The home process, as the kernel knows it.</summary>
    public CallerIdentity Peer => _target.Peer;

    /// <summary>Whether the stub lives in this process.</summary>
    public bool IsLocal => _target.LocalStub is not null;

    /// <summary>The session to the home.</summary>
    /// <exception cref="InvalidOperationException">There is none: the stub lives in this process, or its home could not be reached.</exception>
    public IpcSession Session => _target.Session ?? throw new InvalidOperationException(
        IsLocal ? "The stub lives in this process: no session leads to it." : "No session leads to the stub: its home could not be reached.");

    /// <summary>The stub itself if it lives in this process; otherwise null.</summary>
    public IpcStub? LocalStub => _target.LocalStub;

    internal ProxyTarget Target => _target;

    /// <summary>Calls and awaits the reply.</summary>
    /// <param name="code">The request: 1 to <see cref="MaxCode"/>.</param>
    /// <param name="data">The request's data; it must not be changed until the call is complete.</param>
    /// <param name="timeout">How long to wait for the reply; null for <see cref="IpcEndpointOptions.CallTimeout"/>, <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <param name="cancellationToken">Releases the caller at once and tells the handler.</param>
    /// <returns>The reply, which the caller disposes.</returns>
    /// <exception cref="IpcException"><see cref="IpcError.DeadObject"/>, <see cref="IpcError.Timeout"/>, <see cref="IpcError.QueueFull"/>, <see cref="IpcError.LimitReached"/> or what the handler answered.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the call may still be executed.</exception>
    public ValueTask<Parcel> CallAsync(uint code, Parcel data, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        Check(code, data);
        return _target.CallAsync(code, data, timeout, cancellationToken);
    }

    /// <summary>Calls and blocks until the reply is here. Nested calls that the callee makes to this process run on the waiting thread.</summary>
    /// <param name="code">The request: 1 to <see cref="MaxCode"/>.</param>
    /// <param name="data">The request's data; it may be used again.</param>
    /// <param name="timeout">As for <see cref="CallAsync"/>.</param>
    /// <param name="cancellationToken">Releases the caller at once and tells the handler.</param>
    /// <returns>The reply, which the caller disposes.</returns>
    /// <exception cref="IpcException">As for <see cref="CallAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the call may still be executed.</exception>
    public Parcel Call(uint code, Parcel data, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var reply = new Parcel();
        try
        {
            CallInto(code, data, reply, timeout, cancellationToken);
            return reply;
        }
        catch
        {
            reply.Dispose();
            throw;
        }
    }

    /// <summary>The same with a parcel of the caller's for the reply: between two processes on rings it allocates nothing.</summary>
    /// <param name="code">The request: 1 to <see cref="MaxCode"/>.</param>
    /// <param name="data">The request's data; it may be used again.</param>
    /// <param name="reply">Becomes the reply, read-only, whatever it was before; it may be used for the next call as it is. Left undefined by a failure.</param>
    /// <param name="timeout">As for <see cref="CallAsync"/>.</param>
    /// <param name="cancellationToken">Releases the caller and tells the handler.</param>
    /// <exception cref="IpcException">As for <see cref="CallAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the call may still be executed.</exception>
    public void CallInto(uint code, Parcel data, Parcel reply, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        Check(code, data);
        ArgumentNullException.ThrowIfNull(reply);
        if (ReferenceEquals(data, reply))
            throw new ArgumentException("The reply needs a parcel of its own.", nameof(reply));
        ObjectDisposedException.ThrowIf(reply.IsDisposed, reply);
        _target.Call(code, data, reply, timeout, cancellationToken);
    }

    /// <summary>
    /// Queues a one-way call and returns: nobody tells whether it was handled. Where the receiver falls behind, it first lets others have the processor for a moment
    /// (0.1 ms; up to 10 ms with a receiver for which that helped before). One-way calls to one stub are handled in the order in which they were queued.
    /// </summary>
    /// <param name="code">The request: 1 to <see cref="MaxCode"/>.</param>
    /// <param name="data">The request's data; it may be used again.</param>
    /// <exception cref="IpcException"><see cref="IpcError.QueueFull"/>: nothing was queued, see <see cref="IpcEndpointOptions.OutboxBytes"/>; <see cref="IpcError.DeadObject"/>.</exception>
    public void Post(uint code, Parcel data)
    {
        Check(code, data);
        _target.Post(code, data);
    }

    /// <summary>Queues a one-way call, waiting for room in the queue if it is full.</summary>
    /// <param name="code">The request: 1 to <see cref="MaxCode"/>.</param>
    /// <param name="data">The request's data; must not be changed until the task completes.</param>
    /// <param name="wait">How long to wait for room.</param>
    /// <returns>A task that completes when the call is queued.</returns>
    /// <exception cref="IpcException"><see cref="IpcError.QueueFull"/> after the wait; <see cref="IpcError.DeadObject"/>.</exception>
    public ValueTask PostAsync(uint code, Parcel data, TimeSpan wait)
    {
        Check(code, data);
        return _target.PostAsync(code, data, wait);
    }

    /// <summary>Has <paramref name="recipient"/> called exactly once when the home dies or the session to it ends; at once if that is so already.</summary>
    /// <param name="recipient">Called on the endpoint's obituary thread, one after the other in the order of registration: be quick there. Never called inside this method, nor for a stub of this process.</param>
    /// <param name="timing">Whether it is called as early as the death is known, see <see cref="DeathNotice.Early"/>, or at the end of the data.</param>
    /// <returns>The registration; dispose it (or the proxy) to be called no more.</returns>
    public DeathRegistration AddDeathRecipient(Action<DeathNotice> recipient, DeathTiming timing = DeathTiming.Ordinary)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        var registration = new DeathRegistration(this, recipient, timing);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            (_registrations ??= []).Add(registration);
        }

        _target.AddDeathRecipient(registration);
        return registration;
    }

    /// <summary>Asks the home for the name of the stub's interface; asked once and remembered.</summary>
    /// <param name="cancellationToken">Releases the caller.</param>
    /// <returns>The descriptor.</returns>
    /// <exception cref="IpcException">As for <see cref="CallAsync"/>.</exception>
    public async ValueTask<string> GetDescriptorAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_descriptor is { } known)
            return known;
        if (_target.LocalStub is { } stub)
            return _descriptor = stub.Descriptor;
        using var empty = new Parcel();
        using Parcel reply = await _target.CallAsync(BuiltInCodes.Descriptor, empty, null, cancellationToken).ConfigureAwait(false);
        return _descriptor = reply.ReadString();
    }

    /// <summary>Asks the home for a sign of life, without any handler of the service being involved.</summary>
    /// <param name="timeout">How long to wait; null for <see cref="IpcEndpointOptions.CallTimeout"/>.</param>
    /// <param name="cancellationToken">Releases the caller.</param>
    /// <exception cref="IpcException">As for <see cref="CallAsync"/>.</exception>
    public async ValueTask PingAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_target.LocalStub is not null)
            return;
        using var empty = new Parcel();
        (await _target.CallAsync(BuiltInCodes.Ping, empty, timeout, cancellationToken).ConfigureAwait(false)).Dispose();
    }

    /// <summary>Gives the reference back and drops the death recipients added through this proxy. May be called twice, also inside a recipient.</summary>
    public void Dispose()
    {
        List<DeathRegistration>? registrations;
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            registrations = _registrations;
            _registrations = null;
        }

        foreach (DeathRegistration registration in registrations ?? [])
            registration.Dispose();
        _target.ReleaseHandle();
        GC.SuppressFinalize(this);
    }

    /// <summary>A handle on a stub of this process.</summary>
    internal static IpcProxy ForLocal(IpcStub stub) => new(new LocalTarget(stub, stub.Home));

    /// <summary>Another handle on the same object, with an owner of its own.</summary>
    internal IpcProxy Share()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _target.AddHandle();
        }

        return new IpcProxy(_target);
    }

    internal void Forget(DeathRegistration registration)
    {
        lock (_gate)
            _registrations?.Remove(registration);
        _target.RemoveDeathRecipient(registration);
    }

    private void Check(uint code, Parcel data)
    {
        ArgumentNullException.ThrowIfNull(data);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (code is 0 or > MaxCode)
            throw new IpcException(IpcError.CodeOutOfRange, $"Request code {code} is outside of 1 to {MaxCode}.");
    }
}
