using Lifeline.Linux;

namespace Lifeline.Ipc.Death;

/// <summary>
/// A page of this process that others map, with words that the kernel marks when the process begins to end. One for each
/// process, whatever it has of endpoints; made with the first session and never given back.
/// </summary>
internal sealed unsafe class LifePage
{
    /// <summary>Words in the page. Peers get different ones as far as they go: the kernel wakes one waiter of each word.</summary>
    internal const int Words = 64;

    /// <summary>Bytes from one word to the next.</summary>
    internal const int Stride = 16;

    /// <summary>What is too large to be a page of any machine.</summary>
    internal const int MaxBytes = 64 << 10;

    private static readonly Lazy<(LifePage? Page, string? Why)> s_own = new(Make);

    // It stays open: it goes with every handshake.
    private readonly MemoryFile _file;
    private readonly MemoryMapping _mapping;
    private int _given;

    private LifePage(MemoryFile file, MemoryMapping mapping)
    {
        _file = file;
        _mapping = mapping;
        FileStatus status = file.Stat();
        Identity = (status.Device, status.Inode);
    }

    /// <summary>A descriptor of it for a peer; null if this process can have no further one.</summary>
    internal Descriptor? TryShare()
    {
        try
        {
            return _file.Duplicate();
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    /// <summary>What tells it from other pages.</summary>
    internal (ulong Device, ulong Inode) Identity { get; }

    /// <summary>This process's page; null where the system does not give one.</summary>
    /// <param name="why">Why not.</param>
    internal static LifePage? TryGet(out string? why)
    {
        (LifePage? page, why) = s_own.Value;
        return page;
    }

    /// <summary>The word for the next peer.</summary>
    internal int NextWord() => (int)((uint)(Interlocked.Increment(ref _given) - 1) % Words);

    /// <summary>Where a word is.</summary>
    internal static uint* Word(MemoryMapping mapping, int index) => (uint*)(mapping.Pointer + (index * Stride));

    private static (LifePage? Page, string? Why) Make()
    {
        MemoryFile? file = null;
        try
        {
            int size = Environment.SystemPageSize;
            file = MemoryFile.Create("lifeline-life", size);
            MemoryMapping mapping = file.Map(0, size, writable: true);
            // A child that goes on without exec would have it writable.
            mapping.KeepFromChildren();
            file.Seal(MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.FutureWrite | MemorySeals.Seal);
            var page = new LifePage(file, mapping);
            LifeWatch.HoldFor(page);
            return (page, null);
        }
        catch (LinuxException e)
        {
            file?.Dispose();
            return (null, e.Message);
        }
    }

    /// <summary>Has the calling thread, which lives as long as the process, hold the words.</summary>
    internal void Hold() => RobustWords.Hold(Word(_mapping, 0), Words, Stride);
}
