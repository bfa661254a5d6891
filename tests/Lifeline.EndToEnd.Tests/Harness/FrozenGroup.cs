namespace Lifeline.EndToEnd.Tests.Harness;

/// <summary>The control group of a service, frozen until disposal.</summary>
internal sealed class FrozenGroup : IDisposable
{
    private readonly string _file;

    private FrozenGroup(string file) => _file = file;

    /// <summary>Freezes the group a process is in; null where that is not possible.</summary>
    public static FrozenGroup? TryOf(int pid)
    {
        var path = Daemon.ReadIfThere($"/proc/{pid}/cgroup").Split('\n').FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal))?[3..];
        // Only a group of its own: nothing else may be frozen with it.
        if (path is null || !path.Contains("lifeline", StringComparison.Ordinal))
            return null;
        foreach (var root in new[] { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" })
        {
            var file = root + path + "/cgroup.freeze";
            if (!File.Exists(file))
                continue;
            File.WriteAllText(file, "1");
            return new FrozenGroup(file);
        }

        return null;
    }

    public void Dispose()
    {
        if (File.Exists(_file))
            File.WriteAllText(_file, "0");
    }
}
