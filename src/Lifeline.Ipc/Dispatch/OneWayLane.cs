using System.Diagnostics;

namespace Lifeline.Ipc.Dispatch;

/// <summary>The one-way calls of one session to one stub: handled strictly one after the other, in order.</summary>
internal sealed class OneWayLane(WorkerLane lane) : IWorkItem
{
    // So many in a row before others get the worker.
    private const int Budget = 16;

    private static readonly long s_patience = Stopwatch.Frequency / 1000;

    private readonly Lock _gate = new();
    private readonly Queue<InboundRequest> _requests = [];
    private bool _active;
    private int _taken;
    private int _seenTaken;
    private long _seenAt;

    internal void Enqueue(InboundRequest request)
    {
        lock (_gate)
        {
            _requests.Enqueue(request);
            if (_active)
                return;
            _active = true;
        }

        lane.Enqueue(this);
    }

    /// <summary>Takes the lane for requests that are run where they are received, if nothing waits or runs in it.</summary>
    internal bool TryBeginInline()
    {
        lock (_gate)
        {
            if (_active)
                return false;
            _seenAt = 0;
            return _active = true;
        }
    }

    /// <summary>
    /// Whether what is left in the lane is being worked off: then it soon can be taken, and what comes next need not be queued.
    /// The receiving thread only.
    /// </summary>
    internal bool IsClearing()
    {
        int taken = Volatile.Read(ref _taken);
        long now = Stopwatch.GetTimestamp();
        if (_seenAt != 0 && taken == _seenTaken)
            return now - _seenAt < s_patience;
        _seenTaken = taken;
        _seenAt = now;
        return true;
    }

    /// <summary>Gives the lane back; what came meanwhile runs on a worker.</summary>
    internal void EndInline()
    {
        lock (_gate)
        {
            if (_requests.Count == 0)
            {
                _active = false;
                return;
            }
        }

        lane.Enqueue(this);
    }

    /// <summary>Runs on a worker; only one at a time, as <see cref="_active"/> stays set until the queue is empty.</summary>
    public void Run()
    {
        for (int i = 0; i < Budget; i++)
        {
            if (Next() is not { } request)
                return;
            Task? ready = request.Ready;
            if (ready is { IsCompleted: false })
            {
                _ = ContinueAfter(ready, request);
                return;
            }

            ValueTask handled = request.ExecuteAsync();
            if (!handled.IsCompleted)
            {
                _ = ContinueAfter(handled);
                return;
            }
        }

        lane.Enqueue(this);
    }

    private InboundRequest? Next()
    {
        lock (_gate)
        {
            if (_requests.TryDequeue(out InboundRequest? request))
            {
                _taken++;
                return request;
            }

            _active = false;
            return null;
        }
    }

    private async Task ContinueAfter(ValueTask handled)
    {
        // Never fails: the request has answered its handler's failure.
        await handled.ConfigureAwait(false);
        lane.Enqueue(this);
    }

    private async Task ContinueAfter(Task ready, InboundRequest request)
    {
        await ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lane.Enqueue(new First(this, request));
    }

    /// <summary>The request whose objects had to be fetched, now on a worker, then the rest.</summary>
    private sealed class First(OneWayLane owner, InboundRequest request) : IWorkItem
    {
        public void Run()
        {
            ValueTask handled = request.ExecuteAsync();
            if (handled.IsCompleted)
                owner.Run();
            else
                _ = owner.ContinueAfter(handled);
        }
    }
}
