namespace Lifeline.Ipc.Calls;
internal sealed class LocalTarget(IpcStub stub, IpcEndpoint? endpoint) : ProxyTarget
{
    internal IpcEndpoint? Endpoint => endpoint;
    internal override IpcStub? LocalStub => stub;
    internal override bool IsDead => false;
    internal override CallerIdentity Peer => CallerIdentity.Self;
    internal override IpcSession? Session => null;
    internal override ValueTask<Parcel> CallAsync(uint code, Parcel data, TimeSpan? timeout, CancellationToken cancellationToken) => throw new NotSupportedException();
    internal override Parcel Call(uint code, Parcel data, TimeSpan? timeout, CancellationToken cancellationToken) => throw new NotSupportedException();
    internal override void Post(uint code, Parcel data) => throw new NotSupportedException();
    internal override ValueTask PostAsync(uint code, Parcel data, TimeSpan wait) => throw new NotSupportedException();
    internal override void AddDeathRecipient(DeathRegistration registration) { }
    internal override void RemoveDeathRecipient(DeathRegistration registration) { }
}
