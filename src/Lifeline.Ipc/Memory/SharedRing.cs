using System.Runtime.CompilerServices;

namespace Lifeline.Ipc;

/// <summary>
/// One side of a ring of bytes in shared memory. Little-endian: magic (8), layout version (4), capacity (4); at 128 the writer's line, at 256 the
/// reader's: index (8, bytes since the beginning), state (4: 0 open, 1 ended), waiting (4: 1 when it wants to be woken); at 4096 the bytes.
/// Each side believes only its own copy of its own index; what it reads of the other's is checked against it before use.
/// Not thread-safe: one thread at a time uses a side.
/// </summary>
internal sealed unsafe partial class SharedRing
{
    internal const int HeaderBytes = 4096;

    private const ulong Magic = 0x314D5453464C4C4C;
    private const int LayoutVersion = 1;
    private const int VersionOffset = 8;
    private const int CapacityOffset = 12;
    private const int WriterLine = 128;
    private const int ReaderLine = 256;
    private const int StateOffset = 8;
    private const int WaitingOffset = 12;

    // Published in parts, so that both sides copy at the same time.
    private const int PartsOfCapacity = 8;

    private readonly byte* _start;
    private readonly byte* _mine;
    private readonly byte* _theirs;
    private readonly int _capacity;
    private readonly bool _isWriter;
    private ulong _index;
    private ulong _other;

    private SharedRing(SharedMap map, int capacity, bool isWriter)
    {
        _start = map.Pointer;
        _capacity = capacity;
        _isWriter = isWriter;
        _mine = _start + (isWriter ? WriterLine : ReaderLine);
        _theirs = _start + (isWriter ? ReaderLine : WriterLine);
    }

    /// <summary>Where the test build ends a process in the middle. It has a body there alone: elsewhere the calls are not even compiled.</summary>
    static partial void Stored(string what);

    /// <summary>Whether the other side said that it ended.</summary>
    internal bool PeerEnded => Volatile.Read(ref Number(_theirs + StateOffset)) != 0;

    /// <summary>Bytes written and not yet read, as far as is known: within 0 and the capacity.</summary>
    internal int Filled
    {
        get
        {
            Refresh();
            return (int)(_isWriter ? _index - _other : _other - _index);
        }
    }

    internal static void Initialize(SharedMap map, int capacity)
    {
        fixed (byte* start = map.WritableBytes)
        {
            Number(start + VersionOffset) = LayoutVersion;
            Number(start + CapacityOffset) = capacity;
            Volatile.Write(ref Word(start), Magic);
        }
    }

    /// <exception cref="IpcException">There is no such ring in the memory.</exception>
    internal static SharedRing Open(SharedMap map, int capacity, bool isWriter)
    {
        var ring = new SharedRing(map, capacity, isWriter);
        if (map.Size != HeaderBytes + capacity
            || Volatile.Read(ref Word(ring._start)) != Magic
            || Number(ring._start + VersionOffset) != LayoutVersion
            || Number(ring._start + CapacityOffset) != capacity)
        {
            throw new IpcException(IpcError.ParcelRead, $"The memory holds no ring of {capacity} bytes of layout {LayoutVersion}.");
        }

        // An end that was handed on goes on where it was.
        ring._index = Volatile.Read(ref Word(ring._mine));
        ring._other = Volatile.Read(ref Word(ring._theirs));
        ring.Check(ring._other);
        return ring;
    }

    /// <summary>Takes what is there.</summary>
    /// <returns>How many bytes; 0 if there are none now.</returns>
    internal int Read(Span<byte> destination)
    {
        Refresh();
        var count = Math.Min(Math.Min((int)(_other - _index), destination.Length), Math.Max(_capacity / PartsOfCapacity, 1));
        if (count == 0)
            return 0;
        var at = (int)(_index & (uint)(_capacity - 1));
        var first = Math.Min(count, _capacity - at);
        Data(at, first).CopyTo(destination);
        Data(0, count - first).CopyTo(destination[first..]);
        Stored("bytes");
        Publish(count);
        return count;
    }

    /// <summary>Puts in what fits.</summary>
    /// <returns>How many bytes; 0 if there is no room now.</returns>
    internal int Write(ReadOnlySpan<byte> source)
    {
        Refresh();
        var count = Math.Min(Math.Min(_capacity - (int)(_index - _other), source.Length), Math.Max(_capacity / PartsOfCapacity, 1));
        if (count == 0)
            return 0;
        var at = (int)(_index & (uint)(_capacity - 1));
        var first = Math.Min(count, _capacity - at);
        source[..first].CopyTo(Data(at, first));
        source[first..count].CopyTo(Data(0, count - first));
        Stored("bytes");
        Publish(count);
        return count;
    }

    /// <summary>Whether this side could go on now.</summary>
    internal bool CanMove()
    {
        Refresh();
        return _isWriter ? _index - _other < (uint)_capacity : _other != _index;
    }

    /// <summary>Says that this side will sleep. <see cref="CanMove"/> and <see cref="PeerEnded"/> must be looked at again afterwards.</summary>
    internal void BeginWaiting()
    {
        Volatile.Write(ref Number(_mine + WaitingOffset), 1);
        Stored("waiting");
        // Either this side sees what the other published, or the other sees that this one waits.
        Interlocked.MemoryBarrier();
    }

    internal void EndWaiting() => Volatile.Write(ref Number(_mine + WaitingOffset), 0);

    /// <summary>Whether the other side sleeps and has something to wake for; it is asked only once.</summary>
    internal bool TakeWaiting()
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref Number(_theirs + WaitingOffset)) == 0)
            return false;
        // A writer is woken for a quarter of the ring, not for each byte: it sleeps only when there is no room at all.
        if (!_isWriter && _other - _index > (uint)(_capacity - (_capacity / 4)))
            return false;
        bool waited = Interlocked.Exchange(ref Number(_theirs + WaitingOffset), 0) == 1;
        Stored("wake");
        return waited;
    }

    internal void End()
    {
        Volatile.Write(ref Number(_mine + StateOffset), 1);
        Stored("ended");
        Interlocked.MemoryBarrier();
    }

    private static ref ulong Word(byte* at) => ref Unsafe.AsRef<ulong>(at);

    private static ref int Number(byte* at) => ref Unsafe.AsRef<int>(at);

    private Span<byte> Data(int offset, int length) => new(_start + HeaderBytes + offset, length);

    private void Publish(int count)
    {
        _index += (uint)count;
        Volatile.Write(ref Word(_mine), _index);
        Stored("index");
    }

    private void Refresh()
    {
        // Read once, checked, then used.
        var other = Volatile.Read(ref Word(_theirs));
        if (other < _other)
            throw Corrupted(other);
        Check(other);
        _other = other;
    }

    private void Check(ulong other)
    {
        if ((_isWriter ? _index - other : other - _index) > (uint)_capacity)
            throw Corrupted(other);
    }

    private SharedStreamException Corrupted(ulong other) => new(
        SharedStreamFault.Corrupted,
        $"The other side wrote over the ring: its index is {other}, this side's {_index}, and {_capacity} bytes fit between.");
}
