using Lifeline.Ipc.Dispatch;
using Lifeline.Linux;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Endpoints;

/// <summary>A listening socket of an endpoint.</summary>
internal sealed class Listener : IPollTarget, IAttention, IDisposable
{
    // Connections in a row before sessions get their turn.
    private const int AcceptBudget = 32;

    // Without descriptors, accepting fails at once and again: it pauses instead of spinning.
    private static readonly TimeSpan s_pauseWhenExhausted = TimeSpan.FromMilliseconds(100);

    private readonly IpcEndpoint _endpoint;
    private readonly UnixSocket _socket;
    private readonly IpcStub? _root;
    private readonly ulong _tag;
    private ITimer? _pause;

    internal Listener(IpcEndpoint endpoint, UnixSocket socket, IpcStub? root)
    {
        _endpoint = endpoint;
        _socket = socket;
        _root = root;
        socket.SetNonBlocking(true);
        _tag = endpoint.Loop.Register(socket, EpollEvents.In, this);
    }

    public bool OnReady(EpollEvents events, InlineBatch batch)
    {
        try
        {
            for (int i = 0; i < AcceptBudget && _socket.TryAccept() is { } connection; i++)
                _endpoint.Accepted(connection, _root);
        }
        catch (LinuxException e)
        {
            Pause(e);
        }
        catch (ObjectDisposedException)
        {
            // Closed while connections were waiting: they are told by the kernel.
        }

        return true;
    }

    public bool TrySchedule() => true;

    public bool OnAttention(InlineBatch batch)
    {
        _endpoint.Loop.Modify(_socket, EpollEvents.In, _tag);
        return true;
    }

    public void Dispose()
    {
        _pause?.Dispose();
        _endpoint.Loop.Unregister(_socket, _tag);
        _socket.Dispose();
    }

    private void Pause(LinuxException why)
    {
        _endpoint.Options.Logger.LogError("Connections cannot be accepted for {Pause} ms: {Why}", s_pauseWhenExhausted.TotalMilliseconds, why.Message);
        _endpoint.Loop.Modify(_socket, EpollEvents.None, _tag);
        _pause?.Dispose();
        _pause = _endpoint.Options.TimeProvider.CreateTimer(_ => _endpoint.Loop.Schedule(this), null, s_pauseWhenExhausted, Timeout.InfiniteTimeSpan);
    }
}
