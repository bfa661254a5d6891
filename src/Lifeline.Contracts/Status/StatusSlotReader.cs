namespace Lifeline.Contracts;

/// <summary>
/// Reads a status slot that another process writes. Thread-safe. It owns no memory: whoever made it keeps the memory mapped as long as it is used.
/// </summary>
/// <param name="memory">Aligned to 8; of a memfd that is sealed against shrinking.</param>
/// <param name="length">How much is mapped; less than <see cref="StatusSlot.Size"/> is never read.</param>
public sealed unsafe class StatusSlotReader(byte* memory, int length)
{
    private readonly byte* _memory = memory;
    private readonly int _length = length;

    /// <summary>As <see cref="StatusSlot.ReadPublished"/>.</summary>
    public long Published => StatusSlot.ReadPublished(new ReadOnlySpan<byte>(_memory, _length));

    /// <summary>As <see cref="StatusSlot.TryRead"/>.</summary>
    public bool TryRead(out StatusSlotReading? reading, out string? reason) =>
        StatusSlot.TryRead(new ReadOnlySpan<byte>(_memory, _length), out reading, out reason);
}
