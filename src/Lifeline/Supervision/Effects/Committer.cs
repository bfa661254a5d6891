using Lifeline.Journal;

namespace Lifeline.Supervision;

/// <summary>
/// Hands each decision to the journal and, once it is on disk, does what had to wait for that, in the order of the decisions,
/// on one thread.
/// </summary>
internal sealed class Committer : IDisposable
{
    private readonly JournalStore _journal;
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _arrived = new(false);
    private readonly Queue<(Task Commit, Action<bool> Then)> _queue = new();
    private readonly Thread _thread;
    private bool _stopping;

    public Committer(JournalStore journal)
    {
        _journal = journal;
        _thread = new Thread(Run) { IsBackground = true, Name = "committed" };
        _thread.Start();
    }

    /// <summary>Commits a batch; nothing waits for it.</summary>
    public void Commit(JournalBatch batch) => _journal.Commit(batch);

    /// <summary>Commits a batch, then calls back: true if it is on disk, false if the disk did not take it (yet).</summary>
    public void Commit(JournalBatch batch, Action<bool> then)
    {
        var commit = _journal.CommitAsync(batch);
        lock (_gate)
            _queue.Enqueue((commit, then));
        _arrived.Set();
    }

    /// <summary>Ends after everything handed over before.</summary>
    public void Dispose()
    {
        lock (_gate)
            _stopping = true;
        _arrived.Set();
        if (Thread.CurrentThread != _thread)
            _thread.Join();
    }

    private void Run()
    {
        while (true)
        {
            (Task Commit, Action<bool> Then) next;
            bool some;
            lock (_gate)
            {
                some = _queue.TryDequeue(out next);
                if (!some && _stopping)
                    return;
            }

            if (some)
                next.Then(IsOnDisk(next.Commit));
            else
                _arrived.WaitOne();
        }
    }

    private static bool IsOnDisk(Task commit)
    {
        try
        {
            commit.GetAwaiter().GetResult();
            return true;
        }
        catch (JournalException)
        {
            // A full disk must not keep services from being restarted; the journal itself counts what it lost.
            return false;
        }
    }
}
