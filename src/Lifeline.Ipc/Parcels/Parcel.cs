using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Lifeline.Ipc;

/// <summary>
/// The data of a call: values, strings, stubs, proxies and file descriptors, written one after the other by
/// the sender and read in the same order by the receiver.
/// </summary>
/// <remarks>
/// <para>
/// Everything is little-endian and padded to 4 bytes; values carry no type, so both sides must agree on the
/// order (begin a request with <see cref="WriteInterfaceToken"/> and check it with
/// <see cref="EnforceInterface"/>). <c>docs/protocol/parcel.md</c> has the layout.
/// </para>
/// <para>
/// A parcel holds at most <see cref="MaxDataSize"/> bytes, <see cref="MaxObjects"/> objects and
/// <see cref="MaxDescriptors"/> descriptors. Every refusal is a <see cref="ParcelException"/>; the parcel is
/// then as it was before, with both positions unmoved.
/// </para>
/// <para>
/// A parcel has one owner, who disposes it; it is not thread-safe. Its data are unmanaged memory: a span that
/// it gave out ends with the next write, <see cref="Reset"/> or <see cref="Dispose"/>, and with the parcel
/// itself (so keep it in a <c>using</c> variable while the span is in use).
/// </para>
/// <para>A parcel that was received (the data of a request, the reply of a call) is read-only.</para>
/// </remarks>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The methods are named after the types on the wire.")]
public sealed unsafe partial class Parcel : IDisposable
{
    /// <summary>The bytes that a parcel can hold, padding included: 204 800. Fixed by the format.</summary>
    public const int MaxDataSize = 204_800;

    /// <summary>The stubs, proxies, nulls and descriptors together that a parcel can hold: 1024.</summary>
    public const int MaxObjects = 1024;

    /// <summary>The file descriptors that a parcel can hold: 253, as many as the kernel passes with one message.</summary>
    public const int MaxDescriptors = 253;

    private const int SmallestCapacity = 64;
    private const int GrowthStep = 4096;

    private byte* _data;
    private int _blockLength;
    private int _capacity;
    private int _size;
    private int _read;
    private bool _readOnly;
    private bool _disposed;
    private int _nesting;

    /// <summary>Makes an empty parcel to write into. It takes memory with the first write.</summary>
    public Parcel()
    {
    }

    /// <summary>Gives the memory of a forgotten parcel back; its descriptors are closed by their own finalizers.</summary>
    ~Parcel() => FreeBlock();

    /// <summary>Bytes written, padding included.</summary>
    public int DataSize => _size;

    /// <summary>Bytes left to read; 0 if the read position is past the end.</summary>
    public int ReadableBytes => Math.Max(0, _size - _read);

    /// <summary>Bytes that can be written before the memory grows (not what is left of <see cref="MaxDataSize"/>): 0 for a new parcel and for a received one.</summary>
    public int WritableBytes => _capacity - _size;

    /// <summary>Where the next read begins, in bytes from the start.</summary>
    public int ReadPosition => _read;

    /// <summary>Where the next write begins, in bytes from the start: always <see cref="DataSize"/>.</summary>
    public int WritePosition => _size;

    /// <summary>Whether the parcel was received and can only be read.</summary>
    public bool IsReadOnly => _readOnly;

    /// <summary>The bytes written, as they go over the wire; objects are records of 24 bytes without meaning.</summary>
    internal ReadOnlySpan<byte> Data => new(_data, _size);

    /// <summary>Makes a read-only parcel of received data, copying them once.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="objects">The objects in them, in ascending order of offset.</param>
    /// <exception cref="ParcelException">Too large, or the table contradicts itself; the payloads still belong to the caller.</exception>
    internal static Parcel FromReceived(ReadOnlySpan<byte> data, ReadOnlySpan<ReceivedObject> objects)
    {
        var parcel = new Parcel();
        parcel.LoadReceived(data, objects);
        return parcel;
    }

    /// <summary>Empties this parcel, whatever it was, and makes it a read-only one of received data: for one that is used again.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="objects">The objects in them, in ascending order of offset.</param>
    /// <exception cref="ParcelException">As for <see cref="FromReceived"/>; the parcel is then empty.</exception>
    internal void LoadReceived(ReadOnlySpan<byte> data, ReadOnlySpan<ReceivedObject> objects)
    {
        const string operation = "Receive";
        ObjectDisposedException.ThrowIf(_disposed, this);
        Clear();
        if (data.Length > MaxDataSize)
            ParcelThrow.Length(operation, IpcError.ParcelRead, data.Length, MaxDataSize);
        if (objects.Length > 0)
            CheckReceivedObjects(operation, data.Length, objects);

        if (data.Length > _blockLength)
            ReplaceBlock(data.Length);
        data.CopyTo(new Span<byte>(_data, data.Length));
        _size = _capacity = data.Length;
        _readOnly = true;
        if (objects.Length > 0)
            AdoptReceivedObjects(objects);
    }

    /// <summary>Exchanges the contents of two parcels.</summary>
    internal void TakeOver(Parcel other)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        byte* data = other._data;
        other._data = _data;
        _data = data;
        (_blockLength, other._blockLength) = (other._blockLength, _blockLength);
        (_capacity, other._capacity) = (other._capacity, _capacity);
        (_size, other._size) = (other._size, _size);
        (_read, other._read) = (other._read, _read);
        (_readOnly, other._readOnly) = (other._readOnly, _readOnly);
        (_objects, other._objects) = (other._objects, _objects);
        (_descriptors, other._descriptors) = (other._descriptors, _descriptors);
        (Sender, other.Sender) = (other.Sender, Sender);
    }

    /// <summary>Moves the read position.</summary>
    /// <param name="position">0 to <see cref="DataSize"/>, in bytes.</param>
    /// <exception cref="ParcelException">The position is outside.</exception>
    public void RewindRead(int position)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if ((uint)position > (uint)_size)
            ParcelThrow.Position(nameof(RewindRead), position, _size);
        _read = position;
    }

    /// <summary>Cuts the data off at <paramref name="position"/>, where the next write begins. Objects that no longer fit are dropped and their descriptors closed.</summary>
    /// <param name="position">0 to <see cref="DataSize"/>, in bytes.</param>
    /// <remarks>The read position stays, even if it is past the end then.</remarks>
    /// <exception cref="ParcelException">The position is outside, or the parcel is read-only.</exception>
    public void RewindWrite(int position)
    {
        EnsureWritable(nameof(RewindWrite));
        if ((uint)position > (uint)_size)
            ParcelThrow.Position(nameof(RewindWrite), position, _size);
        _size = position;
        DropObjectsAfter(position);
    }

    /// <summary>Empties the parcel so that it can be written again; memory is kept.</summary>
    /// <exception cref="ParcelException">The parcel is read-only.</exception>
    public void Reset()
    {
        EnsureWritable(nameof(Reset));
        Clear();
    }

    /// <summary>Gives the memory back, closes the descriptors inside and drops the references. May be called twice.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Clear();
        FreeBlock();
        GC.SuppressFinalize(this);
    }

    /// <summary>The capacity to which a parcel grows that needs <paramref name="need"/> bytes.</summary>
    internal static int CapacityFor(int need)
    {
        if (need <= GrowthStep)
        {
            int capacity = SmallestCapacity;
            while (capacity < need)
                capacity *= 2;
            return capacity;
        }

        return Math.Min(MaxDataSize, ((need / GrowthStep) + 1) * GrowthStep);
    }

    /// <summary>One parcelable begins inside another. <see cref="LeaveNested"/> follows unless this fails.</summary>
    internal void EnterNested(string operation, IpcError error)
    {
        if (_nesting >= ParcelableExtensions.MaxNesting)
            ParcelThrow.TooDeep(operation, error, _nesting + 1);
        _nesting++;
    }

    internal void LeaveNested() => _nesting--;

    private static int Pad(int length) => (length + 3) & ~3;

    private void Clear()
    {
        if (_objects is not null || _rawBlockEnd != 0)
            DropObjectsAfter(0);
        _size = 0;
        _read = 0;
        Sender = null;
        if (_readOnly)
        {
            _readOnly = false;
            _capacity = 0;
        }
    }

    private void EnsureWritable(string operation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_readOnly)
            ParcelThrow.ReadOnly(operation);
    }

    /// <summary>Makes room; the bytes count only once <see cref="_size"/> is moved over them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Reserve(int bytes, string operation)
    {
        if (bytes > _capacity - _size)
            Grow(bytes, operation);
        return _data + _size;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int bytes, string operation)
    {
        EnsureWritable(operation);
        long need = (long)_size + bytes;
        if (need > MaxDataSize)
            ParcelThrow.TooLarge(operation, need);
        int capacity = CapacityFor((int)need);
        if (capacity > _blockLength)
            ReplaceBlock(capacity);
        _capacity = capacity;
    }

    private void ReplaceBlock(int minimum)
    {
        byte* block = ParcelMemory.Rent(minimum, out int length);
        Data.CopyTo(new Span<byte>(block, length));
        FreeBlock();
        _data = block;
        _blockLength = length;
    }

    private void FreeBlock()
    {
        if (_data == null)
            return;
        ParcelMemory.Return(_data, _blockLength);
        _data = null;
        _blockLength = 0;
        _capacity = 0;
    }

    /// <summary>Checks that <paramref name="bytes"/> can be read as plain data; the cursor stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Peek(int bytes, string operation)
    {
        if (bytes > _size - _read)
            FailShort(bytes, operation);
        if (_objects is { Count: > 0 })
            GuardObjects(_read, bytes, operation);
        return _data + _read;
    }

    [DoesNotReturn]
    private void FailShort(long bytes, string operation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ParcelThrow.ShortRead(operation, bytes, ReadableBytes);
    }

    /// <summary>Moves the cursor over a padded value. At the very end the padding may be missing: RewindWrite can have cut it off.</summary>
    private void SkipPadded(int start, int length) => _read = Math.Min(_size, start + Pad(length));
}
