using Lifeline.Linux;

namespace Lifeline.Ipc;

/// <summary>The process at the other end of a session, held by a pidfd so that its number cannot come to mean another.</summary>
internal sealed class PeerProcess(PidFd handle) : IDisposable
{
    private readonly Lock _gate = new();
    private ExitStatus? _exit;

    internal PidFd Handle => handle;

    /// <summary>A descriptor of its own for the caller; null if the process is gone.</summary>
    internal PidFd? Open() => null;

    internal ExitStatus? TryGetExit()
    {
        lock (_gate)
            return _exit ??= handle.TryGetExit();
    }

    public void Dispose() => handle.Dispose();
}
