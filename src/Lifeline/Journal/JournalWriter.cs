using System.Globalization;
using System.Text.Json;
using Lifeline.Contracts;
using Microsoft.Data.Sqlite;

namespace Lifeline.Journal;

/// <summary>The one thread that writes. It takes whatever has gathered, commits it as one transaction, tells who waits, then who watches.</summary>
internal sealed class JournalWriter : IDisposable
{
    private const int RetentionChunk = 500;
    private const int ShrinkPages = 256;
    private const int RowsPerCheckpoint = 1000;

    private readonly JournalOptions _options;
    private readonly TimeProvider _time;
    private readonly JournalMailbox _mailbox;
    private readonly JournalReader _reader;
    private readonly Func<long> _nextOutboxId;
    private readonly JournalCheckpoints _checkpoints;
    private readonly Thread _thread;
    private JournalDatabase? _database;
    private JournalMirror _mirror;
    private JournalGroup _spare = new();
    private TimeSpan _retry = TimeSpan.Zero;
    private long _nextRetention;
    private long _lastId;
    private long _committed;
    private long _groups;
    private long _failures;
    private long _observerFaults;
    private long _pageLimit;
    private long _retainTicks;
    private long _retainBytes;
    private volatile JournalTrouble? _trouble;
    private long _troubledAt;
    private bool _isTroubleTold;

    public JournalWriter(JournalOptions options, TimeProvider time, JournalMailbox mailbox, JournalReader reader, Func<long> nextOutboxId)
    {
        _options = options;
        _time = time;
        _mailbox = mailbox;
        _reader = reader;
        _nextOutboxId = nextOutboxId;
        Retain(options.RetainAge, options.RetainBytes);
        (_database, _mirror) = Open();
        Recovered = _mirror.ToState();
        FirstOutboxId = Math.Max(_database.ReadNextOutboxId(), _mirror.HighestOutboxId + 1);
        _checkpoints = new JournalCheckpoints(options.Path);
        _thread = new Thread(Run) { IsBackground = true, Name = "journal" };
    }

    /// <summary>Called on the writer's thread after each commit, in the order of the numbers.</summary>
    public Action<IReadOnlyList<ServiceEvent>>? Committed { get; set; }

    /// <summary>Called on the writer's thread when it could not write for a while, and with null when it can again.</summary>
    public Action<JournalTrouble?>? Troubled { get; set; }

    /// <summary>Why it cannot be written just now; null: it can.</summary>
    public JournalTrouble? Trouble => _trouble;

    public string Epoch { get; private set; } = "";

    public long LastId => Interlocked.Read(ref _lastId);

    public JournalState Recovered { get; }

    public long FirstOutboxId { get; }

    public void Start() => _thread.Start();

    public JournalCounters Counters => new(
        Interlocked.Read(ref _committed),
        _mailbox.Lost,
        Interlocked.Read(ref _groups),
        Interlocked.Read(ref _failures),
        _mailbox.Waiting,
        Interlocked.Read(ref _observerFaults));

    /// <summary>Sets the hard limit of the file from the next group on, as a full disk would.</summary>
    public void LimitPages(long pages) => Interlocked.Exchange(ref _pageLimit, pages);

    /// <summary>Other limits of age and size, from the next look on.</summary>
    public void Retain(TimeSpan age, long bytes)
    {
        Interlocked.Exchange(ref _retainTicks, age.Ticks);
        Interlocked.Exchange(ref _retainBytes, bytes);
    }

    public void Dispose()
    {
        _mailbox.Close();
        if (_thread.IsAlive)
            _thread.Join();
        _checkpoints.Dispose();
        _database?.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            var group = _mailbox.Take(_spare, WaitForNext());
            if (group is not null)
                Write(group);
            else if (_mailbox.IsClosed)
                return;
            if (_mailbox.Waiting == 0 || IsOverdue())
                KeepWithinLimits();
        }
    }

    /// <summary>A journal that is never idle is tidied all the same, only later.</summary>
    private bool IsOverdue() => _time.GetTimestamp() > _nextRetention + (10 * Ticks(_options.RetentionInterval));

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    private TimeSpan WaitForNext() => _mailbox.IsClosed ? TimeSpan.Zero : _options.RetentionInterval;

    private void Write(JournalGroup group)
    {
        List<ServiceEvent> events;
        try
        {
            _database ??= Reopen();
            if (Interlocked.Exchange(ref _pageLimit, 0) is var limit and > 0)
                _database.LimitPages(limit);
            events = group.HasRows ? _database.Write(group, _time.GetUtcNow(), _nextOutboxId()) : [];
            _mirror.Apply(group);
            _retry = TimeSpan.Zero;
        }
        catch (Exception e) when (e is SqliteException or IOException)
        {
            Fail(group, e);
            return;
        }

        // Not within the try: what others throw says nothing about the disk.
        if (events.Count > 0 && _trouble is not null) EndTrouble();
        Finish(group, events);
    }

    private void Finish(JournalGroup group, List<ServiceEvent> events)
    {
        if (events.Count > 0)
            Interlocked.Exchange(ref _lastId, events[^1].Id);
        Interlocked.Add(ref _committed, events.Count);
        Interlocked.Increment(ref _groups);
        group.Complete([.. events.Select(e => e.Id)]);
        group.Clear();
        _spare = group;
        Tell(events);
        if (_checkpoints.Written(events.Count + 1, RowsPerCheckpoint, _options.WalBytes))
            EmptyLog();
    }

    private void EmptyLog()
    {
        try
        {
            _database!.EmptyLog();
        }
        catch (SqliteException)
        {
            // What was committed is safe in the log; a broken disk is handled where the next events are written.
            Interlocked.Increment(ref _failures);
        }
    }

    private void Fail(JournalGroup group, Exception e)
    {
        Interlocked.Increment(ref _failures);
        group.Fault(new JournalException($"{_options.Path} cannot be written ({e.Message}); it is tried again", e));
        _spare = new JournalGroup();
        _mailbox.GiveBack(group);
        if (e is SqliteException damage && JournalSchema.IsDamage(damage))
        {
            Replace(damage.Message);
            return;
        }

        if (_mailbox.IsClosed)
        {
            GiveUp();
            return;
        }

        NoteTrouble(e.Message);
        _retry = _retry == TimeSpan.Zero ? _options.RetryFirst : Min(_retry * 2, _options.RetryMax);
        _mailbox.Pause(_retry);
    }

    private void NoteTrouble(string message)
    {
        if (_trouble is null)
            _troubledAt = _time.GetTimestamp();
        var trouble = _trouble = new JournalTrouble(_trouble?.Since ?? _time.GetUtcNow(), message);
        if (_isTroubleTold || _time.GetElapsedTime(_troubledAt) < _options.TroubleAfter)
            return;
        _isTroubleTold = true;
        Troubled?.Invoke(trouble);
    }

    private void EndTrouble()
    {
        _trouble = null;
        if (!_isTroubleTold)
            return;
        _isTroubleTold = false;
        Troubled?.Invoke(null);
    }

    /// <summary>The monitor ends and the disk does not take it: what is left is lost, and those who wait are told.</summary>
    private void GiveUp()
    {
        var left = _mailbox.Take(_spare, TimeSpan.Zero);
        left?.Fault(new JournalException($"{_options.Path} could not be written before the monitor ended"));
        _spare = new JournalGroup();
    }

    private void Tell(List<ServiceEvent> events)
    {
        if (events.Count == 0)
            return;
        try
        {
            Committed?.Invoke(events);
        }
        catch (Exception)
        {
            // A watcher's fault must not end the journal; it is counted and shown in the counters.
            Interlocked.Increment(ref _observerFaults);
        }
    }

    private (JournalDatabase Database, JournalMirror Mirror) Open()
    {
        try
        {
            var database = new JournalDatabase(_options);
            try
            {
                var mirror = new JournalMirror(database.ReadState());
                Use(database);
                return (database, mirror);
            }
            catch (SqliteException)
            {
                database.Dispose();
                throw;
            }
        }
        catch (SqliteException e) when (JournalSchema.IsDamage(e))
        {
            var mirror = new JournalMirror(JournalRepair.Salvage(_options.Path));
            return (Rebuild(mirror, e.Message), mirror);
        }
        catch (SqliteException e)
        {
            throw new JournalException($"{_options.Path} cannot be opened: {e.Message}", e);
        }
    }

    private void Replace(string reason)
    {
        _database?.Dispose();
        _database = null;
        try
        {
            _database = Rebuild(_mirror, reason);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            Interlocked.Increment(ref _failures);
            NoteTrouble(e.Message);
            _mailbox.Pause(_options.RetryMax);
        }
    }

    private JournalDatabase Reopen()
    {
        var database = new JournalDatabase(_options);
        Use(database);
        return database;
    }

    /// <summary>Sets the damaged file aside and puts all we know into a new one, with a new epoch and an event that says so.</summary>
    private JournalDatabase Rebuild(JournalMirror mirror, string reason)
    {
        _checkpoints?.Reset();
        _reader.Reset();
        var now = _time.GetUtcNow();
        var moved = JournalRepair.MoveAside(_options, now);
        var database = new JournalDatabase(_options);
        try
        {
            var group = mirror.ToGroup();
            group.Events.Add(new(new JournalEvent(EventKinds.JournalReset, null, 0, ResetData(reason, moved, mirror), now), null));
            var events = database.Write(group, now, Math.Max(_nextOutboxId(), mirror.HighestOutboxId + 1));
            Use(database);
            Tell(events);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private void Use(JournalDatabase database)
    {
        Epoch = database.Epoch;
        Interlocked.Exchange(ref _lastId, database.LastId);
    }

    /// <summary>Deletes in small steps while nobody has anything to write.</summary>
    private void KeepWithinLimits()
    {
        if (_database is null || _time.GetTimestamp() < _nextRetention)
            return;
        try
        {
            var deleted = _database.DeleteOlderThan(_time.GetUtcNow() - TimeSpan.FromTicks(Interlocked.Read(ref _retainTicks)), RetentionChunk);
            if (deleted == 0 && _database.UsedBytes() > Interlocked.Read(ref _retainBytes))
                deleted = _database.DeleteOldest(RetentionChunk);
            _database.Shrink(ShrinkPages);
            if (deleted > 0)
            {
                _mailbox.Nudge();
                return;
            }
        }
        catch (SqliteException)
        {
            // A full or broken disk is handled where events are written; tidying waits for the next round.
            Interlocked.Increment(ref _failures);
        }

        _nextRetention = _time.GetTimestamp() + Ticks(_options.RetentionInterval);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static string ResetData(string reason, string movedTo, JournalMirror mirror)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("reason", reason);
            json.WriteString("moved_to", movedTo);
            json.WriteNumber("slots_kept", mirror.SlotCount);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
