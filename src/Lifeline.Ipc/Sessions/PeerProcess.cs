using Lifeline.Linux;

namespace Lifeline.Ipc;

/// <summary>The process at the other end of a session, held by a pidfd so that its number cannot come to mean another.</summary>
internal sealed class PeerProcess(PidFd handle) : IDisposable
{
    private readonly Lock _gate = new();
    private ExitStatus? _exit;
    private bool _disposed;

    /// <summary>What to watch: readable once the process has ended.</summary>
    internal PidFd Handle => handle;

    /// <summary>A descriptor of its own for the caller; null if this one was given back long after the session's end.</summary>
    internal PidFd? Open()
    {
        lock (_gate)
            return _disposed ? null : PidFd.FromDescriptor(handle);
    }

    internal ExitStatus? TryGetExit()
    {
        lock (_gate)
        {
            if (_exit is null && !_disposed)
                _exit = handle.TryGetExit();
            return _exit;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _exit ??= _disposed ? null : handle.TryGetExit();
            _disposed = true;
            handle.Dispose();
        }
    }
}
