using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Lifeline.Linux;

namespace Lifeline.Ipc;

/// <summary>
/// Reads a board that another process writes. A read makes no system call, takes no lock, allocates nothing, and never waits for the writer: who is
/// killed in the middle of a write leaves the value before it. Whatever the memory holds, a read stays within it and ends after
/// <see cref="MaxAttempts"/> attempts. Thread-safe.
/// </summary>
public sealed unsafe class SharedBoardReader : IDisposable
{
    /// <summary>How often a read begins anew because the writer was faster: 64.</summary>
    public const int MaxAttempts = 64;

    private readonly byte* _start;
    private readonly int _stride;
    private readonly int _bufferBytes;
    private readonly SharedBoardHeader _header;

    // A map, which its finalizer unmaps when no read holds this object any more: so a read on one thread and Dispose on another never meet. Or a pinned array.
    private object? _owner;

    private SharedBoardReader(byte* start, int length, object owner)
    {
        _start = start;
        _owner = owner;
        _header = ReadHeader(start, length);
        _stride = SharedBoard.StrideOf(_header.SlotSize);
        _bufferBytes = SharedBoard.BufferBytesOf(_header.SlotSize);
    }

    /// <summary>Reads a board in a block of shared memory.</summary>
    /// <param name="block">The block; the caller keeps it and may dispose it.</param>
    /// <exception cref="IpcException"><see cref="IpcError.ProtocolMismatch"/>: there is no board in it, or one of another layout.</exception>
    public SharedBoardReader(SharedBlock block)
        : this(MapOf(block), block.Hold())
    {
    }

    private SharedBoardReader(MemoryMapping mapping, BlockCharge? charge = null)
        : this(mapping.Pointer, mapping.Length, charge is null ? mapping : (mapping, charge))
    {
    }

    /// <summary>What the board says of itself, as it was when this object was made.</summary>
    public SharedBoardHeader Header => _header;

    /// <summary>Whether its writer closed it: nothing will be written any more; a newer board may be where this one was.</summary>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public bool IsClosed
    {
        get
        {
            var owner = Hold();
            var closed = Volatile.Read(ref SharedBoard.Number(_start + SharedBoard.StateOffset)) == SharedBoard.Closed;
            GC.KeepAlive(owner);
            return closed;
        }
    }

    /// <summary>
    /// Maps a board in a file. Only for files of those whom this process trusts: who cuts the file off while it is mapped ends this process
    /// (SIGBUS). See <see cref="Load"/>.
    /// </summary>
    /// <param name="path">The file; a link at its end is not followed.</param>
    /// <exception cref="IpcException">
    /// <see cref="IpcError.NotFound"/>: it cannot be opened. <see cref="IpcError.ProtocolMismatch"/>: it holds no board, or one of another layout.
    /// </exception>
    public static SharedBoardReader Open(string path)
    {
        using var file = OpenFile(path, out var length);
        try
        {
            return new SharedBoardReader(MemoryMapping.OfFile(file, length));
        }
        catch (LinuxException e)
        {
            throw MemoryErrors.Refused($"The board {path} cannot be mapped", e);
        }
    }

    /// <summary>Reads a board in a file once, as it is now. Safe with files of strangers; what is written later is not seen.</summary>
    /// <param name="path">The file; a link at its end is not followed.</param>
    /// <exception cref="IpcException">
    /// <see cref="IpcError.NotFound"/>: it cannot be opened. <see cref="IpcError.ProtocolMismatch"/>: it holds no board, or one of another layout.
    /// </exception>
    public static SharedBoardReader Load(string path)
    {
        using var file = OpenFile(path, out var length);
        var copy = GC.AllocateArray<byte>(length, pinned: true);
        try
        {
            var read = 0;
            while (read < length && file.ReadAt(copy.AsSpan(read), read) is var count and > 0)
                read += count;
        }
        catch (LinuxException e)
        {
            throw new IpcException(IpcError.NotFound, $"The board {path} cannot be read: {e.Message}", e);
        }

        // A file that was cut off meanwhile leaves zeros, which no check takes for a value.
        return new SharedBoardReader((byte*)Unsafe.AsPointer(ref copy[0]), length, copy);
    }

    /// <summary>The number of the last value of a slot, which grows with each; 0 for none: tells cheaply whether there is something new.</summary>
    /// <param name="slot">0 to the number of slots less one.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public long ReadGeneration(int slot)
    {
        var owner = Hold();
        var generation = (long)Volatile.Read(ref SharedBoard.Word(SlotAt(slot)));
        GC.KeepAlive(owner);
        return generation;
    }

    /// <summary>Reads the last whole value of a slot.</summary>
    /// <param name="slot">0 to the number of slots less one.</param>
    /// <param name="destination">Where to; at least <see cref="SharedBoardHeader.SlotSize"/> bytes. Undefined unless there is a value.</param>
    /// <param name="length">The bytes of the value.</param>
    /// <param name="generation">Its number.</param>
    /// <exception cref="ArgumentException">There is no such slot, or the destination is too small.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public SharedBoardResult Read(int slot, Span<byte> destination, out int length, out long generation)
    {
        if (destination.Length < _header.SlotSize)
            ThrowTooSmall(destination.Length);
        var owner = Hold();
        var at = SlotAt(slot);
        var result = SharedBoardResult.Busy;
        length = 0;
        ulong published = 0;
        for (var attempt = 0; attempt < MaxAttempts && result == SharedBoardResult.Busy; attempt++)
        {
            published = Volatile.Read(ref SharedBoard.Word(at));
            if (published == 0)
                result = SharedBoardResult.Empty;
            else
                result = Copy(at, published, destination, ref length);
        }

        GC.KeepAlive(owner);
        generation = (long)published;
        if (result != SharedBoardResult.Value)
            length = 0;
        return result;
    }

    /// <summary>Reads the last whole value of a slot, if it is as long as <typeparamref name="T"/>.</summary>
    /// <typeparam name="T">A type for which every pattern of bits is a value, no larger than <see cref="SharedBoardHeader.SlotSize"/>.</typeparam>
    /// <param name="slot">0 to the number of slots less one.</param>
    /// <param name="value">The value.</param>
    /// <param name="generation">Its number.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public bool TryRead<T>(int slot, out T value, out long generation)
        where T : unmanaged
    {
        var owner = Hold();
        var at = SlotAt(slot);
        Unsafe.SkipInit(out value);
        generation = 0;
        var found = false;
        for (var attempt = 0; attempt < MaxAttempts && sizeof(T) <= _header.SlotSize; attempt++)
        {
            var published = Volatile.Read(ref SharedBoard.Word(at));
            if (published == 0)
                break;
            var buffer = at + SharedBoard.SlotHeadBytes + ((int)(published & 1) * _bufferBytes);
            if (Volatile.Read(ref SharedBoard.Word(buffer)) == published)
            {
                var length = Volatile.Read(ref SharedBoard.Number(buffer + SharedBoard.LengthOffset));
                value = Unsafe.ReadUnaligned<T>(buffer + SharedBoard.BufferHeadBytes);
                Volatile.ReadBarrier();
                if (Volatile.Read(ref SharedBoard.Word(buffer)) == published)
                {
                    generation = (long)published;
                    found = length == sizeof(T);
                    break;
                }
            }
        }

        if (!found)
            value = default;
        GC.KeepAlive(owner);
        return found;
    }

    /// <summary>Whether the process that the board names as its writer lives. Asks the kernel.</summary>
    public bool IsWriterAlive() =>
        ProcFs.TryReadStat(_header.WriterPid) is { IsZombie: false } stat && (long)stat.StartTimeTicks == _header.WriterStartTicks;

    /// <summary>Lets go of the memory. May be called twice; reads in progress on other threads end as usual.</summary>
    public void Dispose() => Volatile.Write(ref _owner, null);

    private static MemoryMapping MapOf(SharedBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        return block.MapPlain(SharedBlockAccess.Read);
    }

    private static Descriptor OpenFile(string path, out int length)
    {
        ArgumentNullException.ThrowIfNull(path);
        Descriptor? file = null;
        try
        {
            file = Descriptor.Open(path, OpenFlags.Read | OpenFlags.NoFollow | OpenFlags.NonBlocking);
            var status = file.Stat();
            if (status.Kind != FileKind.Regular || status.Size is < SharedBoard.HeaderBytes or > SharedBoard.MaxBytes)
                throw new IpcException(IpcError.ProtocolMismatch, $"{path} is no board: a {status.Kind} of {status.Size} bytes.");
            length = (int)status.Size;
            return file;
        }
        catch (LinuxException e)
        {
            file?.Dispose();
            throw new IpcException(IpcError.NotFound, $"The board {path} cannot be opened: {e.Message}", e);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    internal static SharedBoardHeader ReadHeader(byte* start, int length)
    {
        if (length < SharedBoard.HeaderBytes || Volatile.Read(ref SharedBoard.Word(start)) != SharedBoard.Magic)
            throw new IpcException(IpcError.ProtocolMismatch, "There is no board in the memory.");
        var version = SharedBoard.Number(start + SharedBoard.VersionOffset);
        if (version != SharedBoard.LayoutVersion)
            throw new IpcException(IpcError.ProtocolMismatch, $"The board has layout {version}, and {SharedBoard.LayoutVersion} is known.");
        // Read once: what is checked is what is used, whatever the writer does.
        var header = new SharedBoardHeader(
            Volatile.Read(ref SharedBoard.Number(start + SharedBoard.SlotsOffset)),
            Volatile.Read(ref SharedBoard.Number(start + SharedBoard.SlotSizeOffset)),
            SharedBoard.Number(start + SharedBoard.WriterPidOffset),
            (long)SharedBoard.Word(start + SharedBoard.WriterStartOffset),
            (long)SharedBoard.Word(start + SharedBoard.EpochOffset));
        if (SharedBoard.Check(header.Slots, header.SlotSize) is { } wrong)
            throw new IpcException(IpcError.ProtocolMismatch, $"The header of the board is spoiled: {wrong}");
        var size = SharedBoard.SizeOf(header.Slots, header.SlotSize);
        return size <= length ? header
            : throw new IpcException(IpcError.ProtocolMismatch, $"The board should have {size} bytes and has {length}.");
    }

    private SharedBoardResult Copy(byte* at, ulong published, Span<byte> destination, ref int length)
    {
        var buffer = at + SharedBoard.SlotHeadBytes + ((int)(published & 1) * _bufferBytes);
        if (Volatile.Read(ref SharedBoard.Word(buffer)) != published)
            return Again(at, published);
        // Read once: the writer may change it between two looks.
        var claimed = Volatile.Read(ref SharedBoard.Number(buffer + SharedBoard.LengthOffset));
        if ((uint)claimed > (uint)_header.SlotSize)
            return Again(at, published);
        new ReadOnlySpan<byte>(buffer + SharedBoard.BufferHeadBytes, claimed).CopyTo(destination);
        Volatile.ReadBarrier();
        if (Volatile.Read(ref SharedBoard.Word(buffer)) != published)
            return Again(at, published);
        length = claimed;
        return SharedBoardResult.Value;
    }

    // A buffer that does not fit its published number is either being written again, which a newer number tells, or spoiled, which stays so.
    private static SharedBoardResult Again(byte* at, ulong published) =>
        Volatile.Read(ref SharedBoard.Word(at)) == published ? SharedBoardResult.Spoiled : SharedBoardResult.Busy;

    private object Hold()
    {
        var owner = Volatile.Read(ref _owner);
        ObjectDisposedException.ThrowIf(owner is null, this);
        return owner;
    }

    private byte* SlotAt(int slot)
    {
        if ((uint)slot >= (uint)_header.Slots)
            ThrowNoSlot(slot);
        return _start + SharedBoard.HeaderBytes + ((nint)slot * _stride);
    }

    [DoesNotReturn]
    private void ThrowNoSlot(int slot) =>
        throw new ArgumentOutOfRangeException(nameof(slot), slot, $"The board has {_header.Slots} slots.");

    [DoesNotReturn]
    private void ThrowTooSmall(int length) =>
        throw new ArgumentException($"A value has up to {_header.SlotSize} bytes, and the destination {length}.");
}
