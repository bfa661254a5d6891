using Lifeline.Ipc.Calls;

namespace Lifeline.Ipc.Tests.Parcels;

/// <summary>A remote object that only counts who holds it.</summary>
internal sealed class CountingTarget : ProxyTarget
{
    private int _handles = 1;

    internal int Handles => Volatile.Read(ref _handles);

    internal override bool IsDead => false;

    internal override IWeakTarget ToWeak() => throw new NotSupportedException();

    internal override CallerIdentity Peer => CallerIdentity.Self;

    internal override IpcSession? Session => null;

    internal override ValueTask<Parcel> CallAsync(uint code, Parcel data, TimeSpan? timeout, CancellationToken cancellationToken) => throw new NotSupportedException();

    internal override void Call(uint code, Parcel data, Parcel reply, TimeSpan? timeout, CancellationToken cancellationToken) => throw new NotSupportedException();

    internal override void Post(uint code, Parcel data) => throw new NotSupportedException();

    internal override ValueTask PostAsync(uint code, Parcel data, TimeSpan wait) => throw new NotSupportedException();

    internal override void AddDeathRecipient(DeathRegistration registration)
    {
    }

    internal override void RemoveDeathRecipient(DeathRegistration registration)
    {
    }

    internal override void AddHandle() => Interlocked.Increment(ref _handles);

    internal override void ReleaseHandle() => Interlocked.Decrement(ref _handles);
}
