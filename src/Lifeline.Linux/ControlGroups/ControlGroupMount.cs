namespace Lifeline.Linux;

/// <summary>A mounted hierarchy of control groups.</summary>
internal sealed record ControlGroupMount(ControlGroupVersion Version, string Root, string Folder, IReadOnlyList<string> Options)
{
    // Hierarchies of version 1 in which membership alone limits nothing.
    private static readonly string[] HarmlessV1 = ["name=systemd", "pids", "freezer"];

    public static IReadOnlyList<ControlGroupMount> List()
    {
        var mounts = new List<ControlGroupMount>();
        foreach (var line in ProcFs.TryReadLines("/proc/self/mountinfo") ?? [])
            if (Parse(line) is { } mount)
                mounts.Add(mount);
        return [.. mounts.OrderBy(m => Array.FindIndex(HarmlessV1, m.Options.Contains))];
    }

    /// <summary>The folder of a line of /proc/PID/cgroup, if it is about this hierarchy.</summary>
    public string? TryResolve(string line)
    {
        var parts = line.Split(':', 3);
        if (parts.Length < 3)
            return null;
        var ours = Version == ControlGroupVersion.V2
            ? parts[0] == "0" && parts[1].Length == 0
            : HarmlessV1.Any(name => parts[1].Split(',').Contains(name) && Options.Contains(name));
        if (!ours)
            return null;
        // In a container the mount shows only a part of the hierarchy.
        var path = Root != "/" && parts[2].StartsWith(Root, StringComparison.Ordinal) ? parts[2][Root.Length..] : parts[2];
        return Path.Combine(Folder, path.TrimStart('/')).TrimEnd('/');
    }

    // mountinfo: id parent device root mountpoint options… - type source superoptions
    private static ControlGroupMount? Parse(string line)
    {
        var halves = line.Split(" - ", 2);
        if (halves.Length < 2)
            return null;
        var left = halves[0].Split(' ');
        var right = halves[1].Split(' ');
        if (left.Length < 5 || right.Length < 3)
            return null;
        return right[0] switch
        {
            "cgroup2" => new ControlGroupMount(ControlGroupVersion.V2, left[3], left[4], []),
            "cgroup" when HarmlessV1.Any(right[2].Split(',').Contains) =>
                new ControlGroupMount(ControlGroupVersion.V1, left[3], left[4], right[2].Split(',')),
            _ => null,
        };
    }
}
