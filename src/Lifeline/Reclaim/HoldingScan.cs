using System.Globalization;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Reclaim;

/// <summary>
/// Looks, while a generation lives, for what it made and holds that will not go with it: paths of bound Unix sockets, POSIX shared memory, lock files.
/// Only what is certain counts: made since its start, by its user, in our own view of the file system.
/// </summary>
internal sealed class HoldingScan
{
    /// <summary>Processes of one generation that are looked at.</summary>
    public const int MaxProcesses = 64;

    /// <summary>Descriptors of one process that are looked at.</summary>
    public const int MaxDescriptors = 4096;

    /// <summary>Things one look finds.</summary>
    public const int MaxFound = 256;

    /// <summary>Longest content of a lock file: a process number.</summary>
    public const int MaxLockFile = 32;

    // A file's time of birth is the clock's reading at the last tick before it.
    private static readonly TimeSpan ClockGrain = TimeSpan.FromMilliseconds(20);
    private static readonly string? OurMounts = LinkOf("/proc/self/ns/mnt");

    private readonly DateTimeOffset _startedAt;
    private readonly uint _owner;
    private readonly HashSet<string> _sockets = [];
    private readonly HashSet<string> _files = [];
    private readonly List<FoundRecord> _found = [];

    private HoldingScan(DateTimeOffset startedAt, uint owner)
    {
        _startedAt = startedAt - ClockGrain;
        _owner = owner;
    }

    /// <param name="processes">The processes of the generation.</param>
    /// <param name="startedAt">When it was started.</param>
    /// <param name="owner">Its user.</param>
    public static IReadOnlyList<FoundRecord> Look(IEnumerable<int> processes, DateTimeOffset startedAt, uint owner)
    {
        var scan = new HoldingScan(startedAt, owner);
        foreach (var pid in processes.Take(MaxProcesses))
            scan.LookAt(pid);
        foreach (var path in scan._files)
            scan.ConsiderFile(path);
        if (scan._sockets.Count > 0)
            scan.FindBoundSockets();
        return scan._found;
    }

    /// <summary>Whether a file is named as a lock file.</summary>
    public static bool IsLockName(ReadOnlySpan<char> path) =>
        path.EndsWith(".lock", StringComparison.Ordinal) || path.EndsWith(".lck", StringComparison.Ordinal) || path.EndsWith(".pid", StringComparison.Ordinal);

    public static bool IsSharedMemory(ReadOnlySpan<char> path) => path.StartsWith("/dev/shm/", StringComparison.Ordinal);

    private void LookAt(int pid)
    {
        // A path in a container's or a chroot's file system is not ours.
        if (OurMounts is null || LinkOf($"/proc/{pid}/ns/mnt") != OurMounts || LinkOf($"/proc/{pid}/root") != "/")
            return;
        try
        {
            foreach (var descriptor in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Take(MaxDescriptors))
            {
                if (LinkOf(descriptor) is not { } target)
                    continue;
                if (target.StartsWith("socket:[", StringComparison.Ordinal))
                    _sockets.Add(target[8..^1]);
                else if (IsSharedMemory(target) || (target[0] == '/' && IsLockName(target)))
                    _files.Add(target);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process ended, or it became another user's.
        }

        // Shared memory is mostly mapped and then closed.
        if (ProcFs.TryReadText($"/proc/{pid}/maps") is not { } maps)
            return;
        for (var at = maps.IndexOf("/dev/shm/", StringComparison.Ordinal); at >= 0 && _files.Count < MaxFound;)
        {
            var end = maps.IndexOf('\n', at);
            _files.Add(maps[at..(end < 0 ? maps.Length : end)]);
            at = end < 0 ? -1 : maps.IndexOf("/dev/shm/", end, StringComparison.Ordinal);
        }
    }

    private void ConsiderFile(string path)
    {
        var kind = IsSharedMemory(path) ? FoundKind.SharedMemory : FoundKind.LockFile;
        if (FileStatus.TryOf(path, followLinks: false) is not { Kind: FileKind.Regular, Links: 1 } file)
            return;
        if (kind == FoundKind.LockFile && file.Size > MaxLockFile)
            return;
        Add(kind, path, file);
    }

    private void FindBoundSockets()
    {
        foreach (var line in ProcFs.TryReadLines("/proc/net/unix") ?? [])
        {
            // Num RefCount Protocol Flags Type St Inode Path
            var fields = line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 8 || fields[7][0] != '/' || !_sockets.Contains(fields[6]))
                continue;
            if (WithoutLinks(fields[7]) is { } path && FileStatus.TryOf(path, followLinks: false) is { Kind: FileKind.Socket } file)
                Add(FoundKind.Socket, path, file);
        }
    }

    private void Add(FoundKind kind, string path, FileStatus file)
    {
        if (file.Uid != _owner || file.BornAt is not { } born || born < _startedAt || _found.Count >= MaxFound)
            return;
        var found = new FoundRecord(kind, path, file.Device, file.Inode);
        if (!_found.Contains(found))
            _found.Add(found);
    }

    /// <summary>The path with its folder as the kernel names it: /var/run/x is /run/x.</summary>
    private static string? WithoutLinks(string path)
    {
        try
        {
            using var folder = Descriptor.Open(Path.GetDirectoryName(path)!, OpenFlags.PathOnly | OpenFlags.Folder);
            return LinkOf(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{folder.Number}")) is { } real ? Path.Combine(real, Path.GetFileName(path)) : null;
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    private static string? LinkOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
