using Lifeline.Linux;

namespace Lifeline.Ipc;

/// <summary>An obituary: the home of a proxy is gone, is going, or the session to it has ended.</summary>
public sealed class DeathNotice
{
    private readonly Lock _gate = new();
    private ExitStatus? _exit;

    internal DeathNotice(IpcProxy proxy, string reason, bool early)
    {
        Proxy = proxy;
        Reason = reason;
        Early = early;
    }

    /// <summary>The proxy through which the recipient was registered; it is dead.</summary>
    public IpcProxy Proxy { get; }

    /// <summary>Who it was, as the kernel said while it lived.</summary>
    public CallerIdentity Peer => Proxy.Peer;

    /// <summary>
    /// Whether this is the early notice: the kernel has begun to end the process. Calls fail from now on. What the process had sent
    /// may still arrive, its ports are still bound, its files open, its memory in use. Only for <see cref="DeathTiming.Early"/>.
    /// </summary>
    public bool Early { get; }

    /// <summary>Why the session ended, in words: the peer's process ended, it said goodbye, it broke the protocol, or this side closed.</summary>
    public string Reason { get; }

    /// <summary>How the peer's process ended; null as long as the kernel does not tell.</summary>
    /// <remarks>
    /// Asked anew with each reading until there is an answer. The kernel tells once the process has been reaped by
    /// its parent, which is a little later than the obituary, and only since Linux 6.15. A session may also end while its process lives on.
    /// </remarks>
    public ExitStatus? Exit
    {
        get
        {
            lock (_gate)
                return _exit ??= Peer.TryGetExit();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"process {Peer.Pid} (uid {Peer.Uid}): {Reason}";
}
