using Lifeline.Contracts;

namespace Lifeline.Journal;

/// <summary>
/// The monitor's memory: events with numbers, and what must survive the monitor's death. Safe for any thread;
/// handing over never waits for the disk. What is committed survives the death of every process; a power cut may cost the last moments.
/// </summary>
internal sealed class JournalStore : IDisposable
{
    private readonly JournalMailbox _mailbox;
    private readonly JournalReader _reader;
    private readonly JournalWriter _writer;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<(long After, TaskCompletionSource Waiter)> _waiting = [];
    private long _nextOutboxId;
    private long _told;
    private bool _disposed;

    private JournalStore(JournalOptions options, TimeProvider time)
    {
        _time = time;
        _mailbox = new JournalMailbox(options);
        _reader = new JournalReader(options.Path);
        _writer = new JournalWriter(options, time, _mailbox, _reader, () => Interlocked.Read(ref _nextOutboxId));
        _nextOutboxId = _writer.FirstOutboxId;
        _told = _writer.LastId;
        _writer.Committed = Tell;
    }

    /// <summary>
    /// Called after each commit with its events, in the order of their numbers, on the journal's thread: watchers only
    /// note it and return. What they throw is counted, nothing else.
    /// </summary>
    public event Action<IReadOnlyList<ServiceEvent>>? Committed;

    /// <summary>
    /// Called when the journal could not be written for a while (<see cref="JournalOptions.TroubleAfter"/>), and with null when it can again, on
    /// the journal's thread: who is called only notes it and returns.
    /// </summary>
    public Action<JournalTrouble?>? Troubled { get => _writer.Troubled; set => _writer.Troubled = value; }

    /// <summary>Why it cannot be written just now; null: it can, as far as is known.</summary>
    public JournalTrouble? Trouble => _writer.Trouble;

    /// <summary>Changes when the journal had to be begun anew; numbers of different epochs have nothing to do with each other.</summary>
    public string Epoch => _writer.Epoch;

    /// <summary>Newest number on disk; 0 in a new journal.</summary>
    public long LastId => _writer.LastId;

    /// <summary>Oldest number still kept; 0 when there is none.</summary>
    public long FirstId => _reader.FirstId();

    /// <summary>The small tables as they were when the journal was opened.</summary>
    public JournalState Recovered => _writer.Recovered;

    public JournalCounters Counters => _writer.Counters;

    /// <summary>Opens or makes the journal. A damaged file is set aside and a new one begun, which its first event tells.</summary>
    /// <exception cref="JournalException">A newer lifeline wrote it, or it cannot be opened.</exception>
    public static JournalStore Open(JournalOptions options, TimeProvider? time = null)
    {
        var store = new JournalStore(options, time ?? TimeProvider.System);
        store._writer.Start();
        return store;
    }

    /// <summary>Hands over one event; if it cannot be kept, that is counted and becomes a <c>journal.lost</c>.</summary>
    public void Append(JournalEvent e) => _mailbox.Post(Stamp(e), null);

    /// <summary>Completes with the event's number after its commit.</summary>
    /// <exception cref="JournalException">It is not on disk (yet).</exception>
    public Task<long> AppendAsync(JournalEvent e)
    {
        var completion = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        _mailbox.Post(Stamp(e), completion);
        return completion.Task;
    }

    /// <summary>Hands over all that one decision changes.</summary>
    public void Commit(JournalBatch batch) => _mailbox.Post(Stamp(batch));

    /// <summary>
    /// Commits a batch, then calls back: true if it is on disk, false if the disk did not take it (yet). In the order of the batches,
    /// on the journal's thread, which waits meanwhile: what is called must not wait for anything, nor throw.
    /// </summary>
    public void Commit(JournalBatch batch, Action<bool> then) => _mailbox.Post(Stamp(batch), then: then);

    /// <summary>Completes after the batch's commit.</summary>
    /// <exception cref="JournalException">It is not on disk; it is kept in memory and tried again, except for events beyond the mailbox's limit.</exception>
    public Task CommitAsync(JournalBatch batch)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _mailbox.Post(Stamp(batch), waiter);
        return waiter.Task;
    }

    /// <summary>Completes when it is on disk that this generation may exist. To be awaited before the launch.</summary>
    /// <exception cref="JournalException">It is not on disk.</exception>
    public Task WriteIntentAsync(string slot, int generation) =>
        CommitAsync(new JournalBatch { Intents = [new InstanceIntent(slot, generation, _time.GetUtcNow())] });

    /// <summary>Keeps a slot's newest record; several before one commit become one.</summary>
    public void SaveSlot(SavedSlot slot) => Commit(new JournalBatch { Slots = [slot] });

    /// <summary>Forgets a slot and its intents.</summary>
    public void RemoveSlot(string slot) => Commit(new JournalBatch { RemovedSlots = [slot] });

    /// <summary>A number for a new outbox entry.</summary>
    public long NextOutboxId() => Interlocked.Increment(ref _nextOutboxId) - 1;

    /// <summary>Completes when everything handed over before is on disk.</summary>
    /// <exception cref="JournalException">It is not.</exception>
    public Task FlushAsync() => CommitAsync(new JournalBatch());

    /// <summary>Other limits of age and size, from the next look on.</summary>
    public void Retain(TimeSpan age, long bytes) => _writer.Retain(age, bytes);

    /// <summary>Committed events after a number, oldest first; at most <see cref="JournalReader.MaxEvents"/>.</summary>
    public IReadOnlyList<ServiceEvent> Read(long sinceId, int limit, string? service = null) => Read(sinceId, limit, new JournalFilter(service));

    /// <summary>Committed events after a number that match, oldest first; at most <see cref="JournalReader.MaxEvents"/>.</summary>
    public IReadOnlyList<ServiceEvent> Read(long sinceId, int limit, JournalFilter filter) => _reader.Read(sinceId, limit, filter);

    /// <summary>The last committed events after a number that match, oldest first; at most <see cref="JournalReader.MaxEvents"/>.</summary>
    public IReadOnlyList<ServiceEvent> ReadLast(long sinceId, int limit, JournalFilter filter) => _reader.ReadLast(sinceId, limit, filter);

    /// <summary>The number after which events from this time on begin.</summary>
    public long IdBefore(DateTimeOffset at) => _reader.IdBefore(at);

    /// <summary>The number after which the last <paramref name="count"/> events that match begin.</summary>
    public long IdBeforeLast(int count, JournalFilter filter) => count <= 0 ? LastId : _reader.IdBeforeLast(count, filter) ?? LastId;

    /// <summary>The number after which the last <paramref name="count"/> events (of a service) begin.</summary>
    public long IdBeforeLast(int count, string? service = null) => IdBeforeLast(count, new JournalFilter(service));

    /// <summary>Completes as soon as an event with a higher number than <paramref name="after"/> is committed.</summary>
    public async Task WaitForEventAsync(long after, CancellationToken cancellation = default)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_told > after)
                return;
            _waiting.Add((after, waiter));
        }

        try
        {
            await waiter.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                _waiting.RemoveAll(w => w.Waiter == waiter);
        }
    }

    /// <summary>Writes what is left and closes. If the disk does not take it, it is lost.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        _writer.Dispose();
        _reader.Dispose();
        lock (_gate)
        {
            foreach (var (_, waiter) in _waiting)
                waiter.TrySetCanceled(CancellationToken.None);
        }
    }

    /// <summary>Sets the hard limit of the file in pages, as a full disk would.</summary>
    internal void LimitPages(long pages) => _writer.LimitPages(pages);

    private JournalEvent Stamp(JournalEvent e) => e.At is null ? e with { At = _time.GetUtcNow() } : e;

    private JournalBatch Stamp(JournalBatch batch) =>
        batch.Events.Any(e => e.At is null) ? batch with { Events = [.. batch.Events.Select(Stamp)] } : batch;

    private void Tell(IReadOnlyList<ServiceEvent> events)
    {
        lock (_gate)
        {
            _told = events[^1].Id;
            foreach (var (after, waiter) in _waiting)
            {
                if (_told > after)
                    waiter.TrySetResult();
            }
        }

        Committed?.Invoke(events);
    }
}
