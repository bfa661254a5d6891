namespace Lifeline.Ipc.Limits;

/// <summary>Stands in for the stub of a request that a limit does not allow: the request is taken in like any other and answered with the error.</summary>
internal sealed class RefusingStub(string descriptor, IpcException refusal) : IpcStub(descriptor)
{
    protected internal override ValueTask OnRequestAsync(uint code, Parcel data, Parcel reply, CallContext context) => throw refusal;
}
