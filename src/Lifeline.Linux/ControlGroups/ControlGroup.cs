using System.Globalization;
using System.Text;

namespace Lifeline.Linux;

/// <summary>
/// A control group: membership that no fork, session or cleared environment can leave. Two implementations, v2 and v1.
/// Thread-safe.
/// </summary>
public abstract class ControlGroup
{
    private const int MaxDepth = 16;
    private static readonly TimeSpan RemoveRetry = TimeSpan.FromMilliseconds(2);

    internal ControlGroup(string path) => Path = path;

    /// <summary>Its folder.</summary>
    public string Path { get; }

    /// <summary>A process joins by writing "0" here; its children are born as members.</summary>
    public string JoinFile => System.IO.Path.Combine(Path, "cgroup.procs");

    /// <summary>Whether the folder is there.</summary>
    public bool Exists => FileStatus.TryOf(Path) is { Kind: FileKind.Folder };

    /// <summary>Whether a living process is in it or below; false if it is gone.</summary>
    public abstract bool IsPopulated { get; }

    /// <summary>Kills everything in it and below. What is being born meanwhile is killed too; wait with <see cref="WaitEmpty"/>.</summary>
    public abstract void Kill();

    /// <summary>A descriptor that is ready for <see cref="PollEvents.Priority"/> when <see cref="IsPopulated"/> may have changed; null where the kernel has none.</summary>
    public abstract Descriptor? OpenEvents();

    /// <summary>The living processes in it and below.</summary>
    public IReadOnlyList<int> ListProcesses()
    {
        var pids = new List<int>();
        foreach (var folder in Folders())
            foreach (var line in ProcFs.TryReadLines(System.IO.Path.Combine(folder, "cgroup.procs")) ?? [])
                if (int.TryParse(line, CultureInfo.InvariantCulture, out var pid))
                    pids.Add(pid);
        return pids;
    }

    /// <summary>Waits until no living process is left.</summary>
    /// <param name="timeout">How long.</param>
    /// <returns>Whether it is empty.</returns>
    public bool WaitEmpty(TimeSpan timeout)
    {
        var deadline = MonotonicClock.Nanoseconds + (long)(timeout.TotalMilliseconds * 1e6);
        using var events = OpenEvents();
        while (IsPopulated)
        {
            var left = (deadline - MonotonicClock.Nanoseconds) / 1_000_000;
            if (left <= 0)
                return false;
            Wait(events, (int)Math.Min(left, 1000));
        }

        return true;
    }

    /// <summary>Removes it and what is below, if it is empty.</summary>
    /// <returns>Whether it is gone.</returns>
    public bool Remove()
    {
        // Deepest first. A process that has just been killed may hold its group for a moment longer.
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var left = false;
            foreach (var folder in Folders().OrderByDescending(f => f.Length))
                left |= !TryRemoveFolder(folder);
            if (!left)
                return true;
            if (IsPopulated)
                return false;
            Wait(null, (int)RemoveRetry.TotalMilliseconds);
        }

        return !Exists;
    }

    /// <summary>Puts a process in, with its threads. Children it has already stay where they are.</summary>
    /// <param name="pid">The process; 0 is this one.</param>
    /// <exception cref="LinuxException">It may not be moved.</exception>
    public void Add(int pid)
    {
        using var file = Descriptor.Open(JoinFile, OpenFlags.Write);
        file.WriteAll(Encoding.ASCII.GetBytes(pid.ToString(CultureInfo.InvariantCulture)));
    }

    /// <inheritdoc/>
    public override string ToString() => Path;

    private protected static void Wait(Descriptor? events, int milliseconds)
    {
        Span<PollItem> items = [new PollItem { Descriptor = events, Events = PollEvents.Priority }];
        Poller.Poll(items, events is null ? Math.Min(milliseconds, 2) : milliseconds);
    }

    private protected List<string> Folders()
    {
        var found = new List<string>();
        Collect(Path, 0, found);
        return found;
    }

    private static void Collect(string folder, int depth, List<string> found)
    {
        if (depth > MaxDepth || FileStatus.TryOf(folder) is not { Kind: FileKind.Folder } status)
            return;
        found.Add(folder);
        // A folder has two names of its own and one for each folder in it: most groups have none to look for.
        if (status.Links <= 2)
            return;
        try
        {
            foreach (var child in Directory.EnumerateDirectories(folder))
                Collect(child, depth + 1, found);
        }
        catch (IOException)
        {
            // The folder went away while it was listed, and so did what was in it.
        }
    }

    private static bool TryRemoveFolder(string folder) =>
        Native.Libc.unlinkat(Native.Libc.AtCurrentFolder, folder, RemoveFolderFlag) == 0 || Native.Libc.LastError == Errno.ENOENT;

    private const int RemoveFolderFlag = 0x200;
}
