using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>What can no longer be done to a memory file.</summary>
[Flags]
public enum MemorySeals
{
    /// <summary>Nothing is sealed.</summary>
    None = 0,

    /// <summary>No further seals.</summary>
    Seal = 1,

    /// <summary>It cannot become smaller, so no map of it can fault.</summary>
    Shrink = 2,

    /// <summary>It cannot become larger.</summary>
    Grow = 4,

    /// <summary>It cannot be written; refused (EBUSY) while a writable map exists.</summary>
    Write = 8,

    /// <summary>It cannot be written through new maps; existing ones stay writable.</summary>
    FutureWrite = 16,
}

/// <summary>A file in memory without a name (memfd). Lives as long as a descriptor or a map of it, in any process.</summary>
public sealed class MemoryFile : Descriptor
{
    private const uint CloseOnExec = 1;
    private const uint AllowSealing = 2;
    private const uint NoExecute = 8;
    private const long HugePageFileSystem = 0x958458F6;

    private MemoryFile(int number)
        : base(number)
    {
    }

    /// <summary>The seals set so far.</summary>
    /// <exception cref="LinuxException">It is not a memory file.</exception>
    public MemorySeals Seals
    {
        get
        {
            using var use = new Use(this);
            var seals = Libc.fcntl(use.Number, Libc.FGetSeals, 0);
            return seals >= 0 ? (MemorySeals)(seals & 31) : throw LinuxException.Last($"fcntl({use.Number}, F_GET_SEALS)");
        }
    }

    /// <summary>Bytes.</summary>
    public long Size => Stat().Size;

    /// <summary>Whether it consists of huge pages: a map of it can then fault when the pool is empty.</summary>
    /// <exception cref="LinuxException">It cannot be asked.</exception>
    public unsafe bool UsesHugePages
    {
        get
        {
            // struct statfs begins with the kind of the file system on all 64-bit architectures, and has less than 256 bytes.
            var raw = stackalloc byte[256];
            using var use = new Use(this);
            return Libc.fstatfs(use.Number, raw) >= 0 ? *(long*)raw == HugePageFileSystem : throw LinuxException.Last($"fstatfs({use.Number})");
        }
    }

    /// <summary>Makes one.</summary>
    /// <param name="name">For people who look into /proc; at most 249 bytes.</param>
    /// <param name="size">Bytes.</param>
    /// <exception cref="LinuxException">There is no memory or no descriptor left.</exception>
    public static MemoryFile Create(string name, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var fd = Libc.memfd_create(name, CloseOnExec | AllowSealing | NoExecute);
        // Kernels before 6.3 do not know MFD_NOEXEC_SEAL.
        if (fd < 0 && Libc.LastError == Errno.EINVAL)
            fd = Libc.memfd_create(name, CloseOnExec | AllowSealing);
        if (fd < 0)
            throw LinuxException.Last($"memfd_create(\"{name}\")");
        var file = new MemoryFile(fd);
        try
        {
            file.SetLength(size);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Sees a received descriptor as a memory file; the argument is left alone. Files of tmpfs pass too: whoever maps what a
    /// stranger sent asks <see cref="Seals"/> for <see cref="MemorySeals.Shrink"/> first.
    /// </summary>
    /// <param name="descriptor">Any descriptor; it is duplicated.</param>
    /// <exception cref="LinuxException">It is something else than a memory file.</exception>
    public static MemoryFile FromDescriptor(Descriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        var file = new MemoryFile(descriptor.DuplicateNumber());
        try
        {
            _ = file.Seals;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Adds seals; they can never be taken off.</summary>
    /// <param name="seals">Which.</param>
    /// <exception cref="LinuxException">They cannot be added.</exception>
    public void Seal(MemorySeals seals)
    {
        using var use = new Use(this);
        if (Libc.fcntl(use.Number, Libc.FAddSeals, (nint)seals) < 0)
            throw LinuxException.Last($"fcntl({use.Number}, F_ADD_SEALS, {seals})");
    }

    /// <summary>Maps a part of it, shared with everybody who maps it.</summary>
    /// <param name="offset">A multiple of the page size.</param>
    /// <param name="length">Bytes, at least 1, within the file.</param>
    /// <param name="writable">Whether it may be written.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not within the file: reading there would kill the process.</exception>
    /// <exception cref="LinuxException">It cannot be mapped.</exception>
    public MemoryMapping Map(long offset, int length, bool writable)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Size - offset, nameof(length));
        using var use = new Use(this);
        return MemoryMapping.Of(use.Number, offset, length, writable);
    }
}
