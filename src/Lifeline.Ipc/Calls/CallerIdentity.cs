using Lifeline.Linux;

namespace Lifeline.Ipc;

/// <summary>Who is at the other end, as the kernel says; nothing in it comes from a message.</summary>
/// <param name="Pid">The process, as numbered in this process's PID namespace.</param>
/// <param name="Uid">Its effective user id when the connection was made.</param>
/// <param name="Gid">Its effective group id when the connection was made.</param>
/// <remarks>Two identities are equal if their three numbers are.</remarks>
public sealed record CallerIdentity(int Pid, uint Uid, uint Gid)
{
    private readonly PeerProcess? _process;

    internal CallerIdentity(int pid, uint uid, uint gid, PeerProcess? process)
        : this(pid, uid, gid) => _process = process;

    /// <summary>This process itself: the caller of a local call.</summary>
    internal static CallerIdentity Self { get; } = new(CurrentProcess.Id, CurrentProcess.Uid, CurrentProcess.Gid);

    /// <summary>Opens a descriptor of the process, safe against a reused number when the identity came with a session.</summary>
    /// <returns>A new descriptor that the caller owns; null if the process is gone.</returns>
    public PidFd? OpenProcess()
    {
        if (_process is not null)
            return _process.Open();
        try
        {
            return PidFd.Open(Pid);
        }
        catch (LinuxException e) when (e.Errno == Errno.ESRCH)
        {
            return null;
        }
    }

    /// <summary>What holds the process; null for this process itself and where the kernel gives nothing.</summary>
    internal PeerProcess? Process => _process;

    /// <summary>How the process ended, if the kernel tells: it does once the process was reaped, on Linux 6.15 and later.</summary>
    internal ExitStatus? TryGetExit() => _process?.TryGetExit();

    /// <inheritdoc/>
    public bool Equals(CallerIdentity? other) => other is not null && Pid == other.Pid && Uid == other.Uid && Gid == other.Gid;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Pid, Uid, Gid);
}
