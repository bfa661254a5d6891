using System.Globalization;
using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Reclaim;

/// <summary>Removes the folder for temporary files that a dead generation had for itself, with everything in it.</summary>
internal sealed class PrivateFolderReclaimer(ReclaimReport report)
{
    /// <summary>Names that are removed before the next generation starts; what is beyond goes afterwards.</summary>
    public const int MaxNamesAtOnce = 20_000;

    /// <summary>Names that are removed afterwards; what is beyond waits for the next start of a monitor.</summary>
    public const int MaxNamesLater = 10_000_000;

    /// <returns>Whether there is more than goes at once.</returns>
    public bool Reclaim(string path)
    {
        var (removal, failure) = Remove(path, MaxNamesAtOnce);
        if (failure is not null || removal.Obstacle is not null)
            report.Add(ReclaimKind.Path, path, ReclaimOutcome.Failed, failure ?? $"\"{removal.Obstacle}\" in it: {LinuxException.Describe(removal.Error)}");
        else if (removal.IsGone)
            report.Add(ReclaimKind.Path, path, removal.Names == 0 ? ReclaimOutcome.Absent : ReclaimOutcome.Removed);
        else
            report.Add(ReclaimKind.Path, path, ReclaimOutcome.Removed, string.Create(CultureInfo.InvariantCulture, $"it holds more than {MaxNamesAtOnce:N0} names; the rest is removed meanwhile"));
        return removal.IsExhausted;
    }

    /// <summary>Removes what is left of it, whatever comes of that.</summary>
    public static bool RemoveRest(string path) => Remove(path, MaxNamesLater).Removal.IsGone;

    private static (FolderRemoval Removal, string? Failure) Remove(string path, int maxNames)
    {
        try
        {
            using var parent = Descriptor.Open(Path.GetDirectoryName(path)!, OpenFlags.PathOnly | OpenFlags.Folder | OpenFlags.NoFollow);
            return (FolderTree.Remove(parent, Path.GetFileName(path), maxNames), null);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            return (new FolderRemoval(IsGone: true, 0, IsExhausted: false, null, Errno.None), null);
        }
        catch (LinuxException e)
        {
            return (default, e.Message);
        }
    }
}
