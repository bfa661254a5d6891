using System.Numerics;
using Lifeline.Linux;

namespace Lifeline.Ipc;

/// <summary>
/// One end of a stream of bytes between two processes: what the writer writes goes through a ring in shared memory, without a system call while both
/// sides are awake. A full ring makes the writer wait, an empty one the reader.
/// </summary>
/// <remarks>
/// <para>
/// <see cref="CreatePair"/> makes both ends. One is passed in a parcel with <see cref="ParcelableExtensions.WriteParcelable"/>, which takes it out of
/// this object: it is disposed then. Disposing the writer is the end of the stream: the reader gets what is left, then 0. When the writer's
/// process dies instead, the reader gets what is left, then a <see cref="SharedStreamException"/>; a writer gets one when the reader is gone, at the
/// latest when the ring is full.
/// </para>
/// <para>
/// The other side cannot harm this one: whatever it writes over the shared memory, a call moves only bytes within the ring, or ends the stream
/// with <see cref="SharedStreamFault.Corrupted"/>. That it never reads or writes is its right: use cancellation.
/// One thread at a time uses an end; <see cref="Stream.Dispose()"/> may come from any and ends a call in progress.
/// </para>
/// </remarks>
public sealed partial class SharedStream : Stream, IParcelable<SharedStream>
{
    /// <summary>The bytes of the smallest ring: 4 KiB.</summary>
    public const int MinCapacity = 4096;

    /// <summary>The bytes of the largest ring: 256 MiB.</summary>
    public const int MaxCapacity = 256 * 1024 * 1024;

    /// <summary>The bytes of a ring where nothing else is said: 1 MiB.</summary>
    public const int DefaultCapacity = 1024 * 1024;

    /// <summary>How often the other side may wake this one for nothing before that ends the stream: 10 000.</summary>
    public const int MaxIdleWakes = 10_000;

    private const int SpinsBeforeSleep = 20;
    private const int ReaderRole = 0;
    private const int WriterRole = 1;

    private readonly bool _isWriter;
    private readonly SharedBlock _block;
    private readonly UnixSocket _socket;
    private readonly SharedMap _map;
    private readonly SharedRing _ring;
    private StreamWait? _wait;
    private SharedStreamException? _failure;
    private bool _ended;
    private bool _peerGone;
    private int _idleWakes;
    private int _busy;
    private int _disposed;

    /// <summary>Takes over both.</summary>
    private SharedStream(SharedBlock block, UnixSocket socket, int capacity, bool isWriter)
    {
        _isWriter = isWriter;
        _block = block;
        _socket = socket;
        Capacity = capacity;
        _map = block.Map();
        try
        {
            _ring = SharedRing.Open(_map, capacity, isWriter);
        }
        catch
        {
            _map.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of the ring.</summary>
    public int Capacity { get; }

    /// <inheritdoc/>
    public override bool CanRead => !_isWriter && Volatile.Read(ref _disposed) == 0;

    /// <inheritdoc/>
    public override bool CanWrite => _isWriter && Volatile.Read(ref _disposed) == 0;

    /// <summary>Never.</summary>
    public override bool CanSeek => false;

    /// <summary>Not supported.</summary>
    public override long Length => throw new NotSupportedException("A stream between processes has no length.");

    /// <summary>Not supported.</summary>
    public override long Position
    {
        get => throw new NotSupportedException("A stream between processes has no position.");
        set => throw new NotSupportedException("A stream between processes has no position.");
    }

    /// <summary>Makes a stream.</summary>
    /// <param name="name">For people who look into /proc.</param>
    /// <param name="capacity">Bytes of the ring: a power of two from <see cref="MinCapacity"/> to <see cref="MaxCapacity"/>.</param>
    /// <returns>Both ends; the caller disposes each or passes it on.</returns>
    /// <exception cref="IpcException">
    /// <see cref="IpcError.CheckParam"/>: the capacity is not allowed. <see cref="IpcError.Allocator"/>: there is no memory or no descriptor left.
    /// </exception>
    public static (SharedStream Writer, SharedStream Reader) CreatePair(string name, int capacity = DefaultCapacity)
    {
        if (!IsCapacity(capacity))
            throw new IpcException(IpcError.CheckParam, $"The ring of a stream has a power of two from {MinCapacity} to {MaxCapacity} bytes (SharedStream.MaxCapacity), not {capacity}.");
        var block = SharedBlock.Create(name, SharedRing.HeaderBytes + capacity);
        UnixSocket? first = null, second = null;
        SharedStream? writer = null;
        try
        {
            using (var map = block.Map())
                SharedRing.Initialize(map, capacity);
            (first, second) = UnixSocket.Pair(UnixSocketType.Stream);
            writer = new SharedStream(block.Duplicate(), first, capacity, isWriter: true);
            return (writer, new SharedStream(block, second, capacity, isWriter: false));
        }
        catch (Exception e)
        {
            writer?.Dispose();
            first?.Dispose();
            second?.Dispose();
            block.Dispose();
            if (e is LinuxException refused)
                throw MemoryErrors.Refused("A shared stream cannot be made", refused);
            throw;
        }
    }

    /// <summary>Reads what is there; waits if there is nothing.</summary>
    /// <param name="buffer">Where to.</param>
    /// <returns>How many bytes; 0 at the end of the stream.</returns>
    /// <exception cref="SharedStreamException">The writer died, or wrote over the ring.</exception>
    /// <exception cref="NotSupportedException">This is the writer's end.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed, also while this waits.</exception>
    public override int Read(Span<byte> buffer)
    {
        Demand(!_isWriter, "read");
        Enter();
        try
        {
            int count;
            while ((count = ReadStep(buffer)) < 0)
                Sleep();
            return count;
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    /// <summary>As <see cref="Read(Span{byte})"/>, without a thread that waits.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="cancellationToken">Ends the wait; nothing was read then.</param>
#pragma warning disable RS0027 // The shape is Stream's.
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
#pragma warning restore RS0027
    {
        Demand(!_isWriter, "read");
        cancellationToken.ThrowIfCancellationRequested();
        Enter();
        try
        {
            int count;
            while ((count = ReadStep(buffer.Span)) < 0)
                await SleepAsync(cancellationToken).ConfigureAwait(false);
            return count;
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <summary>Writes all of it; waits while the ring is full.</summary>
    /// <param name="buffer">What.</param>
    /// <exception cref="SharedStreamException">The reader is gone, or wrote over the ring. A part may have been written.</exception>
    /// <exception cref="NotSupportedException">This is the reader's end.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed, also while this waits.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Demand(_isWriter, "write");
        Enter();
        try
        {
            while (!buffer.IsEmpty)
            {
                if (WriteStep(buffer) is var count and > 0)
                    buffer = buffer[count..];
                else
                    Sleep();
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    /// <summary>As <see cref="Write(ReadOnlySpan{byte})"/>, without a thread that waits.</summary>
    /// <param name="buffer">What.</param>
    /// <param name="cancellationToken">Ends the wait; a part may have been written.</param>
#pragma warning disable RS0027 // The shape is Stream's.
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
#pragma warning restore RS0027
    {
        Demand(_isWriter, "write");
        cancellationToken.ThrowIfCancellationRequested();
        Enter();
        try
        {
            while (!buffer.IsEmpty)
            {
                if (WriteStep(buffer.Span) is var count and > 0)
                    buffer = buffer[count..];
                else
                    await SleepAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <summary>Nothing to do: what is written can be read at once.</summary>
    public override void Flush()
    {
    }

    /// <summary>Not supported.</summary>
    /// <param name="offset">Not used.</param>
    /// <param name="origin">Not used.</param>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A stream between processes cannot seek.");

    /// <summary>Not supported.</summary>
    /// <param name="value">Not used.</param>
    public override void SetLength(long value) => throw new NotSupportedException("A stream between processes has no length.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            LetGo(handedOver: false);
        base.Dispose(disposing);
    }

    private static bool IsCapacity(int capacity) => capacity is >= MinCapacity and <= MaxCapacity && BitOperations.IsPow2(capacity);

    private void LetGo(bool handedOver)
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        if (!handedOver)
        {
            _ring.End();
            // Wakes the other side, and a call in progress on this one.
            _socket.Shutdown();
        }

        _wait?.End();
        _socket.Dispose();
        _block.Dispose();
        _map.Dispose();
    }
}
