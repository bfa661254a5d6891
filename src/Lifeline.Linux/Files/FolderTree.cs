using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>What a removal came to.</summary>
/// <param name="IsGone">Whether the folder is no longer there.</param>
/// <param name="Names">Names that were removed, the folder's own included.</param>
/// <param name="IsExhausted">Whether it ended because as many names were looked at as were allowed.</param>
/// <param name="Obstacle">The first name that could not be removed; null if there was none.</param>
/// <param name="Error">Why.</param>
public readonly record struct FolderRemoval(bool IsGone, int Names, bool IsExhausted, string? Obstacle, Errno Error);

/// <summary>Folders that belong to others, with everything they put into them. Safe for any thread.</summary>
public static unsafe class FolderTree
{
    /// <summary>Makes a folder that was not there, with exactly this mode.</summary>
    /// <param name="parent">The folder in which it is made.</param>
    /// <param name="name">Its name, without a slash.</param>
    /// <param name="mode">Its mode, whatever the umask.</param>
    /// <returns>The folder, opened.</returns>
    /// <exception cref="LinuxException">EEXIST: the name is taken. Anything else that keeps it from being made.</exception>
    public static Descriptor Make(Descriptor parent, string name, UnixFileMode mode)
    {
        ArgumentNullException.ThrowIfNull(parent);
        SafePath.CheckName(name);
        using var text = new NativeStrings([name]);
        using (var use = new Descriptor.Use(parent))
        {
            if (Libc.mkdirat(use.Number, text.Pointer[0], (uint)mode) < 0)
                throw LinuxException.Last($"mkdir(\"{name}\")");
        }

        var folder = SafePath.TryOpenBeneath(parent, name, OpenFlags.Read | OpenFlags.Folder | OpenFlags.NoFollow)
            ?? throw new LinuxException($"open(\"{name}\")", Errno.ENOENT);
        using var made = new Descriptor.Use(folder);
        if (Libc.fchmod(made.Number, (uint)mode) == 0)
            return folder;
        var failed = LinuxException.Last($"chmod(\"{name}\")");
        folder.Dispose();
        throw failed;
    }

    /// <summary>
    /// Removes a folder and everything in it, however deep and whatever it is called: no link is followed, nothing that is mounted in it is
    /// entered, and neither its depth nor its size takes memory, descriptors or stack.
    /// </summary>
    /// <param name="parent">The folder that holds it; others must not be able to rename in it.</param>
    /// <param name="name">The name of the folder to remove, without a slash.</param>
    /// <param name="maxNames">Names that are looked at before it gives up; calling again goes on.</param>
    public static FolderRemoval Remove(Descriptor parent, string name, int maxNames)
    {
        ArgumentNullException.ThrowIfNull(parent);
        SafePath.CheckName(name);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxNames);
        using var text = new NativeStrings([name]);
        using var use = new Descriptor.Use(parent);
        return new FolderSweep(maxNames).Run(use.Number, text.Pointer[0]);
    }
}
