using System.Runtime.InteropServices;

namespace Lifeline.Ipc;

/// <summary>Blocks of unmanaged memory for parcels: a few sizes, kept for reuse up to a bound. Thread-safe.</summary>
/// <remarks>
/// A parcel's data must not move while somebody reads it in place, and received parcels come and go with
/// every call: so blocks do not come from the garbage-collected heap, and freed ones are handed out again.
/// </remarks>
internal static unsafe class ParcelMemory
{
    // Sizes and how many of each are kept: at most 3.4 MiB lie idle in a process.
    private static readonly Shelf[] Shelves =
    [
        new(256, 64),
        new(1024, 64),
        new(4096, 64),
        new(16_384, 32),
        new(65_536, 16),
        new(Parcel.MaxDataSize, 8),
    ];

    /// <summary>The bytes that all idle blocks together may take.</summary>
    internal static int MaxIdleBytes
    {
        get
        {
            int sum = 0;
            foreach (Shelf shelf in Shelves)
                sum += shelf.BlockSize * shelf.MaxIdle;
            return sum;
        }
    }

    /// <summary>The bytes that idle blocks take now.</summary>
    internal static int IdleBytes
    {
        get
        {
            int sum = 0;
            foreach (Shelf shelf in Shelves)
                sum += shelf.BlockSize * shelf.Idle;
            return sum;
        }
    }

    /// <summary>Gives a block of at least <paramref name="minimum"/> bytes, contents undefined.</summary>
    /// <param name="minimum">1 to <see cref="Parcel.MaxDataSize"/>.</param>
    /// <param name="length">The real length, to be given back with the block.</param>
    internal static byte* Rent(int minimum, out int length)
    {
        foreach (Shelf shelf in Shelves)
        {
            if (shelf.BlockSize < minimum)
                continue;
            length = shelf.BlockSize;
            return shelf.Take();
        }

        throw new ArgumentOutOfRangeException(nameof(minimum), minimum, "No block of a parcel is that large.");
    }

    /// <summary>Takes a block back.</summary>
    /// <param name="block">What <see cref="Rent"/> gave.</param>
    /// <param name="length">The length that it gave.</param>
    internal static void Return(byte* block, int length)
    {
        foreach (Shelf shelf in Shelves)
        {
            if (shelf.BlockSize != length)
                continue;
            shelf.Put(block);
            return;
        }

        throw new ArgumentOutOfRangeException(nameof(length), length, "No block of a parcel has this length.");
    }

    private sealed class Shelf(int blockSize, int maxIdle)
    {
        private readonly Lock _gate = new();
        private readonly nint[] _idle = new nint[maxIdle];
        private int _count;

        internal int BlockSize => blockSize;

        internal int MaxIdle => maxIdle;

        internal int Idle
        {
            get
            {
                lock (_gate)
                    return _count;
            }
        }

        internal byte* Take()
        {
            lock (_gate)
            {
                if (_count > 0)
                    return (byte*)_idle[--_count];
            }

            // The collector does not see unmanaged memory; without this, forgotten parcels would pile up
            // long before it finds a reason to run their finalizers.
            GC.AddMemoryPressure(blockSize);
            return (byte*)NativeMemory.Alloc((nuint)blockSize);
        }

        internal void Put(byte* block)
        {
            lock (_gate)
            {
                if (_count < maxIdle)
                {
                    _idle[_count++] = (nint)block;
                    return;
                }
            }

            NativeMemory.Free(block);
            GC.RemoveMemoryPressure(blockSize);
        }
    }
}
