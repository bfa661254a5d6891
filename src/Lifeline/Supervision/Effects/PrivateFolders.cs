using System.Globalization;
using Lifeline.Configuration;
using Lifeline.Journal;
using Lifeline.Linux;
using Lifeline.Reclaim;

namespace Lifeline.Supervision;

/// <summary>
/// A folder for temporary files for each generation whose service wants one (<c>private_tmp</c>). They lie beside each other in one that only
/// we can write to, so that their names are nobody else's to take; which that is, stands in the journal. Safe for any thread.
/// </summary>
internal sealed class PrivateFolders(JournalStore journal, string temporaryFolder)
{
    private const string Setting = "private_tmp";
    private const string NamePrefix = "lifeline-private-";
    private const char Stale = '.'; // no slot is called so

    private const UnixFileMode OthersMayPass = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OthersMayWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly Lock _gate = new();
    private volatile string? _home = journal.Recovered.Settings.GetValueOrDefault(Setting);

    /// <summary>Sees to it that the place is known to the journal before the first launch that needs it.</summary>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? Prepare(IEnumerable<ServiceConfiguration> services)
    {
        if (!services.Any(service => service.PrivateTmp))
            return null;
        try
        {
            OpenHome().Dispose();
            return null;
        }
        catch (LinuxException e)
        {
            return e.Message;
        }
    }

    /// <summary>Makes the folder of a generation that is about to be launched: empty, and its owner's alone.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="LinuxException">It cannot be made.</exception>
    public string Make(string slot, int generation, uint uid, uint gid)
    {
        using var home = OpenHome();
        var name = NameOf(slot, generation);
        // The number was used in a life that the journal no longer knows.
        var before = FolderTree.Remove(home, name, PrivateFolderReclaimer.MaxNamesLater);
        if (!before.IsGone)
            throw new LinuxException($"remove \"{before.Obstacle}\" of {Path.Combine(_home!, name)}", before.Error);
        using var made = FolderTree.Make(home, name, OwnerOnly);
        if (CurrentProcess.Uid == 0)
            FileOwner.Set(made, uid, gid);
        return Path.Combine(_home!, name);
    }

    /// <summary>The folder of a generation, if it has one. What lies in a place that others can write to, or took when ours was gone, is none of it.</summary>
    public string? Find(string slot, int generation)
    {
        if (_home is not { } home || !IsOurs(home))
            return null;
        var path = Path.Combine(home, NameOf(slot, generation));
        return FileStatus.TryOf(path, followLinks: false) is null ? null : path;
    }

    /// <summary>
    /// Sets aside the folders of generations of which nobody knows anything any more: they died with keeper, monitor and journal, or their removal
    /// was not finished.
    /// </summary>
    /// <param name="known">Generations that live, or are still to be reclaimed.</param>
    /// <returns>What is to be removed. No launch can meet it under its name.</returns>
    public IReadOnlyList<string> SetAsideUnknown(IEnumerable<(string Slot, int Generation)> known)
    {
        if (_home is not { } home || !IsOurs(home))
            return [];
        var kept = known.Select(one => NameOf(one.Slot, one.Generation)).ToHashSet(StringComparer.Ordinal);
        var aside = new List<string>();
        try
        {
            foreach (var path in Directory.GetDirectories(home).Where(path => !kept.Contains(Path.GetFileName(path))))
                aside.Add(SetAside(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start looks again.
        }

        return aside;
    }

    /// <summary>Gives up the place, if nothing is in it.</summary>
    public void RemoveHome()
    {
        try
        {
            if (_home is { } home && Directory.Exists(home))
                Directory.Delete(home);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A generation that could not be ended still has its folder.
        }
    }

    private static string SetAside(string path)
    {
        if (Path.GetFileName(path)[0] == Stale)
            return path;
        var stale = Path.Combine(Path.GetDirectoryName(path)!, Stale + RandomName());
        Directory.Move(path, stale);
        return stale;
    }

    private Descriptor OpenHome()
    {
        lock (_gate)
        {
            if (_home is not { } home || !IsOurs(home))
                _home = home = MakeHome();
            return Descriptor.Open(home, OpenFlags.PathOnly | OpenFlags.Folder | OpenFlags.NoFollow);
        }
    }

    // A name that nobody can have taken before.
    private string MakeHome()
    {
        using var parent = Descriptor.Open(temporaryFolder, OpenFlags.PathOnly | OpenFlags.Folder);
        var name = NamePrefix + RandomName();
        FolderTree.Make(parent, name, OthersMayPass).Dispose();
        var home = Path.Combine(temporaryFolder, name);
        journal.Commit(new JournalBatch { Settings = [new(Setting, home)] });
        return home;
    }

    private static bool IsOurs(string home) =>
        FileStatus.TryOf(home, followLinks: false) is { Kind: FileKind.Folder } status && status.Uid == CurrentProcess.Uid && (status.Mode & OthersMayWrite) == 0;

    private static string NameOf(string slot, int generation) => string.Create(CultureInfo.InvariantCulture, $"{slot}.{generation}");

    private static string RandomName()
    {
        Span<byte> random = stackalloc byte[8];
        RandomBytes.Fill(random);
        return Convert.ToHexStringLower(random);
    }
}
