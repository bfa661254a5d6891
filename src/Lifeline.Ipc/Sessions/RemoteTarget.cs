using Lifeline.Ipc.Calls;

namespace Lifeline.Ipc.Sessions;

/// <summary>A stub of a session's peer.</summary>
internal sealed class RemoteTarget(IpcSession session, ulong handle) : ProxyTarget
{
    private int _handles;

    internal ulong Handle => handle;

    /// <summary>How many references the peer has sent; all are given back together. Receive thread only.</summary>
    internal ulong Received { get; set; }

    /// <summary>Whether a proxy stands for it.</summary>
    internal bool IsHeld => Volatile.Read(ref _handles) > 0;

    internal override bool IsDead => session.IsClosed;

    internal override CallerIdentity Peer => session.Peer;

    internal override IpcSession Session => session;

    internal override void AddHandle() => Interlocked.Increment(ref _handles);

    internal override void ReleaseHandle()
    {
        if (Interlocked.Decrement(ref _handles) == 0)
            session.QueueRelease(this);
    }

    internal override ValueTask<Parcel> CallAsync(uint code, Parcel data, TimeSpan? timeout, CancellationToken cancellationToken) =>
        session.CallAsync(handle, code, data, timeout, cancellationToken);

    internal override Parcel Call(uint code, Parcel data, TimeSpan? timeout, CancellationToken cancellationToken) =>
        session.Call(handle, code, data, timeout, cancellationToken);

    internal override void Post(uint code, Parcel data) => session.Post(handle, code, data);

    internal override ValueTask PostAsync(uint code, Parcel data, TimeSpan wait) => session.PostAsync(handle, code, data, wait);

    internal override void AddDeathRecipient(DeathRegistration registration) => session.AddDeathRecipient(registration);

    internal override void RemoveDeathRecipient(DeathRegistration registration) => session.RemoveDeathRecipient(registration);
}
