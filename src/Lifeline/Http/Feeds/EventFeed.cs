using Lifeline.Contracts;
using Lifeline.Journal;

namespace Lifeline.Http;

/// <summary>
/// Committed events for any number of readers: each is spelled once, whoever is behind is served from the journal, and nobody who reads
/// slowly holds up anybody. Costs nothing while nobody reads. Safe for any thread.
/// </summary>
internal sealed class EventFeed : IDisposable
{
    /// <summary>Events of one page of the journal; pages begin at multiples, so that readers who come back together share them.</summary>
    private const int PageEvents = 256;

    private const int MaxPages = 16;

    private readonly JournalStore _journal;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly LinkedList<EventChunk> _ready = new();
    private readonly Dictionary<long, EventChunk> _pages = [];
    private readonly ITimer _timer;
    private List<ServiceEvent> _waiting = [];
    private TaskCompletionSource _news = NewSignal();
    private string _epoch;
    private long _last;
    private long _published;
    private int _readyBytes;
    private int _readers;
    private bool _armed;

    public EventFeed(JournalStore journal, TimeProvider time)
    {
        _journal = journal;
        _time = time;
        _timer = time.CreateTimer(_ => Publish(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _epoch = journal.Epoch;
        lock (_gate)
        {
            journal.Committed += Note;
            _published = _last = journal.LastId;
        }
    }

    /// <summary>Where the stream is now.</summary>
    public StreamPosition Head
    {
        get
        {
            lock (_gate)
                return new StreamPosition(_epoch, Math.Max(_last, _epoch == _journal.Epoch ? _journal.LastId : 0));
        }
    }

    /// <summary>Readers at the moment.</summary>
    public int Readers => Volatile.Read(ref _readers);

    public IDisposable Join()
    {
        Interlocked.Increment(ref _readers);
        return new Membership(this);
    }

    /// <summary>Whether a position can be gone on from: its epoch is the journal's and no event after it was removed.</summary>
    public bool CanResume(StreamPosition position)
    {
        var head = Head;
        if (position.Epoch != head.Epoch || position.Id > head.Id)
            return false;
        return position.Id == head.Id || position.Id + 1 >= _journal.FirstId;
    }

    /// <summary>What comes after a position, at once; null: nothing does, and the task completes when something may.</summary>
    public (EventChunk? Chunk, Task News) TryRead(StreamPosition position)
    {
        Task news;
        lock (_gate)
        {
            news = _news.Task;
            if (position.Epoch != _epoch)
                return (null, Task.CompletedTask);
            if (_ready.Last is { } newest && newest.Value.LastId > position.Id && _ready.First!.Value.FirstId <= position.Id + 1)
                return (FindReady(position.Id), Task.CompletedTask);
            // What waits for its moment to be spelled is no reason to read the journal.
            if (position.Id >= _published)
                return (null, news);
        }

        return (ReadJournal(position.Id), news);
    }

    public void Dispose()
    {
        _journal.Committed -= Note;
        _timer.Dispose();
        lock (_gate)
            _news.TrySetResult();
    }

    // On the journal's thread: only noted.
    private void Note(IReadOnlyList<ServiceEvent> events)
    {
        lock (_gate)
        {
            if (_journal.Epoch != _epoch)
                BeginAnew();
            _last = Math.Max(_last, events[^1].Id);
            if (_readers == 0)
            {
                Forget();
                _published = _last;
                return;
            }

            if (_waiting.Count + events.Count <= HttpLimits.MaxWaitingEvents)
                _waiting.AddRange(events);
            else
                Forget();
            if (_armed)
                return;
            _armed = true;
            _timer.Change(HttpLimits.EventSpacing, Timeout.InfiniteTimeSpan);
        }
    }

    private void Publish()
    {
        List<ServiceEvent> events;
        string epoch;
        lock (_gate)
        {
            _armed = false;
            (events, _waiting) = (_waiting, []);
            epoch = _epoch;
        }

        var chunk = events.Count == 0 ? null : EventChunk.Of(epoch, events);
        TaskCompletionSource news;
        lock (_gate)
        {
            if (chunk is not null && epoch == _epoch)
                Add(chunk);
            _published = Math.Max(_published, _waiting.Count == 0 ? _last : _waiting[0].Id - 1);
            (news, _news) = (_news, NewSignal());
        }

        news.TrySetResult();
    }

    private void Add(EventChunk chunk)
    {
        if (_ready.Last is { } newest && newest.Value.LastId + 1 != chunk.FirstId)
            ClearReady();
        _ready.AddLast(chunk);
        _readyBytes += chunk.Length;
        while (_readyBytes > HttpLimits.MaxReadyBytes && _ready.Count > 1)
        {
            _readyBytes -= _ready.First!.Value.Length;
            _ready.RemoveFirst();
        }
    }

    private EventChunk FindReady(long id)
    {
        var node = _ready.Last!;
        while (node.Value.FirstId > id + 1)
            node = node.Previous!;
        return node.Value;
    }

    private EventChunk? ReadJournal(long after)
    {
        var first = after / PageEvents * PageEvents;
        string epoch;
        lock (_gate)
        {
            if (_pages.TryGetValue(first, out var known))
                return known;
            epoch = _epoch;
        }

        var events = _journal.Read(first, PageEvents);
        if (events.Count == 0 || events[^1].Id <= after)
            return null;
        var chunk = EventChunk.Of(epoch, events);
        lock (_gate)
        {
            // Only a whole page stays as it is.
            if (epoch == _epoch && chunk.LastId == first + PageEvents)
            {
                if (_pages.Count >= MaxPages)
                    _pages.Remove(_pages.Keys.Min());
                _pages[first] = chunk;
            }
        }

        return chunk;
    }

    // The caller holds the gate.
    private void BeginAnew()
    {
        Forget();
        _pages.Clear();
        _published = _last = 0;
        _epoch = _journal.Epoch;
    }

    private void Forget()
    {
        _waiting.Clear();
        ClearReady();
        if (_readers == 0)
            _pages.Clear();
    }

    private void ClearReady()
    {
        _ready.Clear();
        _readyBytes = 0;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Membership(EventFeed feed) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                Interlocked.Decrement(ref feed._readers);
        }
    }
}
