using System.Buffers.Binary;

namespace Lifeline.Contracts;

/// <summary>
/// The one writer of a status slot. Writes never wait for readers and allocate nothing if there are no fields.
/// Thread-safe within its process. It owns no memory: whoever made it keeps the memory mapped as long as it is used.
/// </summary>
public sealed unsafe class StatusSlotWriter
{
    private readonly Lock _gate = new();
    private readonly byte[] _scratch = new byte[StatusLimits.MaxEncodedBytes];
    private readonly byte* _memory;
    private ulong _published;

    /// <summary>Makes an empty slot of the memory and writes there.</summary>
    /// <param name="memory">Aligned to 8.</param>
    /// <param name="length">At least <see cref="StatusSlot.Size"/>.</param>
    /// <param name="generation">The generation of the service; 0 if unknown.</param>
    /// <exception cref="ArgumentException">The memory is too small or not aligned.</exception>
    public StatusSlotWriter(byte* memory, int length, int generation)
    {
        ArgumentNullException.ThrowIfNull(memory);
        if (((nuint)memory & 7) != 0)
            throw new ArgumentException("A status slot must be aligned to 8 bytes.", nameof(memory));
        StatusSlot.CheckSize(length);
        _memory = memory;
        StatusSlot.Initialize(Slot, generation);
    }

    /// <summary>The number of the last status written; 0 if there is none.</summary>
    public long Published => (long)Volatile.Read(ref _published);

    private Span<byte> Slot => new(_memory, StatusSlot.Size);

    /// <summary>Writes a status. Once this returns, any reader finds it, whatever happens to this process.</summary>
    /// <returns>Its number, which is its <see cref="StatusReport.Sequence"/>.</returns>
    /// <exception cref="StatusLimitException">It is larger than <see cref="StatusLimits"/> allow; the one before stays.</exception>
    public long Write(
        ServiceHealth health, int code, string text, IReadOnlyDictionary<string, StatusValue>? fields, bool? ready, long atNanoseconds)
    {
        lock (_gate)
        {
            var number = _published + 1;
            var length = StatusCodec.Encode(health, code, text, fields, ready, (long)number, atNanoseconds, _scratch);
            Publish(number, _scratch.AsSpan(0, length));
            return (long)number;
        }
    }

    private void Publish(ulong number, ReadOnlySpan<byte> payload)
    {
        var slot = Slot;
        var buffer = slot.Slice(StatusSlot.OffsetOf(number), StatusSlot.BufferBytes);
        Volatile.Write(ref StatusSlot.Word(buffer, 0), 0);
        Volatile.WriteBarrier();
        BinaryPrimitives.WriteInt32LittleEndian(buffer[StatusSlot.LengthOffset..], payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[StatusSlot.ChecksumOffset..], StatusSlot.Checksum(number, payload));
        payload.CopyTo(buffer[StatusSlot.BufferHeadBytes..]);
        Volatile.Write(ref StatusSlot.Word(buffer, 0), number);
        Volatile.Write(ref StatusSlot.Word(slot, StatusSlot.PublishedOffset), number);
        Volatile.Write(ref _published, number);
    }
}
