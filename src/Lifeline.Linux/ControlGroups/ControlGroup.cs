using System.Globalization;
using System.Text;

namespace Lifeline.Linux;

/// <summary>
/// A control group: membership that no fork, session or cleared environment can leave. Two implementations, v2 and v1.
/// Thread-safe.
/// </summary>
public abstract class ControlGroup
{
    // A path has at most 4096 bytes: no group can lie deeper.
    private const int MaxDepth = 2048;
    private const int RemoveFolderFlag = 0x200;
    private const int RemoveAttempts = 5;
    private const int RemoveRetryMilliseconds = 2;
    private const int LongestLookMilliseconds = 50;
    private const int LongestWaitMilliseconds = 1000;

    internal ControlGroup(string path) => Path = path;

    /// <summary>Its folder.</summary>
    public string Path { get; }

    /// <summary>A process joins by writing "0" here; its children are born as members.</summary>
    public string JoinFile => System.IO.Path.Combine(Path, "cgroup.procs");

    /// <summary>Whether the folder is there.</summary>
    public bool Exists => FileStatus.TryOf(Path) is { Kind: FileKind.Folder };

    /// <summary>Whether a living process is in it or below; false if it is gone.</summary>
    /// <exception cref="LinuxException">It cannot be told, for want of descriptors for example: never taken for empty.</exception>
    public abstract bool IsPopulated { get; }

    /// <summary>
    /// Kills everything in it and below; wait with <see cref="WaitEmpty"/>, and repeat both if it is not empty then: without
    /// cgroup.kill (v1, kernels before 5.14) a swarm may be born faster than it is found.
    /// </summary>
    public abstract void Kill();

    /// <summary>
    /// A descriptor that is ready for <see cref="PollEvents.Priority"/> when <see cref="IsPopulated"/> may have changed; null where
    /// the kernel has none and when the group is gone. It stays ready until it is read from the start
    /// (<see cref="Descriptor.ReadAt"/> 0), which fails with ENODEV when the group is removed.
    /// </summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public abstract Descriptor? OpenEvents();

    /// <summary>The processes in it and below; zombies may be among them.</summary>
    /// <exception cref="LinuxException">It cannot be read, for want of descriptors for example.</exception>
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
    /// <exception cref="LinuxException">It cannot be told.</exception>
    public bool WaitEmpty(TimeSpan timeout)
    {
        var deadline = MonotonicClock.Nanoseconds + (long)(timeout.TotalMilliseconds * 1e6);
        using var events = OpenEvents();
        for (var look = 1; IsPopulated; look = Math.Min(look * 2, LongestLookMilliseconds))
        {
            var left = (deadline - MonotonicClock.Nanoseconds) / 1_000_000;
            if (left <= 0)
                return false;
            Wait(events, (int)Math.Min(left, events is null ? look : LongestWaitMilliseconds));
        }

        return true;
    }

    /// <summary>Kills everything in it and below until nothing is left, and removes it.</summary>
    /// <param name="timeout">How long it is tried.</param>
    /// <returns>Whether it is empty; its folder is gone then, or about to be of no use to anybody.</returns>
    /// <exception cref="LinuxException">It cannot be told or ended, for want of descriptors for example.</exception>
    public bool End(TimeSpan timeout)
    {
        var deadline = MonotonicClock.Nanoseconds + (long)(timeout.TotalMilliseconds * 1e6);
        while (IsPopulated)
        {
            var left = (deadline - MonotonicClock.Nanoseconds) / 1_000_000;
            if (left <= 0)
                return false;
            Kill();
            WaitEmpty(TimeSpan.FromMilliseconds(Math.Min(left, LongestLookMilliseconds)));
        }

        Remove();
        return true;
    }

    /// <summary>Removes it and what is below, if it is empty.</summary>
    /// <returns>Whether it is gone.</returns>
    public bool Remove()
    {
        // Deepest first. A process that has just been killed may hold its group for a moment longer.
        for (var attempt = 0; attempt < RemoveAttempts; attempt++)
        {
            var left = false;
            foreach (var folder in Folders().OrderByDescending(f => f.Length))
                left |= !TryRemoveFolder(folder);
            if (!left)
                return true;
            if (IsPopulated)
                return false;
            Wait(null, RemoveRetryMilliseconds);
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

    /// <summary>
    /// Moves this process in, which has one thread only: a copy of another one (<see cref="ProcessCopier"/>). In version 1 that can be done as a move of the
    /// thread alone, for which the kernel (since 5.17) takes no lock that every fork and exit of the machine waits for, and with it no grace period of some milliseconds.
    /// </summary>
    /// <exception cref="LinuxException">It may not be moved.</exception>
    public void AddOnlyThread()
    {
        try
        {
            using var file = Descriptor.Open(System.IO.Path.Combine(Path, "tasks"), OpenFlags.Write);
            file.WriteAll("0"u8);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.EACCES)
        {
            // Version 2: threads do not leave their process.
            Add(0);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Path;

    private protected static void Wait(Descriptor? events, int milliseconds)
    {
        if (events is null)
        {
            Poller.Poll([], milliseconds);
            return;
        }

        if (!Poller.IsReady(events, PollEvents.Priority, milliseconds))
            return;
        try
        {
            // Otherwise it stays ready, and waiting becomes a busy loop.
            events.ReadAt(stackalloc byte[64], 0);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENODEV)
        {
            // The group is gone, which the next look sees.
        }
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
}
