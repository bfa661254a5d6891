using System.Runtime.ExceptionServices;
using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Endpoints;

namespace Lifeline.Ipc.Calls;

/// <summary>A call whose thread waits for the reply and meanwhile serves nested calls of the same chain.</summary>
internal sealed class BlockingCall(ulong id, ulong chain) : PendingCall(id, chain), ISpinCondition
{
    // A monitor, not a Lock: the thread waits on it.
    private readonly object _gate = new();
    private Queue<InboundRequest>? _nested;
    private Parcel? _reply;
    private Exception? _failure;
    private bool _done;
    private bool _serving;

    /// <summary>Waits for the outcome.</summary>
    /// <returns>The reply.</returns>
    internal Parcel Wait()
    {
        WorkerPool? pool = WorkerPool.BeginBlocking();
        try
        {
            while (NextNested() is { } request)
                Serve(request);
        }
        finally
        {
            pool?.EndBlocking();
        }

        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
        return _reply!;
    }

    /// <summary>Requests that came too late to be served here.</summary>
    internal IEnumerable<InboundRequest> TakeUnserved()
    {
        lock (_gate)
        {
            Queue<InboundRequest>? left = _nested;
            _nested = null;
            return left ?? Enumerable.Empty<InboundRequest>();
        }
    }

    /// <summary>Whether the waiting thread has something to do: the outcome is here, or a nested call.</summary>
    internal bool NeedsThread => IsDecided || Volatile.Read(ref _nested) is { Count: > 0 };

    /// <summary>What the waiting thread watches for the reply.</summary>
    internal IHotTarget? Watched { get; set; }

    bool ISpinCondition.IsMet => NeedsThread || Watched is { HasArrived: true };

    internal override bool TryOffer(InboundRequest request)
    {
        lock (_gate)
        {
            // A thread that runs a nested handler may wait for something else there: it takes nothing more.
            if (_done || _serving)
                return false;
            (_nested ??= []).Enqueue(request);
            Monitor.Pulse(_gate);
            return true;
        }
    }

    protected override void OnReply(Parcel reply)
    {
        lock (_gate)
        {
            _reply = reply;
            _done = true;
            Monitor.Pulse(_gate);
        }
    }

    protected override void OnFailure(Exception failure)
    {
        lock (_gate)
        {
            _failure = failure;
            _done = true;
            Monitor.Pulse(_gate);
        }
    }

    private InboundRequest? NextNested()
    {
        lock (_gate)
        {
            _serving = false;
            while (!_done)
            {
                if (_nested is { Count: > 0 })
                {
                    _serving = true;
                    return _nested.Dequeue();
                }

                Monitor.Wait(_gate);
            }

            return null;
        }
    }

    private static void Serve(InboundRequest request) => _ = request.ExecuteAsync();
}
