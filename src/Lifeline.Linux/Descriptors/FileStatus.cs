using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>What kind of thing a file is.</summary>
public enum FileKind
{
    /// <summary>None of the others.</summary>
    Other,

    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>A socket.</summary>
    Socket,

    /// <summary>A pipe.</summary>
    Pipe,

    /// <summary>A device.</summary>
    Device,
}

/// <summary>What the kernel says of a file.</summary>
/// <param name="Device">Number of the file system.</param>
/// <param name="Inode">Number within it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Mode">Permissions.</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Links">Names it has.</param>
public readonly record struct FileStatus(ulong Device, ulong Inode, FileKind Kind, UnixFileMode Mode, uint Uid, uint Gid, long Size, uint Links)
{
    internal const int EmptyPath = 0x1000;
    internal const int NoFollow = 0x100;
    private const uint BasicStats = 0x7FF;
    private const uint BirthTime = 0x800;

    /// <summary>When it was made; null where the file system does not say.</summary>
    public DateTimeOffset? BornAt { get; init; }

    /// <summary>The status of a path; null if there is nothing or it may not be seen.</summary>
    /// <param name="path">The path.</param>
    /// <param name="followLinks">Whether a link at the end is followed.</param>
    public static FileStatus? TryOf(string path, bool followLinks = true) =>
        Of(Libc.AtCurrentFolder, path, followLinks ? 0 : NoFollow);

    // The layout of struct statx is the same on all architectures, which that of struct stat is not.
    internal static unsafe FileStatus? Of(int folder, string path, int flags)
    {
        NativeStrings.RefuseZeroByte(path);
        var raw = stackalloc byte[256];
        if (Libc.statx(folder, path, flags, BasicStats | BirthTime, raw) < 0)
            return null;
        var mode = *(ushort*)(raw + 28);
        var device = ((ulong)*(uint*)(raw + 136) << 32) | *(uint*)(raw + 140);
        return new FileStatus(
            device, *(ulong*)(raw + 32), KindOf(mode), (UnixFileMode)(mode & 0xFFF),
            *(uint*)(raw + 20), *(uint*)(raw + 24), *(long*)(raw + 40), *(uint*)(raw + 16))
        {
            BornAt = (*(uint*)raw & BirthTime) != 0
                ? DateTimeOffset.FromUnixTimeSeconds(*(long*)(raw + 80)).AddTicks(*(uint*)(raw + 88) / 100)
                : null,
        };
    }

    private static FileKind KindOf(ushort mode) => (mode & 0xF000) switch
    {
        0x8000 => FileKind.Regular,
        0x4000 => FileKind.Folder,
        0xA000 => FileKind.Link,
        0xC000 => FileKind.Socket,
        0x1000 => FileKind.Pipe,
        0x2000 or 0x6000 => FileKind.Device,
        _ => FileKind.Other,
    };
}
