using Microsoft.Data.Sqlite;

namespace Lifeline.Journal;

/// <summary>The tables, and what is done to a file before it is trusted.</summary>
internal static class JournalSchema
{
    public const int Version = 1;

    // How long the engine itself waits for a lock, in steps of a millisecond and more. Beyond it the provider tries again every 150 ms.
    private const int BusyMilliseconds = 1000;

    // Rather read a page again, from memory of the kernel's, than hold 2 MB for each connection.
    private const int CacheKib = 512;

    private const string Tables = """
        CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE events(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, service TEXT, generation INTEGER NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL);
        CREATE INDEX events_of_service ON events(service, id) WHERE service IS NOT NULL;
        CREATE TABLE slots(slot TEXT PRIMARY KEY, generation INTEGER NOT NULL, state TEXT NOT NULL, pid INTEGER, start_ticks INTEGER,
            boot_id TEXT, control_group TEXT, data TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE intents(slot TEXT PRIMARY KEY, generation INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE outbox(id INTEGER PRIMARY KEY, channel TEXT NOT NULL, payload TEXT NOT NULL, created_at INTEGER NOT NULL,
            attempts INTEGER NOT NULL, next_at INTEGER NOT NULL);
        CREATE TABLE settings(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        """;

    /// <summary>Opens the writer's connection with the pragmas that the crash guarantees rest on.</summary>
    // The vacuum mode only takes before the first table; checkpoints are made by the maintenance thread, not inside a commit.
    public static SqliteConnection Connect(string path) => Connect(
        path, $"PRAGMA busy_timeout={BusyMilliseconds}; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0;");

    /// <summary>
    /// Opens the connection of the checkpoints. It writes nothing of its own: a vacuum mode, even the one that is set, would be a
    /// transaction with a sync of the disk, for which the writer and so the next launch would wait.
    /// </summary>
    public static SqliteConnection ConnectForCheckpoints(string path) =>
        Connect(path, $"PRAGMA busy_timeout={BusyMilliseconds}; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0;");

    /// <summary>Has a connection that stays open hold few pages in memory.</summary>
    public static void LimitCache(SqliteConnection connection) => Execute(connection, $"PRAGMA cache_size=-{CacheKib};");

    private static SqliteConnection Connect(string path, string pragmas)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 5,
        }.ToString());
        try
        {
            connection.Open();
            LimitCache(connection);
            Execute(connection, pragmas);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Makes the tables of a new file and checks an old one.</summary>
    /// <exception cref="JournalException">A newer lifeline wrote it.</exception>
    /// <exception cref="SqliteException">It is damaged, or the disk fails.</exception>
    public static void Prepare(SqliteConnection connection, JournalOptions options)
    {
        var version = (long)Scalar(connection, "PRAGMA user_version;")!;
        if (version > Version)
        {
            throw new JournalException(
                $"{options.Path} was written by a newer lifeline (schema {version}, this one knows {Version}); use that version, or another --state-dir");
        }

        if (version == 0)
            Create(connection);
        else
            CheckOncePerBoot(connection, options);
        // Not written when it is there: a monitor must be able to start while the disk is full.
        if (GetMeta(connection, "boot_id") != options.BootId)
            SetMeta(connection, "boot_id", options.BootId);
    }

    public static string GetMeta(SqliteConnection connection, string name)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT value FROM meta WHERE name = $name;";
        command.Parameters.AddWithValue("$name", name);
        return (string?)command.ExecuteScalar() ?? "";
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    /// <summary>Whether SQLite says that the file itself is wrong, rather than the disk or a lock.</summary>
    public static bool IsDamage(SqliteException error) => error.SqliteErrorCode is 11 or 26;

    public static SqliteException Damaged(string what) => new($"damaged: {what}", 11);

    private static void Create(SqliteConnection connection)
    {
        Execute(connection, $"BEGIN IMMEDIATE; {Tables} PRAGMA user_version={Version}; COMMIT;");
        SetMeta(connection, "epoch", Guid.NewGuid().ToString("N"));
        SetMeta(connection, "next_id", "1");
        SetMeta(connection, "next_outbox_id", "1");
    }

    private static void CheckOncePerBoot(SqliteConnection connection, JournalOptions options)
    {
        if (GetMeta(connection, "epoch").Length == 0)
            throw Damaged("it has no epoch");

        // A killed process cannot damage the file; a power cut or a dying disk can.
        if (GetMeta(connection, "boot_id") == options.BootId)
            return;
        var verdict = (string)Scalar(connection, "PRAGMA quick_check(1);")!;
        if (verdict != "ok")
            throw Damaged(verdict);
    }

    private static void SetMeta(SqliteConnection connection, string name, string value)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO meta(name, value) VALUES($name, $value) ON CONFLICT(name) DO UPDATE SET value = $value;";
        command.Parameters.AddWithValue("$name", name);
        command.Parameters.AddWithValue("$value", value);
        command.ExecuteNonQuery();
    }
}
