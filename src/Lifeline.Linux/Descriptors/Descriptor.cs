using System.Runtime.InteropServices;
using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>
/// An owned file descriptor: closed exactly once, by <see cref="IDisposable.Dispose"/> or the finalizer. Always close-on-exec.
/// Thread-safe as SafeHandle is: a call in flight keeps the number from being closed under it.
/// </summary>
public class Descriptor : SafeHandle
{
    /// <summary>Takes over an open number.</summary>
    /// <param name="number">The number, which belongs to this object from now on.</param>
    protected internal Descriptor(int number)
        : base(-1, ownsHandle: true) => SetHandle(number);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    /// <summary>The number, for messages and for handing to a child; -1 after disposal, when it may be somebody else's.</summary>
    public int Number => IsClosed ? -1 : (int)handle;

    /// <summary>Takes over a number that this process inherited, and marks it close-on-exec.</summary>
    /// <param name="number">The number.</param>
    /// <exception cref="LinuxException">The number is not open.</exception>
    public static Descriptor Adopt(int number)
    {
        if (Libc.fcntl(number, Libc.FSetDescriptorFlags, 1) < 0)
            throw LinuxException.Last($"adopt descriptor {number}");
        return new Descriptor(number);
    }

    /// <summary>A duplicate, close-on-exec, of a number that this process inherited, which is left as it is.</summary>
    /// <param name="number">The number: 0, 1 or 2.</param>
    /// <exception cref="LinuxException">The number is not open.</exception>
    public static Descriptor DuplicateOf(int number)
    {
        var fd = Libc.fcntl(number, Libc.FDuplicateCloseOnExec, 0);
        return fd >= 0 ? new Descriptor(fd) : throw LinuxException.Last($"duplicate descriptor {number}");
    }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="flags">How.</param>
    /// <param name="mode">Mode of a file that is created, before the umask.</param>
    /// <exception cref="LinuxException">The file cannot be opened.</exception>
    public static Descriptor Open(string path, OpenFlags flags, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var fd = OpenNumber(Libc.AtCurrentFolder, path, flags, mode);
        return fd >= 0 ? new Descriptor(fd) : throw LinuxException.Last($"open(\"{path}\")");
    }

    /// <summary>Opens a file relative to this folder.</summary>
    /// <param name="path">The path below it.</param>
    /// <param name="flags">How.</param>
    /// <param name="mode">Mode of a file that is created, before the umask.</param>
    /// <exception cref="LinuxException">The file cannot be opened.</exception>
    public Descriptor OpenAt(string path, OpenFlags flags, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        using var use = new Use(this);
        var fd = OpenNumber(use.Number, path, flags, mode);
        return fd >= 0 ? new Descriptor(fd) : throw LinuxException.Last($"openat({use.Number}, \"{path}\")");
    }

    /// <summary>A second descriptor of the same open file.</summary>
    /// <exception cref="LinuxException">The process has no room for another (EMFILE).</exception>
    public Descriptor Duplicate() => new(DuplicateNumber());

    /// <summary>Reads what is there. 0 is the end; -1 means that it would have to wait (non-blocking descriptors only).</summary>
    /// <param name="buffer">Where to.</param>
    /// <exception cref="LinuxException">Any other failure.</exception>
    public unsafe int Read(Span<byte> buffer)
    {
        using var use = new Use(this);
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var count = Libc.read(use.Number, start, (nuint)buffer.Length);
                if (count >= 0)
                    return (int)count;
                var error = Libc.LastError;
                if (error == Errno.EAGAIN)
                    return -1;
                if (error != Errno.EINTR)
                    throw new LinuxException($"read({use.Number})", error);
            }
        }
    }

    /// <summary>Writes once. -1 means that it would have to wait (non-blocking descriptors only).</summary>
    /// <param name="data">What; fewer bytes may be taken.</param>
    /// <returns>How many bytes were taken.</returns>
    /// <exception cref="LinuxException">Any other failure.</exception>
    public unsafe int Write(ReadOnlySpan<byte> data)
    {
        using var use = new Use(this);
        fixed (byte* start = data)
        {
            while (true)
            {
                var count = Libc.write(use.Number, start, (nuint)data.Length);
                if (count >= 0)
                    return (int)count;
                var error = Libc.LastError;
                if (error == Errno.EAGAIN)
                    return -1;
                if (error != Errno.EINTR)
                    throw new LinuxException($"write({use.Number})", error);
            }
        }
    }

    /// <summary>Writes all of it; waits as long as it takes.</summary>
    /// <param name="data">What.</param>
    /// <exception cref="LinuxException">Writing failed; a part may have been written.</exception>
    public void WriteAll(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var count = Write(data);
            if (count >= 0)
            {
                data = data[count..];
                continue;
            }

            Span<PollItem> items = [new PollItem(this, PollEvents.Out)];
            Poller.Poll(items, -1);
        }
    }

    /// <summary>Reads at a place without moving the position; 0 at the end.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="offset">From where, in bytes.</param>
    /// <exception cref="LinuxException">Reading failed.</exception>
    public unsafe int ReadAt(Span<byte> buffer, long offset)
    {
        using var use = new Use(this);
        fixed (byte* start = buffer)
        {
            nint count;
            do
                count = Libc.pread(use.Number, start, (nuint)buffer.Length, offset);
            while (count < 0 && Libc.LastError == Errno.EINTR);
            return count >= 0 ? (int)count : throw LinuxException.Last($"pread({use.Number}, {offset})");
        }
    }

    /// <summary>Moves the position.</summary>
    /// <param name="offset">Bytes from the origin.</param>
    /// <param name="origin">From where it counts.</param>
    /// <returns>The new position.</returns>
    /// <exception cref="LinuxException">The descriptor cannot seek.</exception>
    public long Seek(long offset, SeekOrigin origin)
    {
        using var use = new Use(this);
        var position = Libc.lseek(use.Number, offset, (int)origin);
        return position >= 0 ? position : throw LinuxException.Last($"lseek({use.Number}, {offset})");
    }

    /// <summary>Sets the length of a file.</summary>
    /// <param name="length">Bytes.</param>
    /// <exception cref="LinuxException">It cannot be set.</exception>
    public void SetLength(long length)
    {
        using var use = new Use(this);
        if (Libc.ftruncate(use.Number, length) < 0)
            throw LinuxException.Last($"ftruncate({use.Number}, {length})");
    }

    /// <summary>Whether calls on the open file (shared by all its descriptors) wait.</summary>
    /// <param name="value">True: they never wait.</param>
    /// <exception cref="LinuxException">It cannot be set.</exception>
    public void SetNonBlocking(bool value)
    {
        using var use = new Use(this);
        var flags = Libc.fcntl(use.Number, Libc.FGetFlags, 0);
        if (flags < 0)
            throw LinuxException.Last($"fcntl({use.Number}, F_GETFL)");
        var wanted = value ? flags | Libc.NonBlocking : flags & ~Libc.NonBlocking;
        if (wanted != flags && Libc.fcntl(use.Number, Libc.FSetFlags, wanted) < 0)
            throw LinuxException.Last($"fcntl({use.Number}, F_SETFL)");
    }

    /// <summary>What the descriptor refers to.</summary>
    /// <exception cref="LinuxException">It cannot be asked.</exception>
    public FileStatus Stat()
    {
        using var use = new Use(this);
        return FileStatus.Of(use.Number, "", FileStatus.EmptyPath) ?? throw LinuxException.Last($"statx({use.Number})");
    }

    /// <summary>
    /// Whether both refer to one open file, as duplicates do. Where the kernel does not say (kcmp), two that were opened apart and refer to
    /// one object count as the same too.
    /// </summary>
    /// <param name="other">The other.</param>
    public bool IsSameOpenFile(Descriptor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        using var left = new Use(this);
        using var right = new Use(other);
        var own = Libc.getpid();
        var order = Libc.SysCompare < 0 ? -1 : Libc.syscall(Libc.SysCompare, own, own, Libc.CompareFile, left.Number, right.Number, 0);
        if (order >= 0)
            return order == 0;
        var (here, there) = (Stat(), other.Stat());
        return (here.Device, here.Inode, here.Kind) == (there.Device, there.Inode, there.Kind);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;

    /// <summary>A duplicate as a bare number, for the constructors of derived classes.</summary>
    protected internal int DuplicateNumber()
    {
        using var use = new Use(this);
        var fd = Libc.fcntl(use.Number, Libc.FDuplicateCloseOnExec, 3);
        return fd >= 0 ? fd : throw LinuxException.Last($"duplicate descriptor {use.Number}");
    }

    private static int OpenNumber(int folder, string path, OpenFlags flags, UnixFileMode mode)
    {
        NativeStrings.RefuseZeroByte(path);
        int fd;
        do
            fd = Libc.openat(folder, path, OpenFlagBits.Of(flags), (uint)mode);
        while (fd < 0 && Libc.LastError == Errno.EINTR);
        return fd;
    }

    /// <summary>The number while the caller holds a reference, even if it is being disposed of elsewhere.</summary>
    internal int HeldNumber => (int)handle;

    /// <summary>Keeps a descriptor open for the length of a call.</summary>
    internal ref struct Use
    {
        private readonly Descriptor _owner;
        private readonly bool _added;

        public Use(Descriptor owner)
        {
            _owner = owner;
            owner.DangerousAddRef(ref _added);
        }

        public readonly int Number => (int)_owner.handle;

        public readonly void Dispose()
        {
            if (_added)
                _owner.DangerousRelease();
        }
    }
}
