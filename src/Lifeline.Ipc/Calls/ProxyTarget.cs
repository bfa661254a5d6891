namespace Lifeline.Ipc.Calls;

/// <summary>What a proxy stands for; shared by all proxies of the same object in a session.</summary>
internal abstract class ProxyTarget
{
    /// <summary>Whether the home of the object is gone.</summary>
    internal abstract bool IsDead { get; }

    /// <summary>The process at home.</summary>
    internal abstract CallerIdentity Peer { get; }

    /// <summary>The session to the home, null if there is none.</summary>
    internal abstract IpcSession? Session { get; }

    /// <summary>The stub itself if the home is this process.</summary>
    internal virtual IpcStub? LocalStub => null;

    internal abstract ValueTask<Parcel> CallAsync(uint code, Parcel data, TimeSpan? timeout, CancellationToken cancellationToken);

    internal abstract void Call(uint code, Parcel data, Parcel reply, TimeSpan? timeout, CancellationToken cancellationToken);

    internal abstract void Post(uint code, Parcel data);

    internal abstract ValueTask PostAsync(uint code, Parcel data, TimeSpan wait);

    internal abstract void AddDeathRecipient(DeathRegistration registration);

    internal abstract void RemoveDeathRecipient(DeathRegistration registration);

    /// <summary>One more proxy stands for this object.</summary>
    internal virtual void AddHandle()
    {
    }

    /// <summary>What a weak proxy of this object remembers.</summary>
    internal abstract IWeakTarget ToWeak();

    /// <summary>A proxy is gone. Called on any thread, also by the finalizer: must not block.</summary>
    internal virtual void ReleaseHandle()
    {
    }
}
