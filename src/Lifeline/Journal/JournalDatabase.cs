using System.Globalization;
using Lifeline.Contracts;
using Microsoft.Data.Sqlite;

namespace Lifeline.Journal;

/// <summary>The writer's connection. One thread uses it; every method is one transaction.</summary>
internal sealed class JournalDatabase : IDisposable
{
    private const string Truncated = """{"truncated":true,"length":""";

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _insertEvent;
    private readonly SqliteCommand _setNext;
    private readonly JournalRows _rows;
    private long _nextId;

    public JournalDatabase(JournalOptions options)
    {
        _connection = JournalSchema.Connect(options.Path);
        try
        {
            JournalSchema.Prepare(_connection, options);
            Epoch = JournalSchema.GetMeta(_connection, "epoch");
            _nextId = ReadNextId();
            _begin = Command("BEGIN IMMEDIATE;");
            _commit = Command("COMMIT;");
            _insertEvent = Command(
                "INSERT INTO events(id, at, service, generation, kind, data) VALUES($id, $at, $service, $generation, $kind, $data);",
                "$id", "$at", "$service", "$generation", "$kind", "$data");
            _setNext = Command("UPDATE meta SET value = $next WHERE name = 'next_id';", "$next");
            _rows = new JournalRows(_connection);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public string Epoch { get; }

    /// <summary>Number of the newest event on disk; 0 if there never was one.</summary>
    public long LastId => _nextId - 1;

    public JournalState ReadState() => JournalRows.Read(_connection);

    public long ReadNextOutboxId() =>
        long.Parse(JournalSchema.GetMeta(_connection, "next_outbox_id"), CultureInfo.InvariantCulture);

    /// <summary>Writes a group and gives its events with their numbers; on an exception nothing of it was written.</summary>
    public List<ServiceEvent> Write(JournalGroup group, DateTimeOffset now, long nextOutboxId)
    {
        var written = new List<ServiceEvent>(group.Events.Count + 1);
        _begin.ExecuteNonQuery();
        try
        {
            var id = _nextId;
            foreach (var (e, _) in group.Events)
                written.Add(Insert(id++, e, now));
            if (group.Lost > 0)
                written.Add(Insert(id++, Lost(group.Lost), now));
            if (written.Count > 0)
            {
                _setNext.Parameters[0].Value = id.ToString(CultureInfo.InvariantCulture);
                _setNext.ExecuteNonQuery();
            }

            _rows.Write(group, nextOutboxId);
            _commit.ExecuteNonQuery();
            _nextId = id;
            return written;
        }
        catch (SqliteException)
        {
            TryRollBack();
            throw;
        }
    }

    /// <summary>Deletes up to <paramref name="limit"/> of the oldest events that are older than the cutoff.</summary>
    public int DeleteOlderThan(DateTimeOffset cutoff, int limit)
    {
        using var command = Command(
            "DELETE FROM events WHERE id < (SELECT min(id) FROM events) + $limit AND at < $cutoff;", "$limit", "$cutoff");
        command.Parameters[0].Value = limit;
        command.Parameters[1].Value = UnixMicroseconds.From(cutoff);
        return command.ExecuteNonQuery();
    }

    /// <summary>Deletes the oldest events whatever their age, at most an eighth of them, so that the newest are never swept away with them.</summary>
    public int DeleteOldest(int limit)
    {
        using var command = Command(
            "DELETE FROM events WHERE id < (SELECT min(id) + min($limit, (max(id) - min(id)) / 8 + 1) FROM events);", "$limit");
        command.Parameters[0].Value = limit;
        return command.ExecuteNonQuery();
    }

    /// <summary>Bytes of the file that hold something.</summary>
    public long UsedBytes() => (Pragma("page_count") - Pragma("freelist_count")) * Pragma("page_size");

    /// <summary>Gives some free pages back to the file system.</summary>
    public void Shrink(int pages)
    {
        if (Pragma("freelist_count") > 0)
            JournalSchema.Execute(_connection, $"PRAGMA incremental_vacuum({pages});");
    }

    /// <summary>Moves the whole write-ahead log into the file; waits for readers.</summary>
    public void EmptyLog() => JournalSchema.Execute(_connection, "PRAGMA wal_checkpoint(TRUNCATE);");

    /// <summary>Hard limit of the file, as a full disk would set it.</summary>
    public void LimitPages(long pages) => JournalSchema.Execute(_connection, $"PRAGMA max_page_count={pages};");

    public void Dispose()
    {
        _begin.Dispose();
        _commit.Dispose();
        _insertEvent.Dispose();
        _setNext.Dispose();
        _rows.Dispose();
        _connection.Dispose();
    }

    private static JournalEvent Lost(long count) =>
        new("journal.lost", null, 0, string.Create(CultureInfo.InvariantCulture, $$"""{"count":{{count}}}"""));

    private ServiceEvent Insert(long id, JournalEvent e, DateTimeOffset now)
    {
        var data = e.DataJson.Length <= JournalEvent.MaxDataLength
            ? e.DataJson
            : Truncated + e.DataJson.Length.ToString(CultureInfo.InvariantCulture) + "}";
        var at = UnixMicroseconds.From(e.At ?? now);
        var p = _insertEvent.Parameters;
        p[0].Value = id;
        p[1].Value = at;
        p[2].Value = (object?)e.Service ?? DBNull.Value;
        p[3].Value = e.Generation;
        p[4].Value = e.Kind;
        p[5].Value = data;
        _insertEvent.ExecuteNonQuery();
        return new ServiceEvent
        {
            Id = id,
            At = UnixMicroseconds.To(at),
            Service = e.Service,
            Generation = e.Generation,
            Kind = e.Kind,
            DataJson = data,
        };
    }

    private long ReadNextId()
    {
        var stored = long.Parse(JournalSchema.GetMeta(_connection, "next_id"), CultureInfo.InvariantCulture);
        var highest = JournalSchema.Scalar(_connection, "SELECT max(id) FROM events;");
        return highest is long id && id >= stored
            ? throw JournalSchema.Damaged($"event {id} is beyond the next number {stored}")
            : stored;
    }

    private long Pragma(string name) => (long)JournalSchema.Scalar(_connection, $"PRAGMA {name};")!;

    private void TryRollBack()
    {
        try
        {
            JournalSchema.Execute(_connection, "ROLLBACK;");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself (it does on a full disk and on I/O errors): there is nothing left to undo.
        }
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
            command.Parameters.Add(new SqliteParameter(name, null));
        return command;
    }
}
