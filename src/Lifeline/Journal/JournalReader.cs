using System.Globalization;
using Lifeline.Configuration;
using Lifeline.Contracts;
using Microsoft.Data.Sqlite;

namespace Lifeline.Journal;

/// <summary>Reads events on a connection of its own, so that nobody who looks delays the writer. Safe for any thread; one reads at a time.</summary>
internal sealed class JournalReader(string path) : IDisposable
{
    /// <summary>Most events one call returns.</summary>
    public const int MaxEvents = 10_000;

    private readonly Lock _gate = new();
    private SqliteConnection? _connection;
    private bool _disposed;

    public IReadOnlyList<ServiceEvent> Read(long sinceId, int limit, JournalFilter filter) => Read(sinceId, limit, filter, "ORDER BY id");

    /// <summary>The last ones after a number that match, oldest first.</summary>
    public IReadOnlyList<ServiceEvent> ReadLast(long sinceId, int limit, JournalFilter filter)
    {
        var events = Read(sinceId, limit, filter, "ORDER BY id DESC");
        events.Reverse();
        return events;
    }

    private List<ServiceEvent> Read(long sinceId, int limit, JournalFilter filter, string order)
    {
        lock (_gate)
        {
            using var command = Open().CreateCommand();
            command.CommandText = "SELECT id, at, service, generation, kind, data FROM events WHERE "
                + Conditions(filter, command) + $"id > $since {order} LIMIT $limit;";
            command.Parameters.AddWithValue("$since", sinceId);
            command.Parameters.AddWithValue("$limit", Math.Clamp(limit, 0, MaxEvents));
            return ReadAll(command);
        }
    }

    public long FirstId() => Number("SELECT min(id) FROM events;", null);

    /// <summary>The newest event before a time; 0 if there is none.</summary>
    public long IdBefore(DateTimeOffset at) =>
        Number("SELECT id FROM events WHERE at < $at ORDER BY id DESC LIMIT 1;", UnixMicroseconds.From(at));

    /// <summary>The number after which the last <paramref name="count"/> events that match begin; null if there are none.</summary>
    public long? IdBeforeLast(int count, JournalFilter filter)
    {
        lock (_gate)
        {
            using var command = Open().CreateCommand();
            command.CommandText = "SELECT min(id) - 1 FROM (SELECT id FROM events WHERE " + Conditions(filter, command) + "id > 0 ORDER BY id DESC LIMIT $count);";
            command.Parameters.AddWithValue("$count", Math.Clamp(count, 0, MaxEvents));
            return command.ExecuteScalar() is long id ? id : null;
        }
    }

    /// <summary>Moves what it can of the write-ahead log into the file without holding anybody up; gives the log's length in pages.</summary>
    public static long Checkpoint(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE);";
        using var reader = command.ExecuteReader();
        return reader.Read() ? reader.GetInt64(1) : 0;
    }

    /// <summary>Lets go of the file, which is about to be moved away; the next read opens the new one.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _connection?.Dispose();
            _connection = null;
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        Reset();
    }

    // Only names of parameters go into the text, never values.
    private string Conditions(JournalFilter filter, SqliteCommand command)
    {
        var conditions = "";
        if (filter.Service is { } service)
        {
            conditions += Any("service", service, command, InstancesOf);
        }

        if (filter.Kind is { } kind)
        {
            conditions += Any("kind", kind, command, static (_, _) => null);
        }

        if (filter.Until is { } until)
        {
            conditions += "at < $until AND ";
            command.Parameters.AddWithValue("$until", UnixMicroseconds.From(until));
        }

        if (filter.UpTo is { } upTo)
        {
            conditions += "id <= $up_to AND ";
            command.Parameters.AddWithValue("$up_to", upTo);
        }

        return conditions;
    }

    // Names in one list, as terms in a row SQLite takes a thousand of at most; only patterns and what has instances is a term of its own.
    private static string Any(string column, string list, SqliteCommand command, Func<string, string, string?> instancesOf)
    {
        var names = new List<string>();
        var terms = new List<string>();
        var values = JournalFilter.Values(list);
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = string.Create(CultureInfo.InvariantCulture, $"${column}{i}");
            command.Parameters.AddWithValue(parameter, values[i]);
            if (Glob.HasWildcard(values[i]))
                terms.Add(column == "service" ? $"service GLOB {parameter} OR service GLOB {parameter} || '.[0-9]*'" : $"{column} GLOB {parameter}");
            else
                names.Add(parameter);
            if (instancesOf(values[i], parameter) is { } instances)
                terms.Add(instances);
        }

        if (names.Count > 0)
            terms.Add($"{column} IN ({string.Join(',', names)})");
        return terms.Count == 0 ? "" : $"({string.Join(" OR ", terms)}) AND ";
    }

    // The name of several instances means all of them: "orders" is before "orders.1", and "orders/" after "orders.9".
    private string? InstancesOf(string service, string parameter)
    {
        if (Glob.HasWildcard(service))
            return null;
        var range = $"service > {parameter} || '.' AND service < {parameter} || '/'";
        using var command = Open().CreateCommand();
        command.CommandText = $"SELECT EXISTS (SELECT 1 FROM events WHERE {range});";
        command.Parameters.AddWithValue(parameter, service);
        return command.ExecuteScalar() is 1L ? $"({range})" : null;
    }

    private long Number(string sql, long? at)
    {
        lock (_gate)
        {
            using var command = Open().CreateCommand();
            command.CommandText = sql;
            if (at is not null)
                command.Parameters.AddWithValue("$at", at);
            return command.ExecuteScalar() is long id ? id : 0;
        }
    }

    private SqliteConnection Open()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_connection is not null)
            return _connection;
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
            DefaultTimeout = 5,
        }.ToString());
        try
        {
            connection.Open();
            JournalSchema.LimitCache(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        return _connection = connection;
    }

    private static List<ServiceEvent> ReadAll(SqliteCommand command)
    {
        var events = new List<ServiceEvent>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            events.Add(new ServiceEvent
            {
                Id = reader.GetInt64(0),
                At = UnixMicroseconds.To(reader.GetInt64(1)),
                Service = reader.IsDBNull(2) ? null : reader.GetString(2),
                Generation = reader.GetInt32(3),
                Kind = reader.GetString(4),
                DataJson = reader.GetString(5),
            });
        }

        return events;
    }
}
