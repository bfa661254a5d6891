using Lifeline.Journal;
using Lifeline.Linux;
using Lifeline.Supervision;

namespace Lifeline.Tests.Supervision;

/// <summary>The control groups of a monitor that is not there: a place of its own, and processes in it. All gone at the end.</summary>
internal sealed class GroupsAtTest : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lifeline-groups-").FullName;
    private readonly List<SpawnedProcess> _processes = [];
    private readonly JournalStore _journal;

    public GroupsAtTest(params SavedSlot[] saved)
    {
        using (var before = JournalStore.Open(new JournalOptions { Path = JournalPath }))
        {
            foreach (var slot in saved)
                before.SaveSlot(slot);
        }

        _journal = JournalStore.Open(new JournalOptions { Path = JournalPath });
        Groups = ControlGroups.Open(_journal, _folder);
        var isAvailable = Groups.Available;
        if (!isAvailable)
            Dispose();
        Assert.SkipUnless(isAvailable, "no control group can be made here");
        var (version, path) = (Groups.Description.Contains("v2", StringComparison.Ordinal) ? ControlGroupVersion.V2 : ControlGroupVersion.V1, Groups.Description.Split(" at ")[1]);
        Root = ControlGroupRoot.Reopen(version, path);
    }

    public ControlGroups Groups { get; }

    public ControlGroupRoot Root { get; } = null!;

    private string JournalPath => Path.Combine(_folder, "journal.db");

    /// <summary>A process that lives in a group of this name, alone.</summary>
    public (int Pid, ControlGroup Group) Start(string name)
    {
        var group = Root.Create(name);
        var process = ProcessSpawner.Spawn(new SpawnRequest
        {
            Path = "/bin/sh",
            Arguments = ["sh", "-c", "echo 0 > \"$0\" && exec sleep 1000", group.JoinFile],
            Environment = ["PATH=/usr/local/bin:/usr/bin:/bin"],
        });
        _processes.Add(process);
        var until = MonotonicClock.Nanoseconds + 30_000_000_000;
        while (!group.ListProcesses().Contains(process.Pid))
        {
            Assert.True(MonotonicClock.Nanoseconds < until, $"process {process.Pid} did not come into {group.Path}");
            Poller.Poll([], 5);
        }

        return (process.Pid, group);
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.PidFd.TrySignal(Signals.Kill);
            process.PidFd.WaitExit();
            process.PidFd.Dispose();
        }

        Groups.RemoveRoot();
        _journal.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
