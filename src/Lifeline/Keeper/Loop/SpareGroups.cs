using System.Globalization;
using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>
/// Control groups for launchers: each gets one of its own, which it makes and joins before anybody waits for it, and keeps as
/// a service. Joining takes a lock of the kernel with a wait of some milliseconds, so it must not be part of a restart; and
/// the keeper itself makes none, because making one waits for whoever is joining.
/// </summary>
internal sealed class SpareGroups
{
    // Beyond it the oldest are left to the next monitor that starts.
    private const int MaxRetired = 256;

    private readonly string prefix = PrefixOf(CurrentProcess.Id, ProcFs.TryReadStat(CurrentProcess.Id)?.StartTimeTicks ?? 0);
    private readonly Queue<string> retired = new();
    private ControlGroupRoot? folder;
    private long counter;

    /// <summary>What the names of all groups begin with that one keeper makes. Nobody else ever uses it in this boot.</summary>
    public static string PrefixOf(int keeperPid, long startTime) => string.Create(CultureInfo.InvariantCulture, $"l-{keeperPid}-{startTime}-");

    /// <summary>A monitor has said where groups are made, or that nowhere.</summary>
    public void Use(int version, string path) =>
        folder = version is 1 or 2 && Path.IsPathRooted(path) ? ControlGroupRoot.Reopen((ControlGroupVersion)version, path) : null;

    /// <summary>The path of a group for the next launcher, which will make it; null if there are none.</summary>
    public string? Next() => folder is null ? null : Path.Combine(folder.Path, string.Create(CultureInfo.InvariantCulture, $"{prefix}{++counter}"));

    /// <summary>Whether a launcher with this group may become a service now.</summary>
    public bool IsCurrent(string? group) => Path.GetDirectoryName(group) == folder?.Path;

    /// <summary>Its launcher did not become a service: to be removed by the next <see cref="Sweep"/>.</summary>
    public void Retire(string? group)
    {
        if (group is null) return;
        if (retired.Count == MaxRetired) retired.Dequeue();
        retired.Enqueue(group);
    }

    /// <summary>Removes what was retired. What cannot be removed yet is tried again the next time.</summary>
    public void Sweep()
    {
        for (int left = retired.Count; left > 0; left--)
        {
            string path = retired.Dequeue();
            if (!TryRemove(path)) Retire(path);
        }
    }

    /// <summary>At the end of the keeper: what is retired, then the folder itself, unless something lives in it.</summary>
    public void Dissolve()
    {
        Sweep();
        folder?.Remove();
    }

    private bool TryRemove(string path)
    {
        ControlGroup? group = folder?.Of(path);
        try
        {
            // A launcher that was killed for being late may have come to its exec, and more, just before.
            if (group is { IsPopulated: true }) group.Kill();
            return group is null || group.Remove();
        }
        catch (LinuxException)
        {
            return false; // for want of descriptors, for example
        }
    }
}
