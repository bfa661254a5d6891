using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>Files in folders that others may write to: no link on the way is followed.</summary>
public static unsafe class SafePath
{
    private const ulong ResolveNoSymlinks = 4;
    private const ulong ResolveBeneath = 8;
    private const int MaxAttempts = 100;

    /// <summary>Opens a folder of an absolute path without following any link in it.</summary>
    /// <param name="folder">The folder; absolute.</param>
    /// <returns>The folder; null if it is missing.</returns>
    /// <exception cref="LinuxException">ELOOP: a part of it is a link. ENOTDIR: a part is no folder.</exception>
    /// <exception cref="ArgumentException">The path is relative.</exception>
    public static Descriptor? TryOpenFolder(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!folder.StartsWith('/'))
            throw new ArgumentException($"\"{folder}\" is relative; an absolute path is wanted.", nameof(folder));
        using var root = Descriptor.Open("/", OpenFlags.PathOnly | OpenFlags.Folder);
        var relative = Path.GetFullPath(folder).Trim('/');
        return relative.Length == 0
            ? Descriptor.Open("/", OpenFlags.Read | OpenFlags.Folder)
            : TryOpenBeneath(root, relative, OpenFlags.Read | OpenFlags.Folder);
    }

    /// <summary>Opens something below a folder, never outside it and never through a link.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="path">The path below it.</param>
    /// <param name="flags">How. What others planted may be a pipe, on which opening waits without <see cref="OpenFlags.NonBlocking"/>.</param>
    /// <param name="mode">Mode of a file that is created, before the umask.</param>
    /// <returns>What was opened; null if it is missing.</returns>
    /// <exception cref="LinuxException">ELOOP: a part is a link. EXDEV: it leads outside. EAGAIN: parts of it were renamed all the time.</exception>
    public static Descriptor? TryOpenBeneath(
        Descriptor folder, string path, OpenFlags flags, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var how = stackalloc ulong[3];
        how[0] = (ulong)OpenFlagBits.Of(flags);
        // The kernel refuses a mode where nothing is made.
        how[1] = flags.HasFlag(OpenFlags.Create) ? (ulong)mode : 0;
        how[2] = ResolveNoSymlinks | ResolveBeneath;
        using var text = new NativeStrings([path]);
        using var use = new Descriptor.Use(folder);
        for (var attempt = 1; ; attempt++)
        {
            var fd = (int)Libc.syscall(Libc.SysOpenAt2, use.Number, (nint)text.Pointer[0], (nint)how, 24, 0, 0);
            if (fd >= 0)
                return new Descriptor(fd);
            var error = Libc.LastError;
            if (error == Errno.ENOENT)
                return null;
            // EAGAIN: something on the way was renamed while it was looked up.
            if (error != Errno.EINTR && (error != Errno.EAGAIN || attempt >= MaxAttempts))
                throw new LinuxException($"openat2(\"{path}\")", error);
        }
    }

    /// <summary>The status of a name in a folder, of a link itself.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name, without a slash.</param>
    /// <returns>Null if it is missing.</returns>
    public static FileStatus? TryStat(Descriptor folder, string name)
    {
        ArgumentNullException.ThrowIfNull(folder);
        CheckName(name);
        using var use = new Descriptor.Use(folder);
        return FileStatus.Of(use.Number, name, FileStatus.NoFollow);
    }

    /// <summary>Removes a name from a folder; never a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name, without a slash.</param>
    /// <returns><see cref="Errno.None"/>; ENOENT if it was gone; what failed otherwise.</returns>
    public static Errno Unlink(Descriptor folder, string name)
    {
        ArgumentNullException.ThrowIfNull(folder);
        CheckName(name);
        using var use = new Descriptor.Use(folder);
        return Libc.unlinkat(use.Number, name, 0) == 0 ? Errno.None : Libc.LastError;
    }

    /// <summary>The names in an opened folder, without <c>.</c> and <c>..</c>.</summary>
    /// <param name="folder">The folder.</param>
    public static IReadOnlyList<string> ListNames(Descriptor folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        using var use = new Descriptor.Use(folder);
        return [.. Directory.EnumerateFileSystemEntries($"/proc/self/fd/{use.Number}").Select(p => Path.GetFileName(p)!)];
    }

    internal static void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        NativeStrings.RefuseZeroByte(name);
        if (name is "." or ".." || name.Contains('/', StringComparison.Ordinal))
            throw new ArgumentException($"\"{name}\" is a path; a name in the folder is wanted.", nameof(name));
    }
}
