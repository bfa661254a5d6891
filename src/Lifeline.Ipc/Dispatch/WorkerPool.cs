using Lifeline.Ipc.Endpoints;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Dispatch;

/// <summary>
/// The threads that run handlers: at most as many as the option says, made on demand. A worker that blocks in a call of
/// its own does not count, and nested calls of a chain that waits here get a thread at once, so that chains of calls cannot starve themselves.
/// </summary>
internal sealed class WorkerPool(string name, int limit, ILogger logger) : ISpinCondition
{
    /// <summary>Threads beyond the limit that may exist for workers that block and for nested calls.</summary>
    internal const int MaxCompensation = 96;

    private static readonly TimeSpan s_idleTime = TimeSpan.FromSeconds(20);

    [ThreadStatic]
    private static WorkerPool? t_pool;

    // A monitor, not a Lock: workers wait on it.
    private readonly object _gate = new();
    private readonly Queue<WorkerLane> _ring = [];
    private readonly Queue<IWorkItem> _nested = [];
    private readonly SpinBudget _spin = new();
    private int _waiting;
    private int _spinners;
    private int _threads;
    private int _idle;
    private int _blocked;
    private int _named;
    private bool _stopped;

    /// <summary>Whether it takes no more work.</summary>
    internal bool IsStopped => Volatile.Read(ref _stopped);

    /// <summary>The threads that exist.</summary>
    internal int Threads => Volatile.Read(ref _threads);

    /// <summary>Whether work waits and no thread may be started for it. A moment's look, without the gate.</summary>
    internal bool IsExhausted =>
        Volatile.Read(ref _waiting) > 0 && Volatile.Read(ref _idle) == 0 && Volatile.Read(ref _threads) - Volatile.Read(ref _blocked) >= limit;

    /// <summary>Queues work of a lane.</summary>
    internal void Enqueue(WorkerLane lane, IWorkItem item)
    {
        lock (_gate)
        {
            if (_stopped)
                return;
            lane.Items.Enqueue(item);
            _waiting++;
            if (!lane.InRing)
            {
                lane.InRing = true;
                _ring.Enqueue(lane);
            }

            WakeOrStart(_threads - _blocked < limit);
        }
    }

    /// <summary>Queues a nested call whose chain waits in this process: it must not wait for a worker to become free.</summary>
    internal void EnqueueNested(IWorkItem item)
    {
        lock (_gate)
        {
            if (_stopped)
                return;
            _nested.Enqueue(item);
            _waiting++;
            WakeOrStart(mayStart: true);
        }
    }

    /// <summary>Says that the current thread is going to block for a reply.</summary>
    /// <returns>The pool to tell when it goes on; null if this thread is no worker.</returns>
    internal static WorkerPool? BeginBlocking()
    {
        Leadership.BeginBlocking();
        WorkerPool? pool = t_pool;
        if (pool is null)
            return null;
        lock (pool._gate)
        {
            pool._blocked++;
            pool.WakeOrStart(pool._threads - pool._blocked < pool.Limit);
        }

        return pool;
    }

    /// <summary>Says that the thread goes on.</summary>
    internal void EndBlocking()
    {
        lock (_gate)
            _blocked--;
    }

    /// <summary>Takes no more work; what is queued is dropped, what runs goes on.</summary>
    internal void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            _ring.Clear();
            _nested.Clear();
            _waiting = 0;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Whether a worker that spins should look again.</summary>
    bool ISpinCondition.IsMet => Volatile.Read(ref _waiting) > 0 || Volatile.Read(ref _stopped);

    private int Limit => limit;

    private void WakeOrStart(bool mayStart)
    {
        // Those that spin look again before they sleep: nobody needs to wake them.
        if (_waiting <= _spinners)
            return;
        // Each idle worker will take one of the waiting items; one that was woken and has not run yet still counts as idle.
        if (_waiting <= _idle + _spinners)
            Monitor.Pulse(_gate);
        else if (mayStart && _threads < limit + MaxCompensation)
            Start();
        else
            Monitor.Pulse(_gate);
    }

    private void Start()
    {
        _threads++;
        try
        {
            new Thread(Work) { IsBackground = true, Name = $"{name}-w{++_named}" }.UnsafeStart();
        }
        catch (OutOfMemoryException e)
        {
            _threads--;
            logger.LogError(e, "A worker thread could not be started; {Threads} are running", _threads);
        }
    }

    private void Work()
    {
        t_pool = this;
        while (Next() is { } item)
        {
            try
            {
                item.Run();
            }
            catch (Exception e)
            {
                // Handlers' own failures are answered before this: whatever comes here must not end the process.
                logger.LogError(e, "Work on a worker failed");
            }
        }
    }

    /// <summary>The next thing to do; null if this thread is to end.</summary>
    private IWorkItem? Next()
    {
        bool hasSpun = false;
        lock (_gate)
        {
            while (true)
            {
                if (Take() is { } item)
                    return item;
                if (_stopped || _threads - _blocked > limit)
                    break;
                if (!hasSpun && _spinners == 0)
                {
                    Spin();
                    hasSpun = true;
                    continue;
                }

                _idle++;
                bool woken = Monitor.Wait(_gate, s_idleTime);
                _idle--;
                if (!woken && _waiting == 0)
                    break;
            }

            _threads--;
            // It may have been woken for work that it is not there for.
            if (_waiting > 0)
                Monitor.Pulse(_gate);
            return null;
        }
    }

    /// <summary>Waits a moment without the gate. What comes meanwhile is seen by who holds the gate again. One worker at a time.</summary>
    private void Spin()
    {
        _spinners++;
        Monitor.Exit(_gate);
        try
        {
            _spin.Spin(this);
        }
        finally
        {
            Monitor.Enter(_gate);
            _spinners--;
        }
    }

    private IWorkItem? Take()
    {
        if (_nested.TryDequeue(out IWorkItem? nested))
        {
            _waiting--;
            return nested;
        }

        // Threads beyond the limit are there for nested calls only.
        if (_threads - _blocked > limit || !_ring.TryDequeue(out WorkerLane? lane))
            return null;
        IWorkItem item = lane.Items.Dequeue();
        _waiting--;
        if (lane.Items.Count > 0)
            _ring.Enqueue(lane);
        else
            lane.InRing = false;
        return item;
    }
}
