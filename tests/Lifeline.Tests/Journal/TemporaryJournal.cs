using Lifeline.Journal;

namespace Lifeline.Tests.Journal;

/// <summary>A folder with a journal of its own, gone at the end.</summary>
internal sealed class TemporaryJournal : IDisposable
{
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
        DataJson = """{"restarts":2}""",
    };
}
