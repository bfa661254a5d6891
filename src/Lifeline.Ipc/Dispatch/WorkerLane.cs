namespace Lifeline.Ipc.Dispatch;

/// <summary>The work of one session (or of the endpoint itself) that waits for a worker. Lanes take turns, so none starves the others.</summary>
internal sealed class WorkerLane(WorkerPool pool)
{
    internal WorkerPool Pool { get; } = pool;

    /// <summary>What waits. Guarded by the pool.</summary>
    internal Queue<IWorkItem> Items { get; } = [];

    /// <summary>Whether the lane is in the pool's ring. Guarded by the pool.</summary>
    internal bool InRing { get; set; }

    internal void Enqueue(IWorkItem item) => Pool.Enqueue(this, item);

    internal void Enqueue(Action action) => Pool.Enqueue(this, new ActionItem(action));

    private sealed class ActionItem(Action action) : IWorkItem
    {
        public void Run() => action();
    }
}
