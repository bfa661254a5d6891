using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>Which control groups a machine offers.</summary>
public enum ControlGroupVersion
{
    /// <summary>A hierarchy of version 1.</summary>
    V1 = 1,

    /// <summary>The unified hierarchy.</summary>
    V2 = 2,
}

/// <summary>
/// The place below which groups are made: a folder in this process's own group, never the root of a hierarchy itself.
/// Nothing but membership is used, until a controller is asked for (<see cref="TryEnable"/>, <see cref="FindController"/>). Thread-safe.
/// </summary>
public sealed class ControlGroupRoot
{
    /// <summary>Longest name of a group.</summary>
    public const int MaxNameLength = 128;

    private const int ProbeMilliseconds = 10_000;
    private static int _probes;
    private ControlGroupMount? _mount;

    private ControlGroupRoot(ControlGroupVersion version, string path)
    {
        Version = version;
        Path = path;
    }

    /// <summary>Which kind its groups are.</summary>
    public ControlGroupVersion Version { get; }

    /// <summary>Its folder.</summary>
    public string Path { get; }

    // The hierarchy it is in: the innermost mount that shows it.
    private ControlGroupMount? Mount => _mount ??= ControlGroupMount.List()
        .Where(m => m.Version == Version && Path.StartsWith(m.Folder.TrimEnd('/') + "/", StringComparison.Ordinal))
        .MaxBy(m => m.Folder.Length);

    /// <summary>Makes (or finds) a folder of this name in our own group; version 2 first.</summary>
    /// <param name="name">A name, as in <see cref="Create"/>.</param>
    /// <returns>Null if no hierarchy lets us.</returns>
    public static ControlGroupRoot? Find(string name) => Find(name, ControlGroupVersion.V2) ?? Find(name, ControlGroupVersion.V1);

    /// <summary>As <see cref="Find(string)"/>, of one version only.</summary>
    /// <param name="name">A name, as in <see cref="Create"/>.</param>
    /// <param name="version">The version.</param>
    public static ControlGroupRoot? Find(string name, ControlGroupVersion version)
    {
        CheckName(name);
        foreach (var own in OwnGroups(ControlGroupMount.List(), version))
        {
            var root = new ControlGroupRoot(version, System.IO.Path.Combine(own, name));
            if (root.Prepare())
                return root;
        }

        return null;
    }

    /// <summary>As <see cref="Find(string)"/>, in the hierarchy of version 1 that has a controller.</summary>
    /// <param name="name">A name, as in <see cref="Create"/>.</param>
    /// <param name="controller">The controller: <c>memory</c>, <c>pids</c>.</param>
    /// <returns>Null if there is none, or it does not let us.</returns>
    public static ControlGroupRoot? FindController(string name, string controller)
    {
        CheckName(name);
        foreach (var own in OwnGroups(ControlGroupMount.List([controller]), ControlGroupVersion.V1))
        {
            var root = new ControlGroupRoot(ControlGroupVersion.V1, System.IO.Path.Combine(own, name));
            if (root.Prepare())
                return root;
        }

        return null;
    }

    /// <summary>
    /// Gives the groups in it a controller of version 2. Our own group must have it, or let it be switched on for its children, which the
    /// kernel refuses while processes are in it (unless it is the root of all).
    /// </summary>
    /// <param name="controller">The controller: <c>memory</c>, <c>pids</c>.</param>
    public bool TryEnable(string controller)
    {
        if (Version != ControlGroupVersion.V2)
            return false;
        if (!Has(Path, controller) && System.IO.Path.GetDirectoryName(Path) is { } parent && Has(parent, controller))
            TrySwitchOn(parent, controller);
        return Has(Path, controller) && TrySwitchOn(Path, controller);
    }

    /// <summary>A root that was found before, by another process perhaps.</summary>
    /// <param name="version">Its version.</param>
    /// <param name="path">Its folder.</param>
    public static ControlGroupRoot Reopen(ControlGroupVersion version, string path) => new(version, path);

    /// <summary>Makes a group; one that exists is used as it is.</summary>
    /// <param name="name">Letters, digits, <c>_ - . @</c>; does not begin with a dot; at most <see cref="MaxNameLength"/>.</param>
    /// <exception cref="LinuxException">It cannot be made.</exception>
    public ControlGroup Create(string name)
    {
        var group = Open(name);
        return MakeFolder(group.Path) is Errno.None or Errno.EEXIST ? group : throw LinuxException.Last($"mkdir(\"{group.Path}\")");
    }

    /// <summary>A group that may exist.</summary>
    /// <param name="name">As in <see cref="Create"/>.</param>
    public ControlGroup Open(string name)
    {
        CheckName(name);
        return Of(System.IO.Path.Combine(Path, name));
    }

    /// <summary>A group by its folder.</summary>
    /// <param name="path">The folder.</param>
    public ControlGroup Of(string path) => Version == ControlGroupVersion.V2 ? new ControlGroupV2(path) : new ControlGroupV1(path);

    /// <summary>The names of the groups in it.</summary>
    public IReadOnlyList<string> ListNames()
    {
        try
        {
            // Names that begin with a dot are those of probes.
            return [.. Directory.EnumerateDirectories(Path).Select(p => System.IO.Path.GetFileName(p)!).Where(n => n[0] != '.')];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>Which of our groups a process is in.</summary>
    /// <param name="pid">The process.</param>
    /// <returns>The group's name; null if it is in none of ours.</returns>
    public string? NameOf(int pid)
    {
        const string Removed = " (deleted)";
        var below = Path + "/";
        foreach (var line in ProcFs.TryReadCgroups(pid) ?? [])
        {
            // A zombie may outlive its group.
            var folder = Mount?.TryResolve(line.EndsWith(Removed, StringComparison.Ordinal) ? line[..^Removed.Length] : line);
            if (folder?.StartsWith(below, StringComparison.Ordinal) == true)
                return folder[below.Length..].Split('/')[0];
        }

        return null;
    }

    /// <summary>Removes the folder, if nothing is in it.</summary>
    public bool Remove() => Of(Path).Remove();

    internal static void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var good = name.Length <= MaxNameLength && name[0] != '.' &&
            name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '@');
        if (!good)
            throw new ArgumentException($"\"{name}\" is no name for a control group: 1 to {MaxNameLength} of A-Z a-z 0-9 _ - . @, not beginning with a dot.", nameof(name));
    }

    private static bool Has(string folder, string controller) =>
        (ProcFs.TryReadText(System.IO.Path.Combine(folder, "cgroup.controllers")) ?? "").Split(' ', '\n').Contains(controller);

    private static bool TrySwitchOn(string folder, string controller)
    {
        try
        {
            using var file = Descriptor.Open(System.IO.Path.Combine(folder, "cgroup.subtree_control"), OpenFlags.Write);
            file.WriteAll(System.Text.Encoding.ASCII.GetBytes("+" + controller));
            return true;
        }
        catch (LinuxException)
        {
            return false;
        }
    }

    private static IEnumerable<string> OwnGroups(IEnumerable<ControlGroupMount> mounts, ControlGroupVersion version)
    {
        var groups = ProcFs.TryReadCgroups(CurrentProcess.Id) ?? [];
        foreach (var mount in mounts)
        {
            if (mount.Version != version)
                continue;
            foreach (var line in groups)
                if (mount.TryResolve(line) is { } folder)
                    yield return folder;
        }
    }

    // A group is made, joined by a process of its own and removed: only that proves that services can.
    private bool Prepare()
    {
        if (MakeFolder(Path) is not (Errno.None or Errno.EEXIST))
            return false;
        var probe = Of(System.IO.Path.Combine(Path, $".probe-{CurrentProcess.Id}-{Interlocked.Increment(ref _probes)}"));
        if (MakeFolder(probe.Path) is not (Errno.None or Errno.EEXIST))
            return false;
        try
        {
            return CanJoin(probe.JoinFile);
        }
        catch (LinuxException)
        {
            return false;
        }
        finally
        {
            probe.Remove();
        }
    }

    private static bool CanJoin(string joinFile)
    {
        // Without a shell the permission to write is all that can be asked for.
        Descriptor.Open(joinFile, OpenFlags.Write).Dispose();
        const string Shell = "/bin/sh";
        if (!File.Exists(Shell))
            return true;
        using var process = ProcessSpawner.Spawn(new SpawnRequest { Path = Shell, Arguments = ["sh", "-c", "echo 0 2>/dev/null >\"$0\"", joinFile] });
        if (!Poller.IsReady(process.PidFd, PollEvents.In, ProbeMilliseconds))
            process.PidFd.TrySignal(Signals.Kill);
        return process.PidFd.WaitExit() is { ExitCode: 0 };
    }

    private static Errno MakeFolder(string path)
    {
        var error = Libc.mkdir(path, 0x1ED) == 0 ? Errno.None : Libc.LastError;
        return error;
    }
}
