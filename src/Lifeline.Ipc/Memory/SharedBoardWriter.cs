using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lifeline.Linux;
using Microsoft.Win32.SafeHandles;

namespace Lifeline.Ipc;

/// <summary>
/// Writes a board: in memory (<see cref="Create"/>; a write makes no system call) or in a file that others find by its name
/// (<see cref="CreateFile"/>; a write makes five, and a full disk is an error instead of the end of the process).
/// Never waits for readers. Different slots may be written by different threads, one slot by one thread at a time.
/// </summary>
public sealed unsafe partial class SharedBoardWriter : IDisposable
{
    private readonly ulong[] _published;
    private readonly int _stride;
    private readonly int _bufferBytes;
    private readonly byte* _start;
    private readonly SharedBlock? _block;
    private readonly SafeFileHandle? _file;

    // As in the reader: unmapped by its finalizer, when no write is in progress.
    private object? _owner;

    private SharedBoardWriter(SharedBoardHeader header, SharedBlock? block, MemoryMapping? mapping, SafeFileHandle? file)
    {
        Header = header;
        _published = new ulong[header.Slots];
        _stride = SharedBoard.StrideOf(header.SlotSize);
        _bufferBytes = SharedBoard.BufferBytesOf(header.SlotSize);
        _block = block;
        _file = file;
        _owner = (object?)mapping ?? file;
        _start = mapping is null ? null : mapping.Pointer;
    }

    // Where the test build ends a process in the middle of a write. It has a body there alone: elsewhere the calls are not even compiled.
    static partial void Stored(string what);

    /// <summary>What the board says of itself.</summary>
    public SharedBoardHeader Header { get; }

    /// <summary>Makes an empty board in memory.</summary>
    /// <param name="name">For people who look into /proc.</param>
    /// <param name="slots">1 to <see cref="SharedBoard.MaxSlots"/>.</param>
    /// <param name="slotSize">Most bytes of a value: 1 to <see cref="SharedBoard.MaxSlotSize"/>.</param>
    /// <param name="epoch">A number of the caller's, to tell this board from others.</param>
    /// <exception cref="IpcException"><see cref="IpcError.CheckParam"/>: beyond a limit. <see cref="IpcError.Allocator"/>: no memory.</exception>
    public static SharedBoardWriter Create(string name, int slots, int slotSize, long epoch = 0)
    {
        var block = SharedBlock.Create(name, SharedBoard.SizeOf(slots, slotSize));
        try
        {
            var mapping = block.MapPlain(SharedBlockAccess.ReadWrite);
            var header = HeaderOf(slots, slotSize, epoch);
            WriteHeader(mapping.Span, header);
            return new SharedBoardWriter(header, block, mapping, null);
        }
        catch
        {
            block.Dispose();
            throw;
        }
    }

    /// <summary>Goes on with a board whose writer is gone. Its values stay.</summary>
    /// <param name="block">A block that may be written; the caller keeps it.</param>
    /// <param name="epoch">The new epoch.</param>
    /// <exception cref="IpcException"><see cref="IpcError.ProtocolMismatch"/>: it holds no board. <see cref="IpcError.PermissionDenied"/>: it is read-only.</exception>
    public static SharedBoardWriter TakeOver(SharedBlock block, long epoch = 0)
    {
        ArgumentNullException.ThrowIfNull(block);
        var mapping = block.MapPlain(SharedBlockAccess.ReadWrite);
        var old = SharedBoardReader.ReadHeader(mapping.Pointer, mapping.Length);
        var header = HeaderOf(old.Slots, old.SlotSize, epoch);
        WriteHeader(mapping.Span, header);
        var writer = new SharedBoardWriter(header, block.Duplicate(), mapping, null);
        for (var slot = 0; slot < header.Slots; slot++)
            writer._published[slot] = Volatile.Read(ref SharedBoard.Word(mapping.Pointer + SharedBoard.HeaderBytes + ((nint)slot * writer._stride)));
        return writer;
    }

    /// <summary>Makes an empty board in a new file.</summary>
    /// <param name="path">The file, which must not exist: write to a new name, and rename it when the first values are in.</param>
    /// <param name="slots">1 to <see cref="SharedBoard.MaxSlots"/>.</param>
    /// <param name="slotSize">Most bytes of a value: 1 to <see cref="SharedBoard.MaxSlotSize"/>.</param>
    /// <param name="epoch">A number of the caller's, to tell this board from others.</param>
    /// <param name="mode">Who may read it, whatever the umask; default: everybody (0644).</param>
    /// <exception cref="IpcException"><see cref="IpcError.CheckParam"/>: beyond a limit.</exception>
    /// <exception cref="IOException">The file cannot be made, or the disk is full.</exception>
    public static SharedBoardWriter CreateFile(
        string path, int slots, int slotSize, long epoch = 0,
        UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead)
    {
        ArgumentNullException.ThrowIfNull(path);
        var size = SharedBoard.SizeOf(slots, slotSize);
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            File.SetUnixFileMode(file, mode);
            var header = HeaderOf(slots, slotSize, epoch);
            var bytes = new byte[SharedBoard.HeaderBytes];
            WriteHeader(bytes, header);
            RandomAccess.SetLength(file, size);
            RandomAccess.Write(file, bytes, 0);
            return new SharedBoardWriter(header, null, null, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The memory of the board, to be passed to readers: they cannot write it.</summary>
    /// <returns>A block; the caller disposes it.</returns>
    /// <exception cref="InvalidOperationException">The board is a file.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public SharedBlock Share()
    {
        if (_block is null)
            throw new InvalidOperationException("This board is a file: its readers open it by its name.");
        var share = _block.Duplicate();
        share.SetProtection(SharedBlockAccess.Read);
        return share;
    }

    /// <summary>Writes a value. Once this returns, any reader finds it, whatever happens to this process.</summary>
    /// <param name="slot">0 to the number of slots less one.</param>
    /// <param name="value">At most <see cref="SharedBoardHeader.SlotSize"/> bytes.</param>
    /// <returns>The number of the value.</returns>
    /// <exception cref="ArgumentException">There is no such slot, or the value is too long.</exception>
    /// <exception cref="IOException">The board is a file, and the disk is full; readers find the value before it.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public long Write(int slot, ReadOnlySpan<byte> value)
    {
        var owner = Hold();
        if (value.Length > Header.SlotSize)
            ThrowTooLong(value.Length);
        var number = Next(slot);
        if (_file is not null)
        {
            WriteFile(slot, number, value);
        }
        else
        {
            var at = _start + SharedBoard.HeaderBytes + ((nint)slot * _stride);
            var buffer = at + SharedBoard.SlotHeadBytes + ((int)(number & 1) * _bufferBytes);
            Volatile.Write(ref SharedBoard.Word(buffer), 0);
            Stored("none");
            Volatile.WriteBarrier();
            SharedBoard.Number(buffer + SharedBoard.LengthOffset) = value.Length;
            Stored("length");
            value.CopyTo(new Span<byte>(buffer + SharedBoard.BufferHeadBytes, _bufferBytes - SharedBoard.BufferHeadBytes));
            Stored("value");
            Volatile.Write(ref SharedBoard.Word(buffer), number);
            Stored("number");
            Volatile.Write(ref SharedBoard.Word(at), number);
            Stored("published");
        }

        _published[slot] = number;
        GC.KeepAlive(owner);
        return (long)number;
    }

    /// <summary>Writes a value. Once this returns, any reader finds it, whatever happens to this process.</summary>
    /// <typeparam name="T">No larger than <see cref="SharedBoardHeader.SlotSize"/>.</typeparam>
    /// <param name="slot">0 to the number of slots less one.</param>
    /// <param name="value">The value.</param>
    /// <returns>The number of the value.</returns>
    /// <exception cref="ArgumentException">There is no such slot, or the value is too long.</exception>
    /// <exception cref="IOException">The board is a file, and the disk is full; readers find the value before it.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public long Write<T>(int slot, in T value)
        where T : unmanaged => Write(slot, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>Tells readers that nothing more will be written, and lets go of the board. A file stays. May be called twice.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _owner, null) is not { } owner)
            return;
        if (owner is SafeFileHandle file)
            CloseFile(file);
        else
            Volatile.Write(ref SharedBoard.Number(_start + SharedBoard.StateOffset), SharedBoard.Closed);
        _block?.Dispose();
        GC.KeepAlive(owner);
    }

    private static void CloseFile(SafeFileHandle file)
    {
        try
        {
            Span<byte> closed = [SharedBoard.Closed, 0, 0, 0];
            RandomAccess.Write(file, closed, SharedBoard.StateOffset);
        }
        catch (IOException)
        {
            // Only a hint: readers also see that the file of that name is another one now.
        }

        file.Dispose();
    }

    private static SharedBoardHeader HeaderOf(int slots, int slotSize, long epoch) =>
        new(slots, slotSize, CurrentProcess.Id, (long)(ProcFs.TryReadStat(CurrentProcess.Id)?.StartTimeTicks ?? 0), epoch);

    private static void WriteHeader(Span<byte> target, SharedBoardHeader header)
    {
        fixed (byte* start = target)
        {
            SharedBoard.Number(start + SharedBoard.VersionOffset) = SharedBoard.LayoutVersion;
            SharedBoard.Number(start + SharedBoard.SlotSizeOffset) = header.SlotSize;
            SharedBoard.Number(start + SharedBoard.SlotsOffset) = header.Slots;
            SharedBoard.Number(start + SharedBoard.WriterPidOffset) = header.WriterPid;
            SharedBoard.Word(start + SharedBoard.WriterStartOffset) = (ulong)header.WriterStartTicks;
            SharedBoard.Word(start + SharedBoard.EpochOffset) = (ulong)header.Epoch;
            SharedBoard.Number(start + SharedBoard.StateOffset) = SharedBoard.Written;
            // The magic comes last: a reader never takes a half made header for a board.
            Volatile.Write(ref SharedBoard.Word(start), SharedBoard.Magic);
        }
    }

    // One call for each step, in their order: the kernel copies each under a lock of the file's page.
    private void WriteFile(int slot, ulong number, ReadOnlySpan<byte> value)
    {
        var at = SharedBoard.HeaderBytes + ((long)slot * _stride);
        var buffer = at + SharedBoard.SlotHeadBytes + ((long)(number & 1) * _bufferBytes);
        Span<byte> word = stackalloc byte[8];
        word.Clear();
        RandomAccess.Write(_file!, word, buffer);
        Stored("none");
        Unsafe.WriteUnaligned(ref word[0], (long)value.Length);
        RandomAccess.Write(_file!, word, buffer + SharedBoard.LengthOffset);
        Stored("length");
        RandomAccess.Write(_file!, value, buffer + SharedBoard.BufferHeadBytes);
        Stored("value");
        Unsafe.WriteUnaligned(ref word[0], number);
        RandomAccess.Write(_file!, word, buffer);
        Stored("number");
        RandomAccess.Write(_file!, word, at);
        Stored("published");
    }

    private object Hold()
    {
        var owner = Volatile.Read(ref _owner);
        ObjectDisposedException.ThrowIf(owner is null, this);
        return owner;
    }

    private ulong Next(int slot)
    {
        if ((uint)slot >= (uint)_published.Length)
            ThrowNoSlot(slot);
        var next = _published[slot] + 1;
        // 0 is no number; it is reached only where somebody else wrote the board.
        return next == 0 ? 2 : next;
    }

    [DoesNotReturn]
    private void ThrowNoSlot(int slot) =>
        throw new ArgumentOutOfRangeException(nameof(slot), slot, $"The board has {Header.Slots} slots.");

    [DoesNotReturn]
    private void ThrowTooLong(int length) =>
        throw new ArgumentException($"A value has up to {Header.SlotSize} bytes, and this one {length}.");
}
