using System.Globalization;
using Lifeline.Contracts;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Reclaim;

/// <summary>
/// Removes System V objects: those the service claimed, and, if it is asked for, segments its dead processes made. The kernel does not say who made a
/// semaphore set or a queue: those that are not claimed go only where the service's user is its alone and no process of that user lives.
/// </summary>
internal sealed class SysVReclaimer(ReclaimRequest request, ReclaimReport report)
{
    // The kernel's times are whole seconds.
    private static readonly TimeSpan ClockGrain = TimeSpan.FromSeconds(2);

    private readonly Lazy<bool> _nobodyOfTheUserLives = new(() => IsNobodyAlive(request.OwnerUid));

    public void Reclaim()
    {
        var claims = request.Claims.Where(c => KindOf(c.Kind) is not null).ToList();
        if (claims.Count == 0 && !request.SysVIpc)
            return;
        var objects = SysVObjects.List();
        var done = new HashSet<(SysVKind, int)>();
        foreach (var claim in claims)
            Claimed(claim, objects, done);
        if (request.SysVIpc)
        {
            foreach (var found in objects.Where(o => IsOwn(o) && done.Add((o.Kind, o.Id))))
                Remove(found);
        }
    }

    private void Claimed(ClaimRecord claim, IReadOnlyList<SysVObject> objects, HashSet<(SysVKind, int)> done)
    {
        var kind = KindOf(claim.Kind)!.Value;
        if (!int.TryParse(claim.What, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            report.Add(StepOf(kind), claim.What, ReclaimOutcome.Kept, "it is no id of a System V object");
        else if (!done.Add((kind, id)))
            return;
        else if (objects.FirstOrDefault(o => o.Kind == kind && o.Id == id) is { } found)
            Remove(found);
        else
            report.Add(StepOf(kind), claim.What, ReclaimOutcome.Absent);
    }

    private bool IsOwn(SysVObject found) => found.Owner == request.OwnerUid && found.Kind switch
    {
        SysVKind.SharedMemory => report.DeadProcesses.Contains(found.CreatorPid) && WasMadeInThisLife(found),
        _ => request.OwnsUser && WasMadeInThisLife(found) && _nobodyOfTheUserLives.Value,
    };

    private static bool IsNobodyAlive(uint user)
    {
        foreach (var pid in ProcFs.ListProcesses())
        {
            // Real, effective, saved and file system user.
            var line = ProcFs.TryReadLines($"/proc/{pid}/status")?.FirstOrDefault(l => l.StartsWith("Uid:", StringComparison.Ordinal));
            if (line is not null && line.Split('\t').Skip(1).Any(u => uint.TryParse(u, CultureInfo.InvariantCulture, out var uid) && uid == user))
                return false;
        }

        return true;
    }

    /// <summary>Numbers of processes are used again: what is older than the service was another's.</summary>
    private bool WasMadeInThisLife(SysVObject segment)
    {
        if (request.StartedAt is not { } started)
            return false;
        var (file, id) = segment.Kind switch
        {
            SysVKind.SharedMemory => ("shm", "shmid"),
            SysVKind.Semaphores => ("sem", "semid"),
            _ => ("msg", "msqid"),
        };
        var lines = ProcFs.TryReadLines("/proc/sysvipc/" + file) ?? [];
        if (lines.Count == 0)
            return false;
        var names = lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (idAt, timeAt) = (Array.IndexOf(names, id), Array.IndexOf(names, "ctime"));
        foreach (var fields in lines.Skip(1).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            if (idAt >= 0 && timeAt >= 0 && fields.Length > Math.Max(idAt, timeAt) && fields[idAt] == segment.Id.ToString(CultureInfo.InvariantCulture))
                return long.TryParse(fields[timeAt], CultureInfo.InvariantCulture, out var changed) && DateTimeOffset.FromUnixTimeSeconds(changed) >= started - ClockGrain;
        }

        return false;
    }

    private void Remove(SysVObject found)
    {
        var what = found.Id.ToString(CultureInfo.InvariantCulture);
        var step = StepOf(found.Kind);
        if (found.Owner != request.OwnerUid)
        {
            report.Add(step, what, ReclaimOutcome.Kept, $"it belongs to user {found.Owner}, not to the service's user {request.OwnerUid}");
            return;
        }

        if (found.Attached > 0)
        {
            report.Add(step, what, ReclaimOutcome.Kept, $"{found.Attached} living processes are attached to it");
            return;
        }

        switch (SysVObjects.Delete(found.Kind, found.Id))
        {
            case Errno.None:
                report.Add(step, what, ReclaimOutcome.Removed);
                break;
            case Errno.EINVAL or Errno.EIDRM:
                report.Add(step, what, ReclaimOutcome.Absent);
                break;
            case var error:
                report.Add(step, what, ReclaimOutcome.Failed, LinuxException.Describe(error));
                break;
        }
    }

    private static SysVKind? KindOf(ClaimKind kind) => kind switch
    {
        ClaimKind.SysVShm => SysVKind.SharedMemory,
        ClaimKind.SysVSem => SysVKind.Semaphores,
        ClaimKind.SysVMsg => SysVKind.MessageQueue,
        _ => null,
    };

    private static ReclaimKind StepOf(SysVKind kind) => kind switch
    {
        SysVKind.SharedMemory => ReclaimKind.SysVShm,
        SysVKind.Semaphores => ReclaimKind.SysVSem,
        _ => ReclaimKind.SysVMsg,
    };
}
