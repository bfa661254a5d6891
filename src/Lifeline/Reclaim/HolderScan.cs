using System.Globalization;
using Lifeline.Linux;

namespace Lifeline.Reclaim;

/// <summary>
/// Looks in one pass through all living processes for those that have one of some files open or mapped, or a socket bound to it. Processes of other
/// users that may not be looked into are passed over: only root sees everything.
/// </summary>
internal sealed class HolderScan
{
    private readonly Dictionary<(ulong Device, ulong Inode), List<PathCandidate>> _files = [];
    private readonly Dictionary<ulong, List<PathCandidate>> _mapped = [];
    private readonly Dictionary<ulong, List<PathCandidate>> _sockets = [];
    private readonly Dictionary<PathCandidate, string> _found = [];

    private HolderScan(IEnumerable<PathCandidate> candidates)
    {
        var sockets = new List<PathCandidate>();
        foreach (var candidate in candidates)
        {
            Add(_files, (candidate.Status.Device, candidate.Status.Inode), candidate);
            if (candidate.Status.Kind == FileKind.Socket)
                sockets.Add(candidate);
            else
                Add(_mapped, candidate.Status.Inode, candidate);
        }

        foreach (var (inode, candidate) in BoundSockets(sockets))
        {
            Add(_sockets, inode, candidate);

            // Even if its holder cannot be found: what is in the kernel's table is alive.
            _found[candidate] = "a living socket is bound to it";
        }
    }

    /// <summary>The reason to keep it, for each that is held.</summary>
    public static Dictionary<PathCandidate, string> Run(IReadOnlyList<PathCandidate> candidates)
    {
        var scan = new HolderScan(candidates);
        foreach (var pid in ProcFs.ListProcesses())
        {
            scan.LookAtDescriptors(pid);
            if (scan._mapped.Count > 0)
                scan.LookAtMappings(pid);
        }

        return scan._found;
    }

    /// <summary>Those of the candidates to which a living socket is bound.</summary>
    public static HashSet<PathCandidate> BoundPaths(List<PathCandidate> candidates) => [.. BoundSockets(candidates).Select(b => b.Candidate)];

    private void LookAtDescriptors(int pid)
    {
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd"))
            {
                if (FileStatus.TryOf(path) is not { } open)
                    continue;
                if (open.Kind == FileKind.Socket && _sockets.TryGetValue(open.Inode, out var bound))
                    Note(bound, $"a socket bound to it is held by {Name(pid)}");
                else if (_files.TryGetValue((open.Device, open.Inode), out var file))
                    Note(file, $"it is held open by {Name(pid)}");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process ended, or it is another user's.
        }
    }

    private void LookAtMappings(int pid)
    {
        if (ProcFs.TryReadText($"/proc/{pid}/maps") is not { } text || !_mapped.Keys.Any(i => text.Contains($" {i} ", StringComparison.Ordinal)))
            return;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // address perms offset device inode path
            var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 6 || !ulong.TryParse(fields[4], NumberStyles.None, CultureInfo.InvariantCulture, out var inode) || inode == 0
                || !_mapped.TryGetValue(inode, out var candidates))
            {
                continue;
            }

            // Layered file systems show another device here than in stat; then the path decides.
            foreach (var candidate in candidates)
            {
                if (DeviceOf(fields[3]) == candidate.Status.Device || fields[5].TrimStart() == candidate.Path)
                    _found[candidate] = $"it is mapped by {Name(pid)}";
            }
        }
    }

    private void Note(List<PathCandidate> candidates, string reason)
    {
        foreach (var candidate in candidates)
            _found[candidate] = reason;
    }

    private static void Add<TKey>(Dictionary<TKey, List<PathCandidate>> table, TKey key, PathCandidate candidate)
        where TKey : notnull
    {
        if (table.TryGetValue(key, out var same))
            same.Add(candidate);
        else
            table[key] = [candidate];
    }

    private static ulong? DeviceOf(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            && uint.TryParse(text.AsSpan(0, colon), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var major)
            && uint.TryParse(text.AsSpan(colon + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var minor)
            ? ((ulong)major << 32) | minor
            : null;
    }

    /// <summary>Living sockets that are bound to one of the paths. A relative path in the table counts if its last part is the same: that is not certain, so it is kept.</summary>
    private static IEnumerable<(ulong Inode, PathCandidate Candidate)> BoundSockets(List<PathCandidate> candidates)
    {
        if (candidates.Count == 0)
            yield break;
        foreach (var line in ProcFs.TryReadLines("/proc/net/unix") ?? [])
        {
            // Num RefCount Protocol Flags Type St Inode Path
            var fields = line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 8 || !ulong.TryParse(fields[6], NumberStyles.None, CultureInfo.InvariantCulture, out var inode))
                continue;
            foreach (var candidate in candidates)
            {
                var bound = fields[7];
                if (bound == candidate.Path || (bound[0] is not ('/' or '@') && Path.GetFileName(bound) == candidate.Name)
                    || (bound[0] == '/' && Path.GetFullPath(bound) == candidate.Path))
                {
                    yield return (inode, candidate);
                }
            }
        }
    }

    /// <summary>A process for people.</summary>
    public static string Name(int pid) => $"process {pid.ToString(CultureInfo.InvariantCulture)} ({ProcFs.TryReadStat(pid)?.Name ?? "?"})";
}
