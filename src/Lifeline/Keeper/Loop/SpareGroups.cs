using System.Globalization;
using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>
/// Control groups for launchers: each gets one of its own in every hierarchy that is used, which it makes and joins before anybody
/// waits for it, and keeps as a service. Joining takes a lock of the kernel with a wait of some milliseconds, so it must not be part of
/// a restart; and the keeper itself makes none where launchers join them, because making one waits for whoever is joining.
/// </summary>
internal sealed class SpareGroups(long firstNumber)
{
    // Beyond it the oldest are left to the next monitor that starts.
    private const int MaxRetired = 256;

    private readonly string prefix = PrefixOf(CurrentProcess.Id, ProcFs.TryReadStat(CurrentProcess.Id)?.StartTimeTicks ?? 0);
    private readonly Queue<string[]> retired = new();
    private ControlGroupRoot? folder;
    private string[] more = [];

    /// <summary>The number of the last group. The next program of this keeper's process goes on behind it.</summary>
    public long LastNumber { get; private set; } = firstNumber;

    /// <summary>What the names of all groups begin with that one keeper makes. Nobody else ever uses it in this boot.</summary>
    public static string PrefixOf(int keeperPid, long startTime) => string.Create(CultureInfo.InvariantCulture, $"l-{keeperPid}-{startTime}-");

    /// <summary>A monitor has said where groups are made, or that nowhere.</summary>
    public void Use(int version, string path, string[] furtherFolders)
    {
        folder = version is 1 or 2 && Path.IsPathRooted(path) ? ControlGroupRoot.Reopen((ControlGroupVersion)version, path) : null;
        more = folder is null ? [] : furtherFolders;
    }

    /// <summary>The paths of the groups for the next launcher, which will make them, the main one first; none if there are none.</summary>
    public string[] Next()
    {
        if (folder is null) return [];
        string name = string.Create(CultureInfo.InvariantCulture, $"{prefix}{++LastNumber}");
        return [Path.Combine(folder.Path, name), .. more.Select(further => Path.Combine(further, name))];
    }

    /// <summary>
    /// Makes the main one of these groups now, if a process can be born into it (version 2): that takes none of the locks that joining takes. Null: the launcher makes and
    /// joins it, and tells what fails.
    /// </summary>
    public Descriptor? TryMakeForBirth(string[] paths)
    {
        if (folder is not { Version: ControlGroupVersion.V2 }) return null;
        try
        {
            folder.Create(Path.GetFileName(paths[0]));
            return Descriptor.Open(paths[0], OpenFlags.Read | OpenFlags.Folder);
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    /// <summary>Whether a launcher with these groups may become a service now.</summary>
    public bool IsCurrent(string[] groups)
    {
        if (folder is null) return groups.Length == 0;
        if (groups.Length != 1 + more.Length || Path.GetDirectoryName(groups[0]) != folder.Path) return false;
        for (int i = 0; i < more.Length; i++)
        {
            if (Path.GetDirectoryName(groups[i + 1]) != more[i]) return false;
        }

        return true;
    }

    /// <summary>Their launcher did not become a service: to be removed by the next <see cref="Sweep"/>.</summary>
    public void Retire(string[] groups)
    {
        if (groups.Length == 0) return;
        if (retired.Count == MaxRetired) retired.Dequeue();
        retired.Enqueue(groups);
    }

    /// <summary>Removes what was retired. What cannot be removed yet is tried again the next time.</summary>
    public void Sweep()
    {
        for (int left = retired.Count; left > 0; left--)
        {
            string[] groups = retired.Dequeue();
            if (!TryRemove(groups)) Retire(groups);
        }
    }

    /// <summary>At the end of the keeper: what is retired, then the folders themselves, unless something lives in them.</summary>
    public void Dissolve()
    {
        Sweep();
        folder?.Remove();
        foreach (string further in more) folder?.Of(further).Remove();
    }

    private bool TryRemove(string[] groups)
    {
        if (folder is null) return true;
        try
        {
            bool gone = true;
            foreach (string path in groups)
            {
                ControlGroup group = folder.Of(path);
                // A launcher that was killed for being late may have come to its exec, and more, just before. Whatever is in one of
                // its groups is in the main one too.
                if (path == groups[0] && group.IsPopulated) group.Kill();
                gone &= group.Remove();
            }

            return gone;
        }
        catch (LinuxException)
        {
            return false; // for want of descriptors, for example
        }
    }
}
