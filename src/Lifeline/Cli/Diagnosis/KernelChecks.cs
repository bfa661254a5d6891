using System.Globalization;
using Lifeline.Linux;

namespace Lifeline.Cli.Diagnosis;

/// <summary>What the kernel offers: each thing is tried, not concluded from the version.</summary>
internal static class KernelChecks
{
    private const int PageSize = 4096;
    private const int DefaultPipeSize = 64 * 1024;
    private const int PipesPerService = 2;
    private static readonly TimeSpan ChildPatience = TimeSpan.FromSeconds(10);

    public static IEnumerable<Finding> All(Func<string, string?> variable)
    {
        yield return Kernel();
        yield return PidFds();
        yield return ExitInfo();
        yield return EarlyNotice();
        yield return Memfd();
        yield return ControlGroups(variable);
        foreach (var limit in LimitChecks.All(variable)) yield return limit;
        yield return SafePaths();
        yield return SysV();
        yield return PipeMemory();
        yield return Descriptors();
    }

    private static Finding Kernel() =>
        new(FindingLevel.Good, "kernel", $"Linux {(ProcFs.TryReadText("/proc/sys/kernel/osrelease") ?? "unknown").Trim()}");

    private static Finding PidFds()
    {
        try
        {
            using var self = PidFd.Open(CurrentProcess.Id);
            return new Finding(FindingLevel.Good, "pidfd", "deaths are heard of by event, and a signal cannot hit another process");
        }
        catch (LinuxException e)
        {
            return new Finding(FindingLevel.Bad, "pidfd", $"missing ({e.Errno})", "none: a kernel of 5.4 or later is needed");
        }
    }

    private static Finding ExitInfo()
    {
        const string what = "pidfd exit info";
        const string instead = "when keeper and monitor die together, the exit code of a service that ends meanwhile is not known (reason \"lost\")";
        try
        {
            using var child = ProcessSpawner.Spawn(new SpawnRequest { Path = "/bin/sh", Arguments = ["sh", "-c", "exit 7"] });
            if (!Poller.IsReady(child.PidFd, PollEvents.In, (int)ChildPatience.TotalMilliseconds)) return new Finding(FindingLevel.Less, what, "could not be tried: the test process did not end", instead);
            child.PidFd.TryReap();
            return child.PidFd.TryGetExit() is { ExitCode: 7 }
                ? new Finding(FindingLevel.Good, what, "exit codes survive the death of the keeper (PIDFD_GET_INFO)")
                : new Finding(FindingLevel.Less, what, "missing (PIDFD_GET_INFO, Linux 6.15)", instead);
        }
        catch (LinuxException e)
        {
            return new Finding(FindingLevel.Less, what, $"could not be tried: {e.Message}", instead);
        }
    }

    private static Finding EarlyNotice() => Futex.CanWaitForMany(out var errno)
        ? new Finding(FindingLevel.Good, "early death notice", "the end of a process is known before its memory is taken down (FUTEX_WAITV)")
        : new Finding(FindingLevel.Less, "early death notice", $"missing ({errno}; FUTEX_WAITV, Linux 5.16)", "a death is known when the kernel has taken the memory down, about 0.1 s later for each GiB");

    private static Finding Memfd()
    {
        try
        {
            using var memory = MemoryFile.Create("lifeline-doctor", PageSize);
            memory.Seal(MemorySeals.Shrink);
            return new Finding(FindingLevel.Good, "memfd", "sealed shared memory: the last status of a service outlives it");
        }
        catch (LinuxException e)
        {
            return new Finding(FindingLevel.Bad, "memfd", $"missing ({e.Errno})", "none: status slots need sealed memory");
        }
    }

    private static Finding ControlGroups(Func<string, string?> variable)
    {
        const string what = "control groups (cgroup)";
        const string scan = "the processes of a service are found by session, descent and environment; one that leaves its session, clears its environment and is adopted by another is missed";
        if (string.Equals(variable(Supervision.ControlGroups.Switch), "off", StringComparison.OrdinalIgnoreCase))
            return new Finding(FindingLevel.Less, what, $"switched off by {Supervision.ControlGroups.Switch}", scan);
        var name = string.Create(CultureInfo.InvariantCulture, $"lifeline-doctor-{CurrentProcess.Id}");
        if (ControlGroupRoot.Find(name) is not { } root)
        {
            return new Finding(FindingLevel.Less, what, CurrentProcess.Uid == 0 ? "none may be made here" : "none may be made by this user",
                scan);
        }
        var place = Path.GetDirectoryName(root.Path);
        try
        {
            if (root.Version == ControlGroupVersion.V1)
                return new Finding(FindingLevel.Less, what, $"version 1 at {place}", "every process of a service is found; they are killed one by one until none is left");
            return File.Exists(Path.Combine(root.Path, "cgroup.kill"))
                ? new Finding(FindingLevel.Good, what, $"version 2 at {place}: every process of a service is found and killed in one step")
                : new Finding(FindingLevel.Less, what, $"version 2 at {place}, without cgroup.kill (Linux 5.14)", "every process of a service is found; they are killed one by one until none is left");
        }
        finally
        {
            root.Remove();
        }
    }

    private static Finding SafePaths()
    {
        const string what = "openat2";
        const string instead = "none: reclaim.paths and claims are kept, with this as the reason";
        try
        {
            using var root = SafePath.TryOpenFolder("/");
            using var proc = root is null ? null : SafePath.TryOpenBeneath(root, "proc", OpenFlags.PathOnly | OpenFlags.Folder);
            return proc is not null
                ? new Finding(FindingLevel.Good, what, "files are reclaimed without following links")
                : new Finding(FindingLevel.Less, what, "missing (Linux 5.6)", instead);
        }
        catch (LinuxException e)
        {
            return new Finding(FindingLevel.Less, what, $"missing ({e.Errno})", instead);
        }
    }

    private static Finding SysV() => File.Exists("/proc/sysvipc/shm")
        ? new Finding(FindingLevel.Good, "System V IPC", "reclaim.sysv_ipc can be used")
        : new Finding(FindingLevel.Less, "System V IPC", "the kernel has none", "reclaim.sysv_ipc has nothing to do");

    private static Finding PipeMemory()
    {
        const string what = "pipe memory";
        if (!long.TryParse((ProcFs.TryReadText("/proc/sys/fs/pipe-user-pages-soft") ?? "").Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pages))
            return new Finding(FindingLevel.Less, what, "fs.pipe-user-pages-soft cannot be read", "log pipes have the size that the kernel gives");
        if (pages == 0) return new Finding(FindingLevel.Good, what, "not limited (fs.pipe-user-pages-soft = 0)");
        var services = pages * PageSize / (DefaultPipeSize * PipesPerService);
        var found = string.Create(CultureInfo.InvariantCulture, $"{pages * PageSize / (1 << 20)} MiB for each user (fs.pipe-user-pages-soft = {pages}), enough for the log pipes of {services} services at their full size");
        return CurrentProcess.Uid == 0
            ? new Finding(FindingLevel.Good, what, found + "; root is exempt")
            : new Finding(FindingLevel.Good, what, found, "beyond that the kernel shrinks new pipes to two pages: a service that prints in bursts waits sooner");
    }

    private static Finding Descriptors()
    {
        var (soft, hard) = CurrentProcess.GetResourceLimit(ResourceLimit.Descriptors);
        var text = hard == ulong.MaxValue ? "unlimited" : hard.ToString(CultureInfo.InvariantCulture);
        return hard >= 4096
            ? new Finding(FindingLevel.Good, "open files", string.Create(CultureInfo.InvariantCulture, $"up to {text} (now {soft}; the keeper raises its own)"))
            : new Finding(FindingLevel.Less, "open files", $"up to {text}", "a service takes about eight descriptors of the keeper; raise the hard limit (ulimit -Hn)");
    }
}
