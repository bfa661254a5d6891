using Lifeline.Linux;

namespace Lifeline.Ipc;

/// <summary>
/// A block of bytes that was read from a parcel by <see cref="Parcel.ReadRawData"/>. The bytes never change: a large block is memory that
/// was sealed against writing before it was sent. Keep it in a <c>using</c> variable while <see cref="Bytes"/> is in use.
/// </summary>
public sealed class RawData : IDisposable
{
    private const MemorySeals Immutable = MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.Write;

    private readonly byte[]? _inline;
    private readonly SharedMap? _map;

    private RawData(byte[]? inline, SharedMap? map)
    {
        _inline = inline;
        _map = map;
    }

    /// <summary>Bytes.</summary>
    public int Size => _inline?.Length ?? _map!.Size;

    /// <summary>The bytes, in place.</summary>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public ReadOnlySpan<byte> Bytes => _map is null ? _inline : _map.Bytes;

    /// <summary>The bytes for APIs that take a <see cref="ReadOnlyMemory{T}"/>.</summary>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public ReadOnlyMemory<byte> Memory => _map is null ? _inline : _map.Memory;

    /// <summary>Copies bytes out.</summary>
    /// <param name="destination">Filled whole.</param>
    /// <param name="offset">Where in the block it begins.</param>
    /// <exception cref="IpcException"><see cref="IpcError.CheckParam"/>: it reaches beyond the block.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public void ReadTo(Span<byte> destination, int offset = 0)
    {
        if (_map is not null)
        {
            _map.ReadTo(destination, offset);
            return;
        }

        if (offset < 0 || destination.Length > Size - offset)
            throw new IpcException(IpcError.CheckParam, $"{destination.Length} bytes at {offset} are not within the {Size} bytes of the block.");
        _inline.AsSpan(offset, destination.Length).CopyTo(destination);
    }

    /// <summary>Gives the memory back. May be called twice.</summary>
    public void Dispose() => _map?.Dispose();

    internal static RawData OfBytes(ReadOnlySpan<byte> bytes) => new(bytes.ToArray(), null);

    /// <summary>Memory with these bytes that nobody can change any more.</summary>
    /// <exception cref="LinuxException">There is no memory or no descriptor left.</exception>
    internal static MemoryFile MakeMemory(ReadOnlySpan<byte> bytes)
    {
        var file = MemoryFile.Create("lifeline-raw", 0);
        try
        {
            // Written, not mapped: a writable map would keep the seal away.
            file.WriteAll(bytes);
            file.Seal(Immutable);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    internal static RawData OfMemory(Descriptor descriptor, int size, string operation, BlockAccount? sender)
    {
        try
        {
            using var file = MemoryFile.FromDescriptor(descriptor);
            var seals = file.Seals;
            if ((seals & Immutable) != Immutable)
                throw MemoryErrors.InvalidMemory(operation, $"a raw block must be sealed against writing, growing and shrinking, and has the seals {seals}");
            if (file.Size != size)
                throw MemoryErrors.InvalidMemory(operation, $"it was said to have {size} bytes and has {file.Size}");
            if (file.UsesHugePages)
                throw MemoryErrors.InvalidMemory(operation, "it consists of huge pages, a map of which can fault");
            BlockCharge? charge = sender?.Charge(size);
            try
            {
                return new RawData(null, new SharedMap(file.Map(0, size, writable: false), SharedBlockAccess.Read, charge));
            }
            catch
            {
                charge?.Release();
                throw;
            }
        }
        catch (LinuxException e)
        {
            throw MemoryErrors.InvalidMemory(operation, e.Message, e);
        }
    }
}
