using System.Buffers.Text;
using System.Globalization;
using System.Text;
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
    private static readonly byte[] OurMounts = OurOwnMounts();

    private static ReadOnlySpan<byte> Socket => "socket:["u8;

    private static ReadOnlySpan<byte> SharedMemory => "/dev/shm/"u8;

    private readonly DateTimeOffset _startedAt;
    private readonly uint _owner;
    private readonly HashSet<ulong> _sockets = [];
    private readonly HashSet<string> _files = [];
    private readonly List<FoundRecord> _found = [];

    private HoldingScan(DateTimeOffset startedAt, uint owner)
    {
        _startedAt = startedAt - ClockGrain;
        _owner = owner;
    }

    /// <summary>Looks at one generation.</summary>
    /// <param name="processes">The processes of the generation.</param>
    /// <param name="startedAt">When it was started.</param>
    /// <param name="owner">Its user.</param>
    public static IReadOnlyList<FoundRecord> Look(IEnumerable<int> processes, DateTimeOffset startedAt, uint owner)
    {
        using var inspector = new ProcessInspector();
        return LookAtAll([new HoldingOrder([.. processes], startedAt, owner)], inspector)[0].Found;
    }

    /// <summary>Looks at several, one after the other; the kernel's table of sockets is read for all of them once.</summary>
    /// <param name="orders">Whom to look at.</param>
    /// <param name="inspector">What to look with.</param>
    public static IReadOnlyList<HoldingFindings> LookAtAll(IReadOnlyList<HoldingOrder> orders, ProcessInspector inspector)
    {
        var findings = new HoldingFindings[orders.Count];
        var scans = new List<(int Index, HoldingScan Scan)>();
        foreach (var (index, order) in orders.Index())
        {
            var idle = TimeOf(order.Processes, inspector);
            findings[index] = new HoldingFindings([], idle);
            if (idle is not null && idle == order.Ran)
                continue;
            var scan = new HoldingScan(order.StartedAt, order.Owner);
            foreach (var pid in order.Processes.Take(MaxProcesses))
                scan.LookAt(pid, inspector);
            foreach (var path in scan._files)
                scan.ConsiderFile(path);
            scans.Add((index, scan));
        }

        if (scans.Exists(one => one.Scan._sockets.Count > 0))
            FindBoundSockets(scans);
        foreach (var (index, scan) in scans)
            findings[index] = findings[index] with { Found = scan._found };
        return findings;
    }

    // One process of one thread that has not run since the last look holds what it held then.
    private static long? TimeOf(IReadOnlyList<int> processes, ProcessInspector inspector) =>
        processes.Count == 1 && inspector.Begin(processes[0]) ? inspector.TryReadTimeOfOnlyThread() : null;

    private void LookAt(int pid, ProcessInspector inspector)
    {
        // A path in a container's or a chroot's file system is not ours.
        if (!inspector.Begin(pid) || OurMounts.Length == 0 || !inspector.LinkOf("ns/mnt"u8).SequenceEqual(OurMounts) || !inspector.LinkOf("root"u8).SequenceEqual("/"u8))
            return;
        inspector.VisitDescriptors(MaxDescriptors, NoteDescriptor);

        // Shared memory is mostly mapped and then closed.
        var maps = inspector.ReadMappings();
        for (var at = maps.IndexOf(SharedMemory); at >= 0 && _files.Count < MaxFound; at = maps.IndexOf(SharedMemory))
        {
            maps = maps[at..];
            var end = maps.IndexOf((byte)'\n');
            _files.Add(Encoding.UTF8.GetString(end < 0 ? maps : maps[..end]));
            maps = end < 0 ? [] : maps[end..];
        }
    }

    private void NoteDescriptor(ReadOnlySpan<byte> target)
    {
        if (target.StartsWith(Socket))
        {
            if (Utf8Parser.TryParse(target[Socket.Length..], out ulong inode, out _))
                _sockets.Add(inode);
        }
        else if (target.StartsWith(SharedMemory) || (target[0] == '/' && IsLockName(target)))
        {
            _files.Add(Encoding.UTF8.GetString(target));
        }
    }

    private static bool IsLockName(ReadOnlySpan<byte> path) => path.EndsWith(".lock"u8) || path.EndsWith(".lck"u8) || path.EndsWith(".pid"u8);

    private void ConsiderFile(string path)
    {
        var kind = path.StartsWith("/dev/shm/", StringComparison.Ordinal) ? FoundKind.SharedMemory : FoundKind.LockFile;
        if (FileStatus.TryOf(path, followLinks: false) is not { Kind: FileKind.Regular, Links: 1 } file)
            return;
        if (kind == FoundKind.LockFile && file.Size > MaxLockFile)
            return;
        Add(kind, path, file);
    }

    private static void FindBoundSockets(List<(int Index, HoldingScan Scan)> scans)
    {
        var wanted = scans.SelectMany(one => one.Scan._sockets, (one, inode) => (inode, one.Scan)).ToLookup(one => one.inode, one => one.Scan);
        foreach (var line in ProcFs.TryReadLines("/proc/net/unix") ?? [])
        {
            // Num RefCount Protocol Flags Type St Inode Path
            var slash = line.IndexOf(" /", StringComparison.Ordinal);
            if (slash < 0)
                continue;
            var before = line.AsSpan(0, slash);
            if (!ulong.TryParse(before[(before.LastIndexOf(' ') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var inode))
                continue;
            foreach (var scan in wanted[inode])
                scan.ConsiderSocket(line[(slash + 1)..]);
        }
    }

    private void ConsiderSocket(string bound)
    {
        if (WithoutLinks(bound) is { } path && FileStatus.TryOf(path, followLinks: false) is { Kind: FileKind.Socket } file)
            Add(FoundKind.Socket, path, file);
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

    private static byte[] OurOwnMounts()
    {
        using var inspector = new ProcessInspector();
        return inspector.Begin(CurrentProcess.Id) ? inspector.LinkOf("ns/mnt"u8).ToArray() : [];
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
