using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Lifeline.Linux;

namespace Lifeline.Ipc.Rings;

/// <summary>
/// The memory that both sides of a session share: a page of indexes and a ring each way. The peer may write anything into it at
/// any moment. Unmapped when the last user has let go, so that no thread can look at an address that is gone.
/// </summary>
internal sealed unsafe class RingMemory
{
    /// <summary>Bytes before the first ring. It begins in the page of the indexes: a session that says little touches that page only.</summary>
    internal const int HeaderBytes = 2048;

    /// <summary>Bytes of the memory that are in no ring, before and after them: a page.</summary>
    private const int OutsideRings = 4096;

    /// <summary>The smallest ring, in bytes.</summary>
    internal const int MinRingBytes = 4096;

    /// <summary>The largest ring, in bytes.</summary>
    internal const int MaxRingBytes = 16 << 20;

    private const uint Magic = 0x474E_524C; // "LRNG"
    private const uint LayoutVersion = 2;
    private const int FirstLane = 512;
    private const int LaneBytes = 512;

    private readonly MemoryMapping _mapping;
    private int _uses = 1;

    private RingMemory(MemoryMapping mapping, int ringBytes)
    {
        _mapping = mapping;
        RingBytes = ringBytes;
    }

    /// <summary>Bytes of each ring; what was agreed on, never read from the memory.</summary>
    internal int RingBytes { get; }

    /// <summary>Whether a ring may have this size.</summary>
    internal static bool IsValidSize(long bytes) => bytes is >= MinRingBytes and <= MaxRingBytes && BitOperations.IsPow2(bytes);

    /// <summary>Makes the memory, sealed, and maps it.</summary>
    /// <param name="ringBytes">A valid size.</param>
    /// <param name="file">For the peer; the caller closes it.</param>
    /// <param name="why">What the system refused.</param>
    internal static RingMemory? TryCreate(int ringBytes, [NotNullWhen(true)] out MemoryFile? file, out string? why)
    {
        file = null;
        why = null;
        try
        {
            file = MemoryFile.Create("lifeline-rings", TotalBytes(ringBytes));
            file.Seal(MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.Seal);
            MemoryMapping mapping = file.Map(0, TotalBytes(ringBytes), writable: true);
            *(uint*)mapping.Pointer = Magic;
            *(uint*)(mapping.Pointer + 4) = LayoutVersion;
            *(uint*)(mapping.Pointer + 8) = (uint)ringBytes;
            return new RingMemory(mapping, ringBytes);
        }
        catch (LinuxException e)
        {
            why = e.Message;
            file?.Dispose();
            file = null;
            return null;
        }
    }

    /// <summary>Maps the memory that the peer offers, if nothing that the peer does to the file can make an access fault.</summary>
    /// <param name="offered">A descriptor of the peer's; it stays the caller's.</param>
    /// <param name="ringBytes">The size that the peer says.</param>
    /// <param name="why">Why it is not taken.</param>
    internal static RingMemory? TryOpen(Descriptor offered, uint ringBytes, out string? why)
    {
        why = null;
        try
        {
            if (!IsValidSize(ringBytes))
            {
                why = $"rings of {ringBytes} bytes; a power of two from {MinRingBytes} to {MaxRingBytes} is allowed";
                return null;
            }

            using var file = MemoryFile.FromDescriptor(offered);
            const MemorySeals needed = MemorySeals.Shrink | MemorySeals.Grow;
            MemorySeals seals = file.Seals;
            if ((seals & needed) != needed)
            {
                why = $"the seals are {seals}; {needed} are needed";
                return null;
            }

            // An odd multiple of 4096: so it is no file of huge pages either, whose holes can fault.
            long size = file.Size;
            if (size != TotalBytes((int)ringBytes))
            {
                why = $"{size} bytes of memory for rings of {ringBytes}";
                return null;
            }

            return new RingMemory(file.Map(0, TotalBytes((int)ringBytes), writable: true), (int)ringBytes);
        }
        catch (LinuxException e)
        {
            why = e.Message;
            return null;
        }
    }

    /// <summary>The indexes of one direction.</summary>
    /// <param name="fromCreator">Whether it is the direction in which the side that made the memory sends.</param>
    internal RingLane Lane(bool fromCreator) => new(
        _mapping.Pointer + FirstLane + (fromCreator ? 0 : LaneBytes),
        _mapping.Pointer + HeaderBytes + (fromCreator ? 0 : RingBytes),
        RingBytes);

    /// <summary>Keeps it mapped until <see cref="Release"/>.</summary>
    /// <returns>False if it is gone already.</returns>
    internal bool TryUse()
    {
        int uses = Volatile.Read(ref _uses);
        while (uses > 0)
        {
            int seen = Interlocked.CompareExchange(ref _uses, uses + 1, uses);
            if (seen == uses)
                return true;
            uses = seen;
        }

        return false;
    }

    /// <summary>Ends a use; the first one is the maker's own.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
            _mapping.Dispose();
    }

    private static int TotalBytes(int ringBytes) => OutsideRings + (2 * ringBytes);
}
