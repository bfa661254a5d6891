using Lifeline.Journal;

namespace Lifeline.Tests.Journal;

/// <summary>A folder with a journal of its own, gone at the end.</summary>
internal sealed class TemporaryJournal : IDisposable
{
    private static readonly byte[] s_data = """{"restarts":2}"""u8.ToArray();

    private readonly string _folder = Directory.CreateTempSubdirectory("lifeline-journal-").FullName;

    public string File => Path.Combine(_folder, "journal.db");

    public string Folder => _folder;

    public JournalOptions Options => new() { Path = File, RetryFirst = TimeSpan.FromMilliseconds(10), RetryMax = TimeSpan.FromMilliseconds(50) };

    public JournalStore Open(Func<JournalOptions, JournalOptions>? change = null, TimeProvider? time = null) =>
        JournalStore.Open(change is null ? Options : change(Options), time);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static JournalEvent Event(string kind = "service.started", string? service = "orders", string data = "{}") =>
        new(kind, service, 1, data);

    public static SavedSlot Slot(string name, int generation, string state = "running") => new()
    {
        Slot = name,
        Generation = generation,
        State = state,
        Pid = 4711,
        StartTicks = 123456,
        BootId = "boot",
        ControlGroup = "/sys/fs/cgroup/x",
        Data = s_data,
    };

    /// <summary>The slots of a journal, comparable with <see cref="Slot"/>.</summary>
    public static IEnumerable<SavedSlot> Comparable(IEnumerable<SavedSlot> slots) =>
        slots.Select(slot => slot.Data.Span.SequenceEqual(s_data) ? slot with { Data = s_data } : slot);
}
