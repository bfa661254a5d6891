namespace Lifeline.Ipc.Calls;

/// <summary>A stub of a third process that could not be reached: dead from the beginning.</summary>
internal sealed class LostTarget(IpcEndpoint endpoint, CallerIdentity peer, string reason) : ProxyTarget, IWeakTarget
{
    internal override bool IsDead => true;

    internal override CallerIdentity Peer => peer;

    internal override IpcSession? Session => null;

    internal override ValueTask<Parcel> CallAsync(uint code, Parcel data, TimeSpan? timeout, CancellationToken cancellationToken) =>
        ValueTask.FromException<Parcel>(Dead());

    internal override void Call(uint code, Parcel data, Parcel reply, TimeSpan? timeout, CancellationToken cancellationToken) => throw Dead();

    internal override void Post(uint code, Parcel data) => throw Dead();

    internal override ValueTask PostAsync(uint code, Parcel data, TimeSpan wait) => ValueTask.FromException(Dead());

    internal override void AddDeathRecipient(DeathRegistration registration) => endpoint.Obituaries.Post(() => registration.Fire(reason));

    internal override void RemoveDeathRecipient(DeathRegistration registration)
    {
    }

    internal override IWeakTarget ToWeak() => this;

    ProxyTarget? IWeakTarget.TryHold() => null;

    private IpcException Dead() => new(IpcError.DeadObject, reason);
}
