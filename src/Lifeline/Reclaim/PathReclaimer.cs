using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Reclaim;

/// <summary>
/// Removes files and sockets a dead service left behind: only what lies under a path without links, belongs to the service's user and is held by
/// no living process. Everything else is kept, and the reason said.
/// </summary>
internal sealed class PathReclaimer(uint owner, ReclaimReport report, HolderScans scans)
{
    /// <summary>Names that one pattern may match; beyond it nothing of the pattern is removed.</summary>
    public const int MaxMatches = 256;

    private readonly List<PathCandidate> _candidates = [];

    public void Reclaim(IReadOnlyList<string> paths, IReadOnlyList<ClaimRecord> claims)
    {
        try
        {
            foreach (var path in paths)
                Find(path, mayBePattern: true);
            foreach (var claim in claims.Where(c => c.Kind == ClaimKind.Path))
                Find(claim.What, mayBePattern: false);
            if (_candidates.Count == 0)
                return;
            var holders = scans.Run(_candidates);
            foreach (var candidate in _candidates)
                Remove(candidate, holders.GetValueOrDefault(candidate));
        }
        finally
        {
            foreach (var folder in _candidates.Select(c => c.Folder).Distinct())
                folder.Dispose();
        }
    }

    private void Find(string path, bool mayBePattern)
    {
        var name = Path.GetFileName(path);
        if (!Path.IsPathFullyQualified(path) || name is "" or "." or ".." || path.Contains('\0', StringComparison.Ordinal))
        {
            report.Add(ReclaimKind.Path, path, ReclaimOutcome.Kept, "it is no absolute path of a file");
            return;
        }

        Descriptor? folder;
        try
        {
            folder = SafePath.TryOpenFolder(Path.GetDirectoryName(path)!);
        }
        catch (LinuxException e)
        {
            report.Add(ReclaimKind.Path, path, ReclaimOutcome.Kept, e.Errno switch
            {
                Errno.ELOOP => "a part of the path is a symbolic link, which is not followed",
                Errno.ENOTDIR => "a part of the path is no folder",
                _ => LinuxException.Describe(e.Errno),
            });
            return;
        }

        if (folder is null)
        {
            report.Add(ReclaimKind.Path, path, ReclaimOutcome.Absent);
            return;
        }

        var before = _candidates.Count;
        if (mayBePattern && Glob.HasWildcard(name))
            Expand(path, folder, name);
        else
            Consider(path, folder, name);
        if (_candidates.Count == before)
            folder.Dispose();
    }

    private void Expand(string path, Descriptor folder, string pattern)
    {
        List<string> names;
        try
        {
            names = [.. SafePath.ListNames(folder).Where(n => Glob.IsMatch(pattern, n) && (n[0] != '.' || pattern[0] == '.'))
                .Order(StringComparer.Ordinal).Take(MaxMatches + 1)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report.Add(ReclaimKind.Path, path, ReclaimOutcome.Failed, e.Message);
            return;
        }

        if (names.Count > MaxMatches)
        {
            report.Add(ReclaimKind.Path, path, ReclaimOutcome.Kept, $"more than {MaxMatches} names match");
            return;
        }

        if (names.Count == 0)
            report.Add(ReclaimKind.Path, path, ReclaimOutcome.Absent);
        foreach (var name in names)
            Consider(Path.Combine(Path.GetDirectoryName(path)!, name), folder, name);
    }

    private void Consider(string path, Descriptor folder, string name)
    {
        if (_candidates.Any(c => c.Path == path))
            return;
        if (SafePath.TryStat(folder, name) is not { } status)
        {
            report.Add(ReclaimKind.Path, path, ReclaimOutcome.Absent);
            return;
        }

        if (WhyNot(status) is { } reason)
            report.Add(ReclaimKind.Path, path, ReclaimOutcome.Kept, reason);
        else
            _candidates.Add(new PathCandidate(path, folder, name, status));
    }

    private string? WhyNot(FileStatus status)
    {
        if (status.Kind is not (FileKind.Regular or FileKind.Socket or FileKind.Pipe))
            return status.Kind == FileKind.Folder ? "it is a folder" : status.Kind == FileKind.Link ? "it is a symbolic link" : "it is no file, socket or pipe";
        return status.Uid == owner ? null : $"it belongs to user {status.Uid}, not to the service's user {owner}";
    }

    private void Remove(PathCandidate candidate, string? holder)
    {
        if (holder is not null)
        {
            report.Add(ReclaimKind.Path, candidate.Path, ReclaimOutcome.Kept, holder);
            return;
        }

        // Somebody may have put another thing under the name while we looked for holders.
        if (SafePath.TryStat(candidate.Folder, candidate.Name) is { } now && (now.Inode != candidate.Status.Inode || now.Device != candidate.Status.Device))
        {
            report.Add(ReclaimKind.Path, candidate.Path, ReclaimOutcome.Kept, "it was replaced while it was looked at");
            return;
        }

        var error = SafePath.Unlink(candidate.Folder, candidate.Name);
        if (error is Errno.None)
            report.Add(ReclaimKind.Path, candidate.Path, ReclaimOutcome.Removed);
        else if (error is Errno.ENOENT)
            report.Add(ReclaimKind.Path, candidate.Path, ReclaimOutcome.Absent);
        else
            report.Add(ReclaimKind.Path, candidate.Path, ReclaimOutcome.Failed, LinuxException.Describe(error));
    }
}
