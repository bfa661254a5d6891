using Lifeline.Linux;

namespace Lifeline.Ipc;

// One block of bytes that may be larger than the parcel.
public sealed unsafe partial class Parcel
{
    /// <summary>The bytes of the largest raw block: 128 MiB. Fixed by the format.</summary>
    public const int MaxRawDataSize = 128 * 1024 * 1024;

    /// <summary>The bytes of the largest raw block that stands in the parcel itself: 32 KiB; a larger one is passed as memory. Fixed by the format.</summary>
    public const int MaxInlineRawData = 32 * 1024;

    // Where the raw block ends; 0 if there is none.
    private int _rawBlockEnd;

    /// <summary>
    /// Writes a block of bytes: an int32 with their number, then up to <see cref="MaxInlineRawData"/> the padded bytes, beyond that a descriptor
    /// of memory which nobody can change any more. One in a parcel.
    /// </summary>
    /// <param name="value">The bytes, at most <see cref="MaxRawDataSize"/>; copied once.</param>
    /// <exception cref="ParcelException">It is too large, the second one, the parcel is full or read-only, or there is no memory.</exception>
    public void WriteRawData(ReadOnlySpan<byte> value)
    {
        const string operation = nameof(WriteRawData);
        EnsureWritable(operation);
        if (value.Length > MaxRawDataSize)
            throw MemoryErrors.RawTooLarge(operation, value.Length);
        if (_rawBlockEnd != 0)
            throw MemoryErrors.SecondRawBlock(operation);
        if (value.Length <= MaxInlineRawData)
            WriteRaw(value, sizeof(int), value.Length, operation);
        else
            WriteRawMemory(value, operation);
        _rawBlockEnd = _size;
    }

    /// <summary>The bytes of the raw block at the read position, which stays.</summary>
    /// <exception cref="ParcelException">There is none.</exception>
    public int PeekRawDataSize() => PeekRawSize(nameof(PeekRawDataSize));

    /// <summary>Reads a raw block.</summary>
    /// <param name="size">The bytes that it must have: as many as were written, see <see cref="PeekRawDataSize"/>.</param>
    /// <returns>The block; the caller disposes it. It outlives the parcel.</returns>
    /// <exception cref="ParcelException">It has another size, or its memory could still be changed.</exception>
    /// <exception cref="IpcLimitException">The sender's blocks that this process holds reach <see cref="IpcEndpointOptions.MaxBlockBytes"/>.</exception>
    public RawData ReadRawData(int size)
    {
        const string operation = nameof(ReadRawData);
        var written = PeekRawSize(operation);
        if (size != written)
            throw MemoryErrors.RawSize(operation, size, written);
        if (written <= MaxInlineRawData)
        {
            var bytes = PeekCounted(1, operation);
            var data = RawData.OfBytes(bytes);
            SkipPadded(_read, sizeof(int) + bytes.Length);
            return data;
        }

        var start = _read;
        _read += sizeof(int);
        var read = false;
        try
        {
            using var descriptor = ReadDescriptor();
            var data = RawData.OfMemory(descriptor, written, operation, Sender);
            read = true;
            return data;
        }
        finally
        {
            if (!read)
                _read = start;
        }
    }

    private int PeekRawSize(string operation)
    {
        var start = _read;
        var size = ReadValue<int>(operation);
        _read = start;
        if (size is < 0 or > MaxRawDataSize)
            ParcelThrow.Length(operation, IpcError.ParcelRead, size, MaxRawDataSize);
        return size;
    }

    private void WriteRawMemory(ReadOnlySpan<byte> value, string operation)
    {
        EnsureObjectFits(ParcelObjectKind.Descriptor, operation);
        Reserve(sizeof(int) + ParcelObject.RecordSize, operation);
        MemoryFile memory;
        try
        {
            memory = RawData.MakeMemory(value);
        }
        catch (LinuxException e)
        {
            throw new ParcelException(
                IpcError.ParcelWrite, ParcelFault.InvalidMemory, operation, value.Length, MaxRawDataSize,
                $"no memory for a raw block of {value.Length} bytes could be had ({e.Message}).", e);
        }

        // Nothing below can fail: the room was made above.
        WriteValue(value.Length, operation);
        WriteObject(ParcelObjectKind.Descriptor, memory, operation);
    }

    private void ForgetRawBlockAfter(int position)
    {
        if (_rawBlockEnd > position)
            _rawBlockEnd = 0;
    }
}
