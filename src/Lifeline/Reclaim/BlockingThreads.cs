namespace Lifeline.Reclaim;

/// <summary>A few threads that may block, made when needed and ended when idle: the shared pool is for work that does not.</summary>
internal sealed class BlockingThreads(int limit, string name) : IDisposable
{
    /// <summary>Work that may wait for a thread.</summary>
    public const int MaxQueued = 10_000;

    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Queue<Action> _queue = new();
    private readonly SemaphoreSlim _work = new(0);
    private int _threads;
    private int _idle;
    private bool _disposed;

    public Task<T> Run<T>(Func<T> work)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_disposed || _queue.Count >= MaxQueued)
            {
                return Task.FromException<T>(new InvalidOperationException(
                    _disposed ? "The threads have ended." : $"{MaxQueued} pieces of work wait already."));
            }

            _queue.Enqueue(() => Complete(work, completion));
            if (_idle < _queue.Count && _threads < limit)
            {
                _threads++;
                new Thread(Loop) { IsBackground = true, Name = name }.Start();
            }
        }

        _work.Release();
        return completion.Task;
    }

    /// <summary>Nothing new is taken; what runs is not waited for.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _work.Release(_threads + 1);
        }
    }

    private void Loop()
    {
        while (Next() is { } work)
            work();
    }

    private Action? Next()
    {
        lock (_gate)
            _idle++;
        _work.Wait(IdleTime);
        lock (_gate)
        {
            _idle--;
            if (_queue.TryDequeue(out var work))
                return work;
            _threads--;
            return null;
        }
    }

    private static void Complete<T>(Func<T> work, TaskCompletionSource<T> completion)
    {
        try
        {
            completion.TrySetResult(work());
        }
        catch (Exception e)
        {
            // Whoever asked is told; the thread goes on to the next.
            completion.TrySetException(e);
        }
    }
}
