using Lifeline.Ipc.Death;
using Lifeline.Linux;

namespace Lifeline.Ipc;

/// <summary>What one session holds of the process at its other end: kept by a pidfd so that its number cannot come to mean another.</summary>
internal sealed class PeerProcess(SharedProcess shared) : IDisposable
{
    private readonly Lock _gate = new();
    private ExitStatus? _exit;
    private bool _disposed;

    /// <summary>Gives back what a connection that never became a session held.</summary>
    ~PeerProcess() => Release();

    /// <summary>The process, as all sessions with it hold it. Not to be used after disposal.</summary>
    internal SharedProcess Shared => shared;

    /// <summary>A descriptor of its own for the caller; null if this one was given back long after the session's end.</summary>
    internal PidFd? Open()
    {
        lock (_gate)
            return _disposed ? null : PidFd.FromDescriptor(shared.Handle);
    }

    internal ExitStatus? TryGetExit()
    {
        lock (_gate)
        {
            if (_exit is null && !_disposed)
                _exit = shared.Handle.TryGetExit();
            return _exit;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _exit ??= _disposed ? null : shared.Handle.TryGetExit();
            Release();
        }

        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (_disposed)
            return;
        _disposed = true;
        shared.Release();
    }
}
