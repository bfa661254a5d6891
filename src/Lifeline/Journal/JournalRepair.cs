using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Lifeline.Journal;

/// <summary>What is done with a journal that SQLite calls damaged: what is still readable of the small tables is saved, the file is set aside, never deleted unseen.</summary>
internal static class JournalRepair
{
    private static readonly string[] Suffixes = ["", "-wal", "-shm"];

    /// <summary>Reads whatever small tables still can be read.</summary>
    public static JournalState Salvage(string path)
    {
        try
        {
            using var connection = JournalSchema.Connect(path);
            return new JournalState
            {
                Slots = Try(() => JournalRows.ReadSlots(connection), []),
                OpenIntents = Try(() => JournalRows.ReadIntents(connection), []),
                Outbox = Try(() => JournalRows.ReadOutbox(connection), []),
                Settings = Try(() => JournalRows.ReadSettings(connection), []),
            };
        }
        catch (SqliteException)
        {
            return new JournalState { Slots = [], OpenIntents = [], Outbox = [], Settings = new Dictionary<string, string>() };
        }
    }

    /// <summary>Renames the file and its companions; gives the new name of the file. Oldest copies beyond the limit go.</summary>
    public static string MoveAside(JournalOptions options, DateTimeOffset now)
    {
        var stamp = now.ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture);
        var target = $"{options.Path}.damaged-{stamp}";
        for (var n = 1; File.Exists(target); n++)
            target = $"{options.Path}.damaged-{stamp}-{n}";
        foreach (var suffix in Suffixes)
        {
            if (File.Exists(options.Path + suffix))
                File.Move(options.Path + suffix, target + suffix);
        }

        DropOldCopies(options);
        return target;
    }

    private static void DropOldCopies(JournalOptions options)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(options.Path))!;
        var copies = Directory.EnumerateFiles(folder, Path.GetFileName(options.Path) + ".damaged-*")
            .Where(f => !f.EndsWith("-wal", StringComparison.Ordinal) && !f.EndsWith("-shm", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
        foreach (var old in copies.SkipLast(options.DamagedCopies))
        {
            foreach (var suffix in Suffixes)
                File.Delete(old + suffix);
        }
    }

    private static T Try<T>(Func<T> read, T otherwise)
    {
        try
        {
            return read();
        }
        catch (SqliteException)
        {
            return otherwise;
        }
        catch (Exception e) when (e is InvalidCastException or OverflowException or ArgumentException)
        {
            // A damaged row may hold anything.
            return otherwise;
        }
    }
}
