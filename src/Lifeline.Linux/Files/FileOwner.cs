using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>Whom a file belongs to.</summary>
public static class FileOwner
{
    /// <summary>Gives a file to somebody; a link itself, not what it leads to.</summary>
    /// <param name="path">The file.</param>
    /// <param name="uid">Its user.</param>
    /// <param name="gid">Its group.</param>
    /// <exception cref="LinuxException">EPERM: only root may. ENOENT: it is not there.</exception>
    public static void Set(string path, uint uid, uint gid)
    {
        ArgumentNullException.ThrowIfNull(path);
        NativeStrings.RefuseZeroByte(path);
        if (Libc.lchown(path, uid, gid) == 0)
            return;
        var error = Libc.LastError;
        throw new LinuxException($"chown(\"{path}\", {uid}, {gid})", error);
    }

    /// <summary>Gives away what a descriptor stands for: a pipe too, which its owner can then open again through /proc.</summary>
    /// <param name="descriptor">What.</param>
    /// <param name="uid">To whom.</param>
    /// <param name="gid">Its group.</param>
    /// <exception cref="LinuxException">Only root may.</exception>
    public static void Set(Descriptor descriptor, uint uid, uint gid)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        using var use = new Descriptor.Use(descriptor);
        if (Libc.fchown(use.Number, uid, gid) < 0)
            throw LinuxException.Last($"fchown({use.Number}, {uid}, {gid})");
    }
}
