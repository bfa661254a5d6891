using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Lifeline.Journal;

/// <summary>Reads and writes the small tables: slots, intents, outbox, settings.</summary>
internal sealed class JournalRows : IDisposable
{
    private readonly SqliteCommand _putSlot;
    private readonly SqliteCommand _dropSlot;
    private readonly SqliteCommand _putIntent;
    private readonly SqliteCommand _dropIntent;
    private readonly SqliteCommand _putOutbox;
    private readonly SqliteCommand _dropOutbox;
    private readonly SqliteCommand _nextOutbox;
    private readonly SqliteCommand _putSetting;
    private readonly SqliteCommand _dropSetting;

    public JournalRows(SqliteConnection connection)
    {
        _putSlot = Command(
            connection,
            """
            INSERT INTO slots(slot, generation, state, pid, start_ticks, boot_id, control_group, data) VALUES($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT(slot) DO UPDATE SET generation = $2, state = $3, pid = $4, start_ticks = $5, boot_id = $6, control_group = $7, data = $8;
            """,
            8);
        _dropSlot = Command(connection, "DELETE FROM slots WHERE slot = $1;", 1);
        _putIntent = Command(
            connection, "INSERT INTO intents(slot, generation, at) VALUES($1, $2, $3) ON CONFLICT(slot) DO UPDATE SET generation = $2, at = $3;", 3);
        _dropIntent = Command(connection, "DELETE FROM intents WHERE slot = $1;", 1);
        _putOutbox = Command(
            connection,
            """
            INSERT INTO outbox(id, channel, payload, created_at, attempts, next_at) VALUES($1, $2, $3, $4, $5, $6)
            ON CONFLICT(id) DO UPDATE SET attempts = $5, next_at = $6;
            """,
            6);
        _dropOutbox = Command(connection, "DELETE FROM outbox WHERE id = $1;", 1);
        _nextOutbox = Command(connection, "UPDATE meta SET value = $1 WHERE name = 'next_outbox_id';", 1);
        _putSetting = Command(connection, "INSERT INTO settings(name, value) VALUES($1, $2) ON CONFLICT(name) DO UPDATE SET value = $2;", 2);
        _dropSetting = Command(connection, "DELETE FROM settings WHERE name = $1;", 1);
    }

    public void Write(JournalGroup group, long nextOutboxId)
    {
        foreach (var (slot, intent) in group.Intents)
            Run(_putIntent, slot, intent.Generation, UnixMicroseconds.From(intent.At));
        foreach (var (name, slot) in group.Slots)
            WriteSlot(name, slot);
        foreach (var (id, entry) in group.Outbox)
            WriteOutbox(id, entry);
        if (group.Outbox.Count > 0)
            Run(_nextOutbox, nextOutboxId.ToString(CultureInfo.InvariantCulture));
        foreach (var (name, value) in group.Settings)
        {
            if (value is null)
                Run(_dropSetting, name);
            else
                Run(_putSetting, name, value);
        }
    }

    public static JournalState Read(SqliteConnection connection)
    {
        var slots = ReadSlots(connection);
        var known = slots.ToDictionary(s => s.Slot, s => s.Generation, StringComparer.Ordinal);
        return new JournalState
        {
            Slots = slots,
            OpenIntents = [.. ReadIntents(connection).Where(i => !known.TryGetValue(i.Slot, out var generation) || i.Generation > generation)],
            Outbox = ReadOutbox(connection),
            Settings = ReadSettings(connection),
        };
    }

    public static List<SavedSlot> ReadSlots(SqliteConnection connection)
    {
        using var reader = Query(connection, "SELECT slot, generation, state, pid, start_ticks, boot_id, control_group, data FROM slots ORDER BY slot;", out var command);
        using var _ = command;
        var rows = new List<SavedSlot>();
        while (reader.Read())
        {
            rows.Add(new SavedSlot
            {
                Slot = reader.GetString(0),
                Generation = reader.GetInt32(1),
                State = reader.GetString(2),
                Pid = reader.IsDBNull(3) ? null : reader.GetInt32(3),
                StartTicks = reader.IsDBNull(4) ? null : reader.GetInt64(4),
                BootId = reader.IsDBNull(5) ? null : reader.GetString(5),
                ControlGroup = reader.IsDBNull(6) ? null : reader.GetString(6),
                Data = Encoding.UTF8.GetBytes(reader.GetString(7)),
            });
        }

        return rows;
    }

    public static List<InstanceIntent> ReadIntents(SqliteConnection connection)
    {
        using var reader = Query(connection, "SELECT slot, generation, at FROM intents ORDER BY slot;", out var command);
        using var _ = command;
        var rows = new List<InstanceIntent>();
        while (reader.Read())
            rows.Add(new InstanceIntent(reader.GetString(0), reader.GetInt32(1), UnixMicroseconds.To(reader.GetInt64(2))));
        return rows;
    }

    public static List<OutboxEntry> ReadOutbox(SqliteConnection connection)
    {
        using var reader = Query(connection, "SELECT id, channel, payload, created_at, attempts, next_at FROM outbox ORDER BY id;", out var command);
        using var _ = command;
        var rows = new List<OutboxEntry>();
        while (reader.Read())
        {
            rows.Add(new OutboxEntry(
                reader.GetInt64(0),
                reader.GetString(1),
                reader.GetString(2),
                UnixMicroseconds.To(reader.GetInt64(3)),
                reader.GetInt32(4),
                UnixMicroseconds.To(reader.GetInt64(5))));
        }

        return rows;
    }

    public static Dictionary<string, string> ReadSettings(SqliteConnection connection)
    {
        using var reader = Query(connection, "SELECT name, value FROM settings;", out var command);
        using var _ = command;
        var rows = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read())
            rows[reader.GetString(0)] = reader.GetString(1);
        return rows;
    }

    public void Dispose()
    {
        SqliteCommand[] all = [_putSlot, _dropSlot, _putIntent, _dropIntent, _putOutbox, _dropOutbox, _nextOutbox, _putSetting, _dropSetting];
        foreach (var command in all)
            command.Dispose();
    }

    private void WriteSlot(string name, SavedSlot? slot)
    {
        if (slot is null)
        {
            Run(_dropSlot, name);
            Run(_dropIntent, name);
            return;
        }

        Run(_putSlot, name, slot.Generation, slot.State, slot.Pid, slot.StartTicks, slot.BootId, slot.ControlGroup, Encoding.UTF8.GetString(slot.Data.Span));
    }

    private void WriteOutbox(long id, OutboxEntry? entry)
    {
        if (entry is null)
            Run(_dropOutbox, id);
        else
            Run(_putOutbox, id, entry.Channel, entry.Payload, UnixMicroseconds.From(entry.CreatedAt), entry.Attempts, UnixMicroseconds.From(entry.NextAt));
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        command.ExecuteNonQuery();
    }

    private static SqliteDataReader Query(SqliteConnection connection, string sql, out SqliteCommand command)
    {
        command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteReader();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, int parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 1; i <= parameters; i++)
            command.Parameters.Add(new SqliteParameter($"${i}", null));
        return command;
    }
}
