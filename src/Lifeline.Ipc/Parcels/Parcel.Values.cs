using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lifeline.Ipc;

// Numbers, truth values, buffers and arrays.
public sealed unsafe partial class Parcel
{
    /// <summary>Writes an 8-bit signed integer: 4 bytes, sign-extended.</summary>
    /// <param name="value">Any value.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public void WriteInt8(sbyte value) => WriteValue((int)value, nameof(WriteInt8));

    /// <summary>Reads an 8-bit signed integer: 4 bytes, the upper ones ignored.</summary>
    /// <exception cref="ParcelException">Too few bytes are left, or they belong to an object.</exception>
    public sbyte ReadInt8() => (sbyte)ReadValue<int>(nameof(ReadInt8));

    /// <summary>Writes a 16-bit signed integer: 4 bytes, sign-extended.</summary>
    /// <param name="value">Any value.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public void WriteInt16(short value) => WriteValue((int)value, nameof(WriteInt16));

    /// <summary>Reads a 16-bit signed integer: 4 bytes, the upper ones ignored.</summary>
    /// <exception cref="ParcelException">Too few bytes are left, or they belong to an object.</exception>
    public short ReadInt16() => (short)ReadValue<int>(nameof(ReadInt16));

    /// <summary>Writes a 32-bit signed integer: 4 bytes.</summary>
    /// <param name="value">Any value.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public void WriteInt32(int value) => WriteValue(value, nameof(WriteInt32));

    /// <summary>Reads a 32-bit signed integer: 4 bytes.</summary>
    /// <exception cref="ParcelException">Too few bytes are left, or they belong to an object.</exception>
    public int ReadInt32() => ReadValue<int>(nameof(ReadInt32));

    /// <summary>Writes a 64-bit signed integer: 8 bytes.</summary>
    /// <param name="value">Any value.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public void WriteInt64(long value) => WriteValue(value, nameof(WriteInt64));

    /// <summary>Reads a 64-bit signed integer: 8 bytes.</summary>
    /// <exception cref="ParcelException">Too few bytes are left, or they belong to an object.</exception>
    public long ReadInt64() => ReadValue<long>(nameof(ReadInt64));

    /// <summary>Writes an 8-bit unsigned integer: 4 bytes, zero-extended.</summary>
    /// <param name="value">Any value.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public void WriteUInt8(byte value) => WriteValue((uint)value, nameof(WriteUInt8));

    /// <summary>Reads an 8-bit unsigned integer: 4 bytes, the upper ones ignored.</summary>
    /// <exception cref="ParcelException">Too few bytes are left, or they belong to an object.</exception>
    public byte ReadUInt8() => (byte)ReadValue<uint>(nameof(ReadUInt8));

    /// <summary>Writes a 16-bit unsigned integer: 4 bytes, zero-extended.</summary>
    /// <param name="value">Any value.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public void WriteUInt16(ushort value) => WriteValue((uint)value, nameof(WriteUInt16));

    /// <summary>Reads a 16-bit unsigned integer: 4 bytes, the upper ones ignored.</summary>
    /// <exception cref="ParcelException">Too few bytes are left, or they belong to an object.</exception>
    public ushort ReadUInt16() => (ushort)ReadValue<uint>(nameof(ReadUInt16));

    /// <summary>Writes a 32-bit unsigned integer: 4 bytes.</summary>
    /// <param name="value">Any value.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public void WriteUInt32(uint value) => WriteValue(value, nameof(WriteUInt32));

    /// <summary>Reads a 32-bit unsigned integer: 4 bytes.</summary>
    /// <exception cref="ParcelException">Too few bytes are left, or they belong to an object.</exception>
    public uint ReadUInt32() => ReadValue<uint>(nameof(ReadUInt32));

    /// <summary>Writes a 64-bit unsigned integer: 8 bytes.</summary>
    /// <param name="value">Any value.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public void WriteUInt64(ulong value) => WriteValue(value, nameof(WriteUInt64));

    /// <summary>Reads a 64-bit unsigned integer: 8 bytes.</summary>
    /// <exception cref="ParcelException">Too few bytes are left, or they belong to an object.</exception>
    public ulong ReadUInt64() => ReadValue<ulong>(nameof(ReadUInt64));

    /// <summary>Writes a 32-bit floating-point number: 4 bytes.</summary>
    /// <param name="value">Any value.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public void WriteSingle(float value) => WriteValue(value, nameof(WriteSingle));

    /// <summary>Reads a 32-bit floating-point number: 4 bytes.</summary>
    /// <exception cref="ParcelException">Too few bytes are left, or they belong to an object.</exception>
    public float ReadSingle() => ReadValue<float>(nameof(ReadSingle));

    /// <summary>Writes a 64-bit floating-point number: 8 bytes.</summary>
    /// <param name="value">Any value.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public void WriteDouble(double value) => WriteValue(value, nameof(WriteDouble));

    /// <summary>Reads a 64-bit floating-point number: 8 bytes.</summary>
    /// <exception cref="ParcelException">Too few bytes are left, or they belong to an object.</exception>
    public double ReadDouble() => ReadValue<double>(nameof(ReadDouble));

    /// <summary>Writes a truth value: 4 bytes, 0 or 1.</summary>
    /// <param name="value">Either value.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public void WriteBoolean(bool value) => WriteValue(value ? 1 : 0, nameof(WriteBoolean));

    /// <summary>Reads a truth value: 4 bytes, false if all are 0.</summary>
    /// <exception cref="ParcelException">Too few bytes are left, or they belong to an object.</exception>
    public bool ReadBoolean() => ReadValue<int>(nameof(ReadBoolean)) != 0;

    /// <summary>Writes bytes as they are, padded with zeros to 4, without their length.</summary>
    /// <param name="value">0 to 204 800 bytes; nothing is written for 0.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public void WriteBuffer(ReadOnlySpan<byte> value)
    {
        EnsureWritable(nameof(WriteBuffer));
        WriteRaw(value, 0, 0, nameof(WriteBuffer));
    }

    /// <summary>Reads <paramref name="length"/> bytes in place. The read position moves by exactly that, <b>not</b> over the padding.</summary>
    /// <param name="length">0 to <see cref="ReadableBytes"/>.</param>
    /// <returns>The bytes inside the parcel: valid until it is written, reset or disposed.</returns>
    /// <exception cref="ParcelException">Negative, too few bytes are left, or they belong to an object.</exception>
    public ReadOnlySpan<byte> ReadBuffer(int length)
    {
        if (length < 0)
            ParcelThrow.Length(nameof(ReadBuffer), IpcError.CheckParam, length, ReadableBytes);
        var value = new ReadOnlySpan<byte>(Peek(length, nameof(ReadBuffer)), length);
        _read += length;
        return value;
    }

    /// <summary>Writes an int32 length and the bytes, padded with zeros to 4.</summary>
    /// <param name="value">0 to 204 796 bytes.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public void WriteBytes(ReadOnlySpan<byte> value) => WriteRaw(value, sizeof(int), value.Length, nameof(WriteBytes));

    /// <summary>Reads what <see cref="WriteBytes"/> wrote, padding included, as a copy.</summary>
    /// <exception cref="ParcelException">The length is wrong, too few bytes are left, or they belong to an object.</exception>
    public byte[] ReadBytes()
    {
        byte[] value = PeekCounted(sizeof(byte), nameof(ReadBytes)).ToArray();
        SkipPadded(_read, sizeof(int) + value.Length);
        return value;
    }

    /// <summary>Reads what <see cref="WriteBytes"/> wrote, padding included, in place.</summary>
    /// <returns>The bytes inside the parcel: valid until it is written, reset or disposed.</returns>
    /// <exception cref="ParcelException">The length is wrong, too few bytes are left, or they belong to an object.</exception>
    public ReadOnlySpan<byte> ReadBytesInPlace()
    {
        ReadOnlySpan<byte> value = PeekCounted(sizeof(byte), nameof(ReadBytesInPlace));
        SkipPadded(_read, sizeof(int) + value.Length);
        return value;
    }

    /// <summary>Writes an int32 count and the elements as they lie in memory, padded with zeros to 4.</summary>
    /// <typeparam name="T">A number, char, or struct of such. Gaps between the fields of a struct go along, so better have none.</typeparam>
    /// <param name="values">At most 204 796 bytes.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public void WriteArray<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        // Counted in long: the bytes of a large span of a large type do not fit an int.
        if ((long)values.Length * sizeof(T) > MaxDataSize)
            ParcelThrow.TooLarge(nameof(WriteArray), ((long)values.Length * sizeof(T)) + sizeof(int) + _size);
        WriteRaw(MemoryMarshal.AsBytes(values), sizeof(int), values.Length, nameof(WriteArray));
    }

    /// <summary>Reads what <see cref="WriteArray"/> wrote, as a new array.</summary>
    /// <typeparam name="T">The type that was written; every pattern of bits must be a value of it, as the sender can write anything.</typeparam>
    /// <exception cref="ParcelException">The count is wrong, too few bytes are left, or they belong to an object.</exception>
    public T[] ReadArray<T>()
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = PeekCounted(sizeof(T), nameof(ReadArray));
        var values = new T[bytes.Length / sizeof(T)];
        bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        SkipPadded(_read, sizeof(int) + bytes.Length);
        return values;
    }

    /// <summary>Reads what <see cref="WriteArray"/> wrote into memory of the caller.</summary>
    /// <typeparam name="T">The type that was written.</typeparam>
    /// <param name="destination">At least as many elements as were written.</param>
    /// <returns>The number of elements read.</returns>
    /// <exception cref="ParcelException">As for <see cref="ReadArray{T}()"/>, or the destination is too small.</exception>
    public int ReadArray<T>(Span<T> destination)
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = PeekCounted(sizeof(T), nameof(ReadArray));
        int count = bytes.Length / sizeof(T);
        if (count > destination.Length)
            ParcelThrow.Length(nameof(ReadArray), IpcError.CheckParam, count, destination.Length);
        bytes.CopyTo(MemoryMarshal.AsBytes(destination));
        SkipPadded(_read, sizeof(int) + bytes.Length);
        return count;
    }

    /// <summary>Reads what <see cref="WriteArray"/> wrote, in place.</summary>
    /// <typeparam name="T">The type that was written; every pattern of bits must be a value of it. Values larger than 4 bytes may lie at odd multiples of 4.</typeparam>
    /// <returns>The elements inside the parcel: valid until it is written, reset or disposed.</returns>
    /// <exception cref="ParcelException">As for <see cref="ReadArray{T}()"/>.</exception>
    public ReadOnlySpan<T> ReadSpan<T>()
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = PeekCounted(sizeof(T), nameof(ReadSpan));
        SkipPadded(_read, sizeof(int) + bytes.Length);
        return MemoryMarshal.Cast<byte, T>(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteValue<T>(T value, string operation)
        where T : unmanaged
    {
        Unsafe.WriteUnaligned(Reserve(sizeof(T), operation), value);
        _size += sizeof(T);
        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T ReadValue<T>(string operation)
        where T : unmanaged
    {
        T value = Unsafe.ReadUnaligned<T>(Peek(sizeof(T), operation));
        _read += sizeof(T);
        GC.KeepAlive(this);
        return value;
    }

    /// <summary>Writes an optional int32 (<paramref name="prefix"/> 4 or 0 bytes) and the bytes, padded.</summary>
    private void WriteRaw(ReadOnlySpan<byte> value, int prefix, int count, string operation)
    {
        if (value.Length > MaxDataSize)
            ParcelThrow.TooLarge(operation, (long)_size + prefix + value.Length);
        int total = prefix + Pad(value.Length);
        // Bytes read in place from this very parcel would be lost when it grows.
        if (total > WritableBytes && new ReadOnlySpan<byte>(_data, _blockLength).Overlaps(value))
            value = value.ToArray();
        byte* target = Reserve(total, operation);
        if (prefix != 0)
            Unsafe.WriteUnaligned(target, count);
        WritePadded(target + prefix, value);
        _size += total;
        GC.KeepAlive(this);
    }

    private static void WritePadded(byte* target, ReadOnlySpan<byte> value)
    {
        var padded = new Span<byte>(target, Pad(value.Length));
        value.CopyTo(padded);
        if (padded.Length != value.Length)
            padded[value.Length..].Clear();
    }

    /// <summary>Finds the elements behind an int32 count; the cursor stays.</summary>
    private ReadOnlySpan<byte> PeekCounted(int elementSize, string operation)
    {
        int count = Unsafe.ReadUnaligned<int>(Peek(sizeof(int), operation));
        int left = _size - _read - sizeof(int);
        if (count < 0 || (long)count * elementSize > left)
            ParcelThrow.Length(operation, IpcError.ParcelRead, count, left / elementSize);
        int length = count * elementSize;
        byte* start = Peek(sizeof(int) + Math.Min(Pad(length), left), operation);
        return new ReadOnlySpan<byte>(start + sizeof(int), length);
    }
}
