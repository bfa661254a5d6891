using System.Globalization;
using Lifeline.Contracts;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Reclaim;

/// <summary>
/// Removes what a dead generation was seen to hold while it lived, if it is still that very thing and nobody holds it now. What is gone or was replaced
/// is the ordinary course and no step.
/// </summary>
internal sealed class FoundReclaimer(ReclaimRequest request, ReclaimReport report, HolderScans scans)
{
    public void Reclaim()
    {
        var candidates = new List<(FoundRecord Found, PathCandidate Candidate)>();
        try
        {
            foreach (var found in request.Found)
            {
                if (request.Paths.Contains(found.Path) || request.Claims.Any(c => c.Kind == ClaimKind.Path && c.What == found.Path))
                    continue;
                if (Open(found) is { } candidate)
                    candidates.Add((found, candidate));
            }

            RemoveSockets(candidates);
            RemoveFiles(candidates.Where(c => c.Found.Kind != FoundKind.Socket && IsDue(c.Found, c.Candidate)).ToList());
        }
        finally
        {
            foreach (var (_, candidate) in candidates)
                candidate.Folder.Dispose();
        }
    }

    private PathCandidate? Open(FoundRecord found)
    {
        Descriptor? folder;
        try
        {
            folder = SafePath.TryOpenFolder(Path.GetDirectoryName(found.Path)!);
        }
        catch (LinuxException)
        {
            // A link or another thing is in the way by now: it is not where it was seen.
            return null;
        }

        if (folder is null)
            return null;
        var name = Path.GetFileName(found.Path);
        if (SafePath.TryStat(folder, name) is { } status && status.Inode == found.Inode && status.Device == found.Device && status.Uid == request.OwnerUid)
            return new PathCandidate(found.Path, folder, name, status);
        folder.Dispose();
        return null;
    }

    /// <summary>The kernel lists every bound socket of our network namespace, where it was seen to be bound: no process need be looked at.</summary>
    private void RemoveSockets(List<(FoundRecord Found, PathCandidate Candidate)> candidates)
    {
        var sockets = candidates.Where(c => c.Found.Kind == FoundKind.Socket).Select(c => c.Candidate).ToList();
        if (sockets.Count == 0)
            return;
        var bound = HolderScan.BoundPaths(sockets);
        foreach (var socket in sockets)
        {
            // Listening sockets that the keeper holds for the service outlive it on purpose.
            if (!bound.Contains(socket))
                Remove(socket);
            else if (!request.OwnSockets.Contains(socket.Path))
                report.Add(ReclaimKind.Path, socket.Path, ReclaimOutcome.Kept, "a living socket is bound to it");
        }
    }

    private bool IsDue(FoundRecord found, PathCandidate candidate)
    {
        if (found.Kind == FoundKind.LockFile)
            return IsEmptyOrOurs(candidate);
        if (request.PosixShm)
            return true;
        report.Add(ReclaimKind.Path, found.Path, ReclaimOutcome.Kept, "it is shared memory that may be meant to stay; posix_shm = true in [services.NAME.reclaim] has it removed");
        return false;
    }

    private void RemoveFiles(List<(FoundRecord Found, PathCandidate Candidate)> files)
    {
        if (files.Count == 0)
            return;
        var holders = scans.Run([.. files.Select(f => f.Candidate)]);
        foreach (var (_, candidate) in files)
        {
            if (holders.TryGetValue(candidate, out var holder))
                report.Add(ReclaimKind.Path, candidate.Path, ReclaimOutcome.Kept, holder);
            else
                Remove(candidate);
        }
    }

    /// <summary>A lock file is empty or names a process; another's number means that it is another's by now.</summary>
    private bool IsEmptyOrOurs(PathCandidate candidate)
    {
        try
        {
            using var file = SafePath.TryOpenBeneath(candidate.Folder, candidate.Name, OpenFlags.Read | OpenFlags.NonBlocking);
            if (file is null)
                return false;
            Span<byte> bytes = stackalloc byte[HoldingScan.MaxLockFile + 1];
            var length = file.ReadAt(bytes, 0);
            var text = System.Text.Encoding.ASCII.GetString(bytes[..length]).Trim();
            return length <= HoldingScan.MaxLockFile
                && (text.Length == 0 || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && report.DeadProcesses.Contains(pid)));
        }
        catch (LinuxException)
        {
            return false;
        }
    }

    private void Remove(PathCandidate candidate)
    {
        var now = SafePath.TryStat(candidate.Folder, candidate.Name);
        if (now is null || now.Value.Inode != candidate.Status.Inode || now.Value.Device != candidate.Status.Device)
            return;
        var error = SafePath.Unlink(candidate.Folder, candidate.Name);
        if (error is Errno.None)
            report.Add(ReclaimKind.Path, candidate.Path, ReclaimOutcome.Removed);
        else if (error is not Errno.ENOENT)
            report.Add(ReclaimKind.Path, candidate.Path, ReclaimOutcome.Failed, LinuxException.Describe(error));
    }
}
