using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Dispatch;

/// <summary>The thread that calls death recipients, one after the other in order. Handlers cannot hold it up.</summary>
internal sealed class ObituaryLane(string name, ILogger logger)
{
    // A monitor, not a Lock: the thread waits on it.
    private readonly object _gate = new();
    private readonly Queue<Action> _queue = [];
    private Thread? _thread;
    private bool _stopped;

    /// <summary>Whether the current thread is the lane's.</summary>
    internal bool IsCurrent => Thread.CurrentThread == _thread;

    internal void Post(Action action)
    {
        lock (_gate)
        {
            _queue.Enqueue(action);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = $"{name}-obits" };
                _thread.UnsafeStart();
            }
            else
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Completes when everything posted so far has run.</summary>
    internal Task DrainAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(done.SetResult);
        return done.Task;
    }

    /// <summary>Lets the thread end once the queue is empty.</summary>
    internal void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.Pulse(_gate);
        }
    }

    private void Run()
    {
        Linux.CurrentThread.TryShortenSlice(Death.LifeWaiter.Slice);
        while (Next() is { } action)
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                // One recipient's failure must not keep the others from being called.
                logger.LogError(e, "A death recipient or session event failed");
            }
        }
    }

    private Action? Next()
    {
        lock (_gate)
        {
            Action? action;
            while (!_queue.TryDequeue(out action))
            {
                if (_stopped)
                {
                    _thread = null;
                    return null;
                }

                Monitor.Wait(_gate);
            }

            return action;
        }
    }
}
