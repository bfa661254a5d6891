using Lifeline.Configuration;

namespace Lifeline.Journal;

/// <summary>Where the journal is and how much it may hold.</summary>
internal sealed record JournalOptions
{
    /// <summary>The database file; its folder must exist.</summary>
    public required string Path { get; init; }

    /// <summary>Events older than this are deleted.</summary>
    public TimeSpan RetainAge { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Bytes of the file that may be in use before the oldest events are deleted.</summary>
    public long RetainBytes { get; init; } = 256L << 20;

    /// <summary>Events that may wait for the disk; what comes beyond is counted in <c>journal.lost</c>.</summary>
    public int MailboxEvents { get; init; } = 16_384;

    /// <summary>Bytes of event data that may wait for the disk.</summary>
    public long MailboxBytes { get; init; } = 16L << 20;

    /// <summary>Bytes of the write-ahead log after which the writer itself empties it.</summary>
    public long WalBytes { get; init; } = 32L << 20;

    /// <summary>Copies of damaged journals that are kept beside the new one.</summary>
    public int DamagedCopies { get; init; } = 3;

    /// <summary>Least time between two looks at age and size.</summary>
    public TimeSpan RetentionInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>First wait before a failed write is tried again; doubles up to <see cref="RetryMax"/>.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait between two attempts to write.</summary>
    public TimeSpan RetryMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A journal that could not be written for so long is news; a disk that stumbles for a moment is none.</summary>
    public TimeSpan TroubleAfter { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Identifies the boot: the file is checked whole the first time it is opened after one.</summary>
    public string BootId { get; init; } = ReadBootId();

    /// <summary>The journal of a configuration.</summary>
    public static JournalOptions For(string path, MonitorSettings settings) => new()
    {
        Path = path,
        RetainAge = settings.JournalMaxAge,
        RetainBytes = settings.JournalMaxSize,
    };

    private static string ReadBootId()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (IOException)
        {
            return "unknown";
        }
    }
}
