using Lifeline.Linux;

namespace Lifeline.Journal;

/// <summary>
/// Between those who have something to write and the one thread that writes. Handing over never waits;
/// one group gathers while the other is written, so a slow disk makes groups larger, not callers slower.
/// </summary>
internal sealed class JournalMailbox(JournalOptions options)
{
    private const int EventOverhead = 64;

    private readonly Lock _gate = new();
    // Nothing that spins before it waits: the processor is needed by whoever is being started.
    private readonly EventFd _arrived = EventFd.Create();
    private JournalGroup _gathering = new();
    private bool _closed;
    private long _lost;

    public long Lost => Interlocked.Read(ref _lost);

    public int Waiting
    {
        get
        {
            lock (_gate)
                return _gathering.Events.Count;
        }
    }

    /// <summary>Puts a batch into the gathering group, whole; events beyond the limits are counted, the rest of the batch is kept.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="waiter">Completed after the commit, or told why there was none.</param>
    /// <param name="then">Called after the attempt, on the writer's thread.</param>
    public void Post(JournalBatch batch, TaskCompletionSource? waiter = null, Action<bool>? then = null)
    {
        bool isClosed;
        lock (_gate)
        {
            isClosed = _closed;
            if (isClosed)
                Interlocked.Add(ref _lost, batch.Events.Count);
            else
                Gather(batch, waiter, then);
        }

        if (!isClosed)
        {
            Wake();
            return;
        }

        waiter?.TrySetException(new JournalException("the journal is closed"));
        then?.Invoke(false);
    }

    public void Post(JournalEvent e, TaskCompletionSource<long>? completion)
    {
        lock (_gate)
        {
            if (_closed)
            {
                Interlocked.Increment(ref _lost);
                completion?.TrySetException(new JournalException("the journal is closed"));
                return;
            }

            if (!AddEvent(e, completion))
                completion?.TrySetException(MailboxFull());
        }

        Wake();
    }

    /// <summary>Waits for something to write and takes all of it; null when the time is over.</summary>
    public JournalGroup? Take(JournalGroup empty, TimeSpan wait)
    {
        var taken = TryTake(empty);
        if (taken is not null || wait == TimeSpan.Zero)
            return taken;
        if (Poller.IsReady(_arrived, PollEvents.In, (int)Math.Min(wait.TotalMilliseconds, int.MaxValue)))
            _arrived.Drain();
        return TryTake(empty);
    }

    /// <summary>Gives a group back that could not be written: it goes before what has gathered since.</summary>
    public void GiveBack(JournalGroup failed)
    {
        lock (_gate)
        {
            var newer = _gathering;
            _gathering = failed;
            foreach (var (e, completion) in newer.Events)
            {
                if (!AddEvent(e, completion))
                    completion?.TrySetException(MailboxFull());
            }

            failed.Lost += newer.Lost;
            Overwrite(failed.Slots, newer.Slots);
            Overwrite(failed.Intents, newer.Intents);
            Overwrite(failed.Outbox, newer.Outbox);
            Overwrite(failed.Settings, newer.Settings);
            failed.Waiters.AddRange(newer.Waiters);
            failed.Callbacks.AddRange(newer.Callbacks);
        }
    }

    /// <summary>Nothing is taken in any more; what is there can still be taken out.</summary>
    public void Close()
    {
        lock (_gate)
            _closed = true;
        Wake();
    }

    /// <summary>
    /// The pause between two attempts; ends early when the journal closes. Who hands something over meanwhile is told at once that it is not on disk: a
    /// full disk must not make restarts wait for the next attempt. What was handed over stays.
    /// </summary>
    public void Pause(TimeSpan pause)
    {
        var end = MonotonicClock.Nanoseconds + (long)pause.TotalNanoseconds;
        while (!IsClosed)
        {
            foreach (var then in TakeCallbacks())
                then(false);
            var left = end - MonotonicClock.Nanoseconds;
            if (left <= 0)
                return;
            if (Poller.IsReady(_arrived, PollEvents.In, (int)Math.Min((left + 999_999) / 1_000_000, int.MaxValue)))
                _arrived.Drain();
        }
    }

    private List<Action<bool>> TakeCallbacks()
    {
        lock (_gate)
        {
            List<Action<bool>> callbacks = [.. _gathering.Callbacks.Select(c => c.Then)];
            _gathering.Callbacks.Clear();
            return callbacks;
        }
    }

    /// <summary>Makes the writer look again although nothing came: there is tidying left.</summary>
    public void Nudge() => Wake();

    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _closed;
        }
    }

    private JournalException MailboxFull() => new(
        $"the journal keeps up to {options.MailboxEvents} events and {options.MailboxBytes} bytes waiting for the disk and that is used up");

    private JournalGroup? TryTake(JournalGroup empty)
    {
        lock (_gate)
        {
            if (_gathering.IsEmpty)
                return null;
            var taken = _gathering;
            _gathering = empty;
            return taken;
        }
    }

    private bool AddEvent(JournalEvent e, TaskCompletionSource<long>? completion)
    {
        var size = EventOverhead + (e.DataJson.Length * 2);

        // Once one is lost all are until the group is written, so that journal.lost stands where the gap is.
        if (_gathering.Lost > 0 || _gathering.Events.Count >= options.MailboxEvents || _gathering.Bytes + size > options.MailboxBytes)
        {
            _gathering.Lost++;
            Interlocked.Increment(ref _lost);
            return false;
        }

        _gathering.Bytes += size;
        _gathering.Events.Add(new JournalGroup.PendingEvent(e, completion));
        return true;
    }

    private void Gather(JournalBatch batch, TaskCompletionSource? waiter, Action<bool>? then)
    {
        var lostBefore = _gathering.Lost;
        foreach (var e in batch.Events)
            AddEvent(e, null);
        AddRows(batch);
        var isKept = _gathering.Lost == lostBefore;
        if (then is not null)
            _gathering.Callbacks.Add((then, isKept));
        if (waiter is not null && !isKept)
            waiter.TrySetException(MailboxFull());
        else if (waiter is not null)
            _gathering.Waiters.Add(waiter);
    }

    private void AddRows(JournalBatch batch)
    {
        foreach (var slot in batch.Slots)
            _gathering.Slots[slot.Slot] = slot;
        foreach (var slot in batch.RemovedSlots)
            _gathering.Slots[slot] = null;
        foreach (var intent in batch.Intents)
            _gathering.Intents[intent.Slot] = intent;
        foreach (var entry in batch.Outbox)
            _gathering.Outbox[entry.Id] = entry;
        foreach (var id in batch.RemovedOutbox)
            _gathering.Outbox[id] = null;
        foreach (var (name, value) in batch.Settings)
            _gathering.Settings[name] = value;
    }

    private void Wake() => _arrived.Signal();

    private static void Overwrite<TKey, TValue>(Dictionary<TKey, TValue> target, Dictionary<TKey, TValue> newer)
        where TKey : notnull
    {
        foreach (var (key, value) in newer)
            target[key] = value;
    }
}
