using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Lifeline.Linux;

namespace Lifeline.Ipc;

/// <summary>
/// A block of shared memory as this process sees it. Keep it in a <c>using</c> variable while its spans are in use: a span ends with
/// <see cref="Dispose"/>, and with the map itself.
/// </summary>
/// <remarks>
/// <see cref="ReadTo"/>, <see cref="WriteFrom"/>, and a <see cref="Memory{T}"/> that was pinned (as streams and sockets do) hold the map
/// while they run: disposal on another thread then takes effect when they are done. A span holds nothing.
/// Thread-safe, as far as the bytes are: everybody who maps them may change them at any moment.
/// </remarks>
public sealed unsafe class SharedMap : IDisposable
{
    private readonly MemoryMapping _mapping;
    private readonly MapMemory _memory;
    private readonly BlockCharge? _charge;
    // The map's own hold, and one for each use in progress. Zero is the end.
    private int _holds = 1;
    private int _disposed;

    internal SharedMap(MemoryMapping mapping, SharedBlockAccess access, BlockCharge? charge = null)
    {
        _mapping = mapping;
        _charge = charge;
        _memory = new MapMemory(this);
        Access = access;
        Size = mapping.Length;
    }

    /// <summary>Bytes.</summary>
    public int Size { get; }

    /// <summary>What it was mapped for.</summary>
    public SharedBlockAccess Access { get; }

    /// <summary>The bytes, to be read in place.</summary>
    /// <exception cref="IpcException"><see cref="IpcError.PermissionDenied"/>: it is mapped for writing only.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            Demand(SharedBlockAccess.Read);
            return Raw;
        }
    }

    /// <summary>The bytes, to be written in place.</summary>
    /// <exception cref="IpcException"><see cref="IpcError.PermissionDenied"/>: it is mapped for reading only.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public Span<byte> WritableBytes
    {
        get
        {
            Demand(SharedBlockAccess.Write);
            return Raw;
        }
    }

    /// <summary>The bytes for APIs that take a <see cref="ReadOnlyMemory{T}"/>. After disposal its span is refused.</summary>
    /// <exception cref="IpcException"><see cref="IpcError.PermissionDenied"/>: it is mapped for writing only.</exception>
    public ReadOnlyMemory<byte> Memory
    {
        get
        {
            Demand(SharedBlockAccess.Read);
            return _memory.Memory;
        }
    }

    /// <summary>The bytes for APIs that fill a <see cref="Memory{T}"/>. After disposal its span is refused.</summary>
    /// <exception cref="IpcException"><see cref="IpcError.PermissionDenied"/>: it is mapped for reading only.</exception>
    public Memory<byte> WritableMemory
    {
        get
        {
            Demand(SharedBlockAccess.Write);
            return _memory.Memory;
        }
    }

    internal byte* Pointer => _mapping.Pointer;

    private Span<byte> Raw => new(_mapping.Pointer, Size);

    /// <summary>The bytes as values, to be read in place; what is left over at the end is not seen.</summary>
    /// <typeparam name="T">A type for which every pattern of bits is a value: others can write anything.</typeparam>
    /// <exception cref="IpcException"><see cref="IpcError.PermissionDenied"/>: it is mapped for writing only.</exception>
    public ReadOnlySpan<T> AsReadOnlySpan<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes);

    /// <summary>The bytes as values, to be written in place; what is left over at the end is not seen.</summary>
    /// <typeparam name="T">A type for which every pattern of bits is a value: others can write anything.</typeparam>
    /// <exception cref="IpcException"><see cref="IpcError.PermissionDenied"/>: it is mapped for reading only.</exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(WritableBytes);

    /// <summary>Copies bytes out.</summary>
    /// <param name="destination">Filled whole.</param>
    /// <param name="offset">Where in the block it begins.</param>
    /// <exception cref="IpcException">
    /// <see cref="IpcError.CheckParam"/>: it reaches beyond the block. <see cref="IpcError.PermissionDenied"/>: it is mapped for writing only.
    /// </exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public void ReadTo(Span<byte> destination, int offset = 0)
    {
        Demand(SharedBlockAccess.Read);
        CheckRange(offset, destination.Length);
        Enter();
        try
        {
            new ReadOnlySpan<byte>(_mapping.Pointer + offset, destination.Length).CopyTo(destination);
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Copies bytes in.</summary>
    /// <param name="source">Written whole.</param>
    /// <param name="offset">Where in the block it begins.</param>
    /// <exception cref="IpcException">
    /// <see cref="IpcError.CheckParam"/>: it reaches beyond the block. <see cref="IpcError.PermissionDenied"/>: it is mapped for reading only.
    /// </exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public void WriteFrom(ReadOnlySpan<byte> source, int offset = 0)
    {
        Demand(SharedBlockAccess.Write);
        CheckRange(offset, source.Length);
        Enter();
        try
        {
            source.CopyTo(new Span<byte>(_mapping.Pointer + offset, source.Length));
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Takes the map away, when the last use in progress is done. May be called twice.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            Exit();
    }

    /// <summary>Keeps the memory mapped until <see cref="Exit"/>.</summary>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    internal void Enter()
    {
        var holds = Volatile.Read(ref _holds);
        while (true)
        {
            ObjectDisposedException.ThrowIf(holds == 0 || Volatile.Read(ref _disposed) != 0, this);
            var seen = Interlocked.CompareExchange(ref _holds, holds + 1, holds);
            if (seen == holds)
                return;
            holds = seen;
        }
    }

    internal void Exit()
    {
        if (Interlocked.Decrement(ref _holds) != 0)
            return;
        _mapping.Dispose();
        _charge?.Release();
    }

    private void Demand(SharedBlockAccess access)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        if ((Access & access) == 0)
            ThrowNotMappedFor(access);
    }

    [DoesNotReturn]
    private void ThrowNotMappedFor(SharedBlockAccess access) =>
        throw new IpcException(IpcError.PermissionDenied, $"The block is mapped for {Access}, not for {access}.");

    private void CheckRange(int offset, int length)
    {
        if (offset < 0 || length > Size - offset)
            throw new IpcException(IpcError.CheckParam, $"{length} bytes at {offset} are not within the {Size} bytes of the block.");
    }

    private sealed class MapMemory(SharedMap map) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan()
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref map._disposed) != 0, map);
            return map.Raw;
        }

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            if ((uint)elementIndex > (uint)map.Size)
                throw new ArgumentOutOfRangeException(nameof(elementIndex), elementIndex, $"The block has {map.Size} bytes.");
            map.Enter();
            return new MemoryHandle(map._mapping.Pointer + elementIndex, pinnable: this);
        }

        public override void Unpin() => map.Exit();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                map.Dispose();
        }
    }
}
