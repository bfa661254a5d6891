using System.Collections.Concurrent;
using Lifeline.Ipc;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>Matches orders with the core's answers. Safe for any thread.</summary>
internal sealed class OrderDesk
{
    private readonly ConcurrentDictionary<long, TaskCompletionSource> _waiting = new();
    private long _lastId;

    /// <summary>A number for an order, and what completes with its answer.</summary>
    /// <exception cref="IpcException">Too many orders wait.</exception>
    public (long Id, Task Answer) Open()
    {
        if (_waiting.Count >= SupervisionLimits.MaxPendingOrders)
            throw new IpcException(IpcError.QueueFull, $"{SupervisionLimits.MaxPendingOrders} orders wait already; try again in a moment.");
        var id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answer;
        return (id, answer.Task);
    }

    public void Answer(AnswerOrder answer)
    {
        if (!_waiting.TryRemove(answer.OrderId, out var waiter))
            return;
        if (answer.Refusal is { } refusal)
            waiter.TrySetException(new IpcException(ErrorOf(refusal), answer.Message));
        else
            waiter.TrySetResult();
    }

    private static IpcError ErrorOf(OrderRefusal refusal) => refusal switch
    {
        OrderRefusal.NotFound => IpcError.NotFound,
        OrderRefusal.TooMany => IpcError.LimitReached,
        _ => IpcError.CheckParam,
    };
}
