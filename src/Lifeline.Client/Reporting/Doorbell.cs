using Lifeline.Contracts;
using Lifeline.Ipc;

namespace Lifeline.Client;

/// <summary>
/// Tells the monitor that the slot changed: any number of rings become one as long as the one before has not gone out, and none is lost,
/// because the flag falls before the monitor is called. Ringing never waits and allocates nothing. Thread-safe.
/// </summary>
internal sealed class Doorbell : IThreadPoolWorkItem, IDisposable
{
    /// <summary>How long until the next try after the monitor's queue was full.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(10);

    private readonly ITimer _retry;
    private ServiceMonitorProxy? _monitor;
    private int _isPending;

    public Doorbell(TimeProvider time) =>
        _retry = time.CreateTimer(static state => ((Doorbell)state!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>From now on the rings go there; null: nowhere.</summary>
    public void Attach(ServiceMonitorProxy? monitor)
    {
        Volatile.Write(ref _monitor, monitor);
        if (monitor is not null)
            Ring();
    }

    public void Ring()
    {
        if (Volatile.Read(ref _monitor) is not null && Interlocked.Exchange(ref _isPending, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Execute()
    {
        Interlocked.Exchange(ref _isPending, 0);
        try
        {
            Volatile.Read(ref _monitor)?.Doorbell();
        }
        catch (IpcException e) when (e.Error == IpcError.QueueFull)
        {
            _retry.Change(Again, Timeout.InfiniteTimeSpan);
        }
        catch (IpcException)
        {
            // The monitor is gone: the registration with the next one rings.
        }
        catch (ObjectDisposedException)
        {
            // The session was given up between the two lines.
        }
    }

    public void Dispose() => _retry.Dispose();
}
