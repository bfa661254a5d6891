using System.Text;
using Lifeline.Ipc.Dispatch;

namespace Lifeline.Ipc;

/// <summary>The home end of an object that other processes can call.</summary>
/// <remarks>
/// A stub becomes reachable by being the root of a listening endpoint or by being written into a parcel
/// (<see cref="Parcel.WriteStub"/>). It may be reachable through any number of sessions and endpoints at once.
/// Calls arrive on the workers of the endpoint: synchronous calls concurrently, one-way calls of one session
/// to one stub strictly one after the other.
/// </remarks>
public abstract partial class IpcStub
{
    private int _holders;
    private OneWayLane? _localLane;

    /// <summary>Makes a stub.</summary>
    /// <param name="descriptor">The name of the interface, such as <c>lifeline.IServiceMonitor</c>: 1 to 204 799 bytes of UTF-8.</param>
    /// <exception cref="ArgumentException">The descriptor is empty or too long.</exception>
    protected IpcStub(string descriptor)
    {
        ArgumentException.ThrowIfNullOrEmpty(descriptor);
        int bytes = Encoding.UTF8.GetByteCount(descriptor);
        if (bytes >= Parcel.MaxDataSize)
            throw new ArgumentException($"The descriptor has {bytes} bytes of UTF-8; {Parcel.MaxDataSize - 1} are allowed.", nameof(descriptor));
        Descriptor = descriptor;
    }

    /// <summary>The name of the interface that this stub answers to.</summary>
    public string Descriptor { get; }

    /// <summary>
    /// Whether requests are handled one after the other, whichever processes they come from; default false. Those that wait hold no worker.
    /// A call back from inside a handler's own chain of calls goes in at once. A handler that never ends holds up all that come after it.
    /// </summary>
    public bool IsSerial
    {
        get => Serial is not null;
        init => Serial = value ? new SerialGate() : null;
    }

    /// <summary>Who may call; null for everyone who reaches it, which is the default.</summary>
    public IpcPermissions? Permissions { get; init; }

    /// <summary>Lets one request through at a time; null if they may run side by side.</summary>
    internal SerialGate? Serial { get; private init; }

    /// <summary>Answers one call.</summary>
    /// <param name="code">The request: 1 to 0x00FFFFFF.</param>
    /// <param name="data">The request's data, read-only and valid until the returned task completes.</param>
    /// <param name="reply">Where the answer goes; ignored for a one-way call. Valid until the returned task completes.</param>
    /// <param name="context">Who calls, and whether the caller still waits.</param>
    /// <returns>A task that completes when the call has been handled.</returns>
    /// <remarks>
    /// Throw an <see cref="IpcException"/> to answer an error: its number and message reach the caller, and
    /// nothing of <paramref name="reply"/> does. Any other exception is logged and reaches the caller as
    /// <see cref="IpcError.Handler"/>. The part before the first await runs on a worker of the endpoint (on the
    /// waiting thread itself for a nested call), the rest on the thread pool.
    /// </remarks>
    protected internal abstract ValueTask OnRequestAsync(uint code, Parcel data, Parcel reply, CallContext context);

    /// <summary>The last reference that another process held is gone. Called on a worker, possibly more than once in the life of a stub.</summary>
    protected internal virtual void OnUnreferenced()
    {
    }

    /// <summary>The endpoint through which it was given away last; its workers run one-way calls made inside this process.</summary>
    internal IpcEndpoint? Home { get; private set; }

    /// <summary>The sessions whose peers hold references.</summary>
    internal int Holders => Volatile.Read(ref _holders);

    /// <summary>A session's peer now holds references.</summary>
    internal void AddHolder(IpcEndpoint home)
    {
        Home = home;
        Interlocked.Increment(ref _holders);
    }

    /// <summary>A session's peer holds none any more.</summary>
    /// <returns>Whether it was the last one.</returns>
    internal bool RemoveHolder() => Interlocked.Decrement(ref _holders) == 0;

    /// <summary>The queue for one-way calls made inside this process.</summary>
    internal OneWayLane LocalLane(WorkerLane lane) =>
        Volatile.Read(ref _localLane) ?? Interlocked.CompareExchange(ref _localLane, new OneWayLane(lane), null) ?? _localLane!;
}
