using Lifeline.Ipc.Calls;
using Lifeline.Ipc.Diagnostics;

namespace Lifeline.Ipc.Sessions;

/// <summary>A stub of a session's peer.</summary>
internal sealed class RemoteTarget(IpcSession session, ulong handle) : ProxyTarget, IWeakTarget
{
    private int _handles;

    private IpcTracer? Tracer => session.Endpoint.Options.Tracer;

    internal ulong Handle => handle;

    /// <summary>How many references the peer has sent; all are given back together. Receive thread only.</summary>
    internal ulong Received { get; set; }

    /// <summary>Whether a proxy stands for it.</summary>
    internal bool IsHeld => Volatile.Read(ref _handles) > 0;

    internal override bool IsDead => session.IsClosed || session.IsPeerDying;

    internal override CallerIdentity Peer => session.Peer;

    internal override IpcSession Session => session;

    internal override void AddHandle() => Interlocked.Increment(ref _handles);

    internal override IWeakTarget ToWeak() => this;

    /// <summary>One more handle, unless there is none: then the references may be on their way back. The root is always there.</summary>
    ProxyTarget? IWeakTarget.TryHold()
    {
        if (session.IsClosed)
            return null;
        if (handle == ExportTable.RootHandle)
        {
            AddHandle();
            return this;
        }

        int handles = Volatile.Read(ref _handles);
        while (handles > 0)
        {
            int seen = Interlocked.CompareExchange(ref _handles, handles + 1, handles);
            if (seen == handles)
                return this;
            handles = seen;
        }

        return null;
    }

    internal override void ReleaseHandle()
    {
        if (Interlocked.Decrement(ref _handles) == 0)
            session.QueueRelease(this);
    }

    internal override ValueTask<Parcel> CallAsync(uint code, Parcel data, TimeSpan? timeout, CancellationToken cancellationToken) =>
        Tracer is { } tracer
            ? TracedCalls.CallAsync(tracer, session, handle, code, data, timeout, cancellationToken)
            : session.CallAsync(handle, code, data, timeout, cancellationToken);

    internal override void Call(uint code, Parcel data, Parcel reply, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        if (Tracer is { } tracer)
            TracedCalls.Call(tracer, session, handle, code, data, reply, timeout, cancellationToken);
        else
            session.Call(handle, code, data, reply, timeout, cancellationToken);
    }

    internal override void Post(uint code, Parcel data)
    {
        if (Tracer is { } tracer)
            TracedCalls.Post(tracer, session, handle, code, data);
        else
            session.Post(handle, code, data);
    }

    internal override ValueTask PostAsync(uint code, Parcel data, TimeSpan wait) =>
        Tracer is { } tracer ? TracedCalls.PostAsync(tracer, session, handle, code, data, wait) : session.PostAsync(handle, code, data, wait);

    internal override void AddDeathRecipient(DeathRegistration registration) => session.AddDeathRecipient(registration);

    internal override void RemoveDeathRecipient(DeathRegistration registration) => session.RemoveDeathRecipient(registration);
}
