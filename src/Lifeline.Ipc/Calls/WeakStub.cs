namespace Lifeline.Ipc.Calls;

/// <summary>A stub of this process, not kept from the garbage collector.</summary>
internal sealed class WeakStub(IpcStub stub) : IWeakTarget
{
    private readonly WeakReference<IpcStub> _stub = new(stub);

    public ProxyTarget? TryHold() => _stub.TryGetTarget(out IpcStub? alive) ? new LocalTarget(alive, alive.Home) : null;
}
