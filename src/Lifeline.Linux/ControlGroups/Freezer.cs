namespace Lifeline.Linux;

/// <summary>Whether processes are frozen by their control groups (containers that are paused, for example). Thread-safe.</summary>
public static class Freezer
{
    private const string V1 = "freezer";

    private static readonly Lazy<IReadOnlyList<ControlGroupMount>> Mounts = new(() =>
        [.. ControlGroupMount.List().Where(m => m.Version == ControlGroupVersion.V2 || m.Options.Contains(V1))]);

    /// <summary>Whether a process is frozen, or about to be; false also if that cannot be seen.</summary>
    /// <param name="pid">Its number.</param>
    public static bool IsFrozen(int pid)
    {
        foreach (var line in ProcFs.TryReadCgroups(pid) ?? [])
            foreach (var mount in Mounts.Value)
                if (mount.TryResolve(line) is { } folder && IsFrozen(mount, folder))
                    return true;
        return false;
    }

    private static bool IsFrozen(ControlGroupMount mount, string folder) => mount.Version == ControlGroupVersion.V2
        ? ProcFs.TryReadText($"{folder}/cgroup.events")?.Contains("frozen 1", StringComparison.Ordinal) == true
        : ProcFs.TryReadText($"{folder}/freezer.state") is { } state && !state.StartsWith("THAWED", StringComparison.Ordinal);
}
