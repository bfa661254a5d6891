using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>The keeper's end of the socket to the monitor. Never waits: a monitor that does not read is caught up with when it reads again.</summary>
internal sealed class MonitorChannel : IDisposable
{
    private readonly Descriptor[] one = new Descriptor[1];

    public MonitorChannel(UnixSocket socket) => Socket = socket;

    public UnixSocket Socket { get; }

    /// <summary>The last send found no room; the loop waits until there is.</summary>
    public bool Blocked { get; private set; }

    /// <summary>The last send failed for want of memory or descriptors in flight; the loop tries again later.</summary>
    public bool Starved { get; private set; }

    /// <summary>The other end is closed.</summary>
    public bool Broken { get; private set; }

    public bool TrySend(ReadOnlySpan<byte> frame, Descriptor? attached = null)
    {
        if (Broken) return false;
        one[0] = attached!;
        Errno error = Socket.TrySend(frame, attached is null ? default : one, wait: false, out _);
        one[0] = null!;
        Blocked = error == Errno.EAGAIN;
        Broken = error is Errno.EPIPE or Errno.ECONNRESET;
        Starved = !Blocked && !Broken && error != Errno.None; // ENOBUFS, ENOMEM, ETOOMANYREFS
        return error == Errno.None;
    }

    public void Dispose() => Socket.Dispose();
}
