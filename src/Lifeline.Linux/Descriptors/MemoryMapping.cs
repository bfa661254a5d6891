using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>
/// A shared map of a file. The memory belongs to every process that maps it and may change at any moment.
/// Not thread-safe against its own disposal.
/// </summary>
public sealed unsafe class MemoryMapping : IDisposable
{
    private const int ProtectRead = 1;
    private const int ProtectWrite = 2;
    private const int Shared = 1;

    private byte* _start;

    private MemoryMapping(byte* start, int length)
    {
        _start = start;
        Length = length;
    }

    /// <summary>Unmaps what was forgotten.</summary>
    ~MemoryMapping() => Unmap();

    /// <summary>Bytes.</summary>
    public int Length { get; }

    /// <summary>The first byte.</summary>
    /// <exception cref="ObjectDisposedException">It was unmapped.</exception>
    public byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start is null, this);
            return _start;
        }
    }

    /// <summary>All of it. Must not be used after disposal, nor when this object is no longer referenced: its finalizer unmaps.</summary>
    /// <exception cref="ObjectDisposedException">It was unmapped.</exception>
    public Span<byte> Span => new(Pointer, Length);

    /// <summary>Maps the beginning of a file for reading.</summary>
    /// <param name="file">The file. If somebody cuts it off below what is mapped, reading there ends the process (SIGBUS).</param>
    /// <param name="length">Bytes, at least 1.</param>
    /// <exception cref="LinuxException">It cannot be mapped.</exception>
    public static MemoryMapping OfFile(Descriptor file, int length)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        using var use = new Descriptor.Use(file);
        return Of(use.Number, 0, length, writable: false);
    }

    /// <summary>Keeps the map out of processes that this one forks.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public void KeepFromChildren()
    {
        if (Libc.madvise((nuint)Pointer, (nuint)Length, Libc.AdviceDoNotFork) < 0)
            throw LinuxException.Last("madvise(MADV_DONTFORK)");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Unmap();
        GC.SuppressFinalize(this);
    }

    internal static MemoryMapping Of(int fd, long offset, int length, bool writable)
    {
        var start = Libc.mmap(null, (nuint)length, writable ? ProtectRead | ProtectWrite : ProtectRead, Shared, fd, offset);
        return start != (void*)-1 ? new MemoryMapping((byte*)start, length) : throw LinuxException.Last($"mmap({fd}, {offset}, {length})");
    }

    private void Unmap()
    {
        if (_start is null)
            return;
        _ = Libc.munmap(_start, (nuint)Length);
        _start = null;
    }
}
