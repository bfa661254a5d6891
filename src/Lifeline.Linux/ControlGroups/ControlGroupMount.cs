namespace Lifeline.Linux;

/// <summary>A mounted hierarchy of control groups.</summary>
internal sealed record ControlGroupMount(ControlGroupVersion Version, string Root, string Folder, IReadOnlyList<string> Options, bool IsReadOnly)
{
    // Hierarchies of version 1 in which membership alone limits nothing.
    private static readonly string[] HarmlessV1 = ["name=systemd", "pids", "freezer"];

    public static IReadOnlyList<ControlGroupMount> List() =>
        [.. List(HarmlessV1).OrderBy(m => Array.FindIndex(HarmlessV1, m.Options.Contains))];

    /// <param name="controllers">Which hierarchies of version 1 count.</param>
    public static List<ControlGroupMount> List(string[] controllers)
    {
        var mounts = new List<ControlGroupMount>();
        foreach (var line in ProcFs.TryReadLines("/proc/self/mountinfo") ?? [])
            if (Parse(line, controllers) is { } mount)
                mounts.Add(mount);
        return mounts;
    }

    /// <summary>The folder of a line of /proc/PID/cgroup, if it is about this hierarchy.</summary>
    public string? TryResolve(string line)
    {
        var parts = line.Split(':', 3);
        if (parts.Length < 3)
            return null;
        var ours = Version == ControlGroupVersion.V2
            ? parts[0] == "0" && parts[1].Length == 0
            : parts[1].Split(',').Any(name => name.Length > 0 && Options.Contains(name));
        if (!ours)
            return null;
        // In a container the mount shows only a part of the hierarchy, and what lies outside of it has no folder here.
        var path = Root == "/" ? parts[2] : Below(Root, parts[2]);
        if (path is null || path.Split('/').Contains(".."))
            return null;
        return Path.Combine(Folder, path.TrimStart('/')).TrimEnd('/');
    }

    private static string? Below(string root, string path)
    {
        if (!path.StartsWith(root, StringComparison.Ordinal))
            return null;
        var rest = path[root.Length..];
        return rest.Length == 0 || rest[0] == '/' ? rest : null;
    }

    // mountinfo: id parent device root mountpoint options… - type source superoptions
    internal static ControlGroupMount? Parse(string line) => Parse(line, HarmlessV1);

    private static ControlGroupMount? Parse(string line, string[] controllers)
    {
        var halves = line.Split(" - ", 2);
        if (halves.Length < 2)
            return null;
        var left = halves[0].Split(' ');
        var right = halves[1].Split(' ');
        if (left.Length < 6 || right.Length < 3)
            return null;
        var (root, folder) = (Unescape(left[3]), Unescape(left[4]));
        return right[0] switch
        {
            "cgroup2" => new ControlGroupMount(ControlGroupVersion.V2, root, folder, [], HasReadOnly(left[5])),
            "cgroup" when controllers.Any(right[2].Split(',').Contains) =>
                new ControlGroupMount(ControlGroupVersion.V1, root, folder, right[2].Split(','), HasReadOnly(left[5])),
            _ => null,
        };
    }

    // Blanks and the like are written as a backslash and three octal digits.
    private static string Unescape(string text) => text
        .Replace(@"\040", " ", StringComparison.Ordinal)
        .Replace(@"\011", "\t", StringComparison.Ordinal)
        .Replace(@"\012", "\n", StringComparison.Ordinal)
        .Replace(@"\134", @"\", StringComparison.Ordinal);

    private static bool HasReadOnly(string options) => options.Split(',').Contains("ro");
}
