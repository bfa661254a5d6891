using System.Runtime.CompilerServices;

namespace Lifeline.Ipc;

/// <summary>
/// The layout of a board: a table of slots in shared memory or in a file, each with its last value. One process writes, any number read, without
/// a system call. Little-endian.
/// </summary>
/// <remarks>
/// Header of 128 bytes: magic (8), layout version (4), bytes of a value (4), number of slots (4), writer's process (4), its start time in clock
/// ticks since boot (8), epoch (8), state (4: 1 written, 2 closed), zeros. Then the slots: number of the published value (8, 0 for none), zeros up
/// to 64, then two buffers: number of the value in it, 0 while it is written (8), length (4), zero (4), the bytes, zeros up to a multiple of 64.
/// Value n is in buffer n mod 2, and is published by storing n last: whoever is killed while he writes leaves the value before it whole.
/// <c>docs/protocol/shared-memory.md</c> argues why.
/// </remarks>
public static class SharedBoard
{
    /// <summary>The layout written and the only one read.</summary>
    public const int LayoutVersion = 1;

    /// <summary>Most slots of a board: 65 536.</summary>
    public const int MaxSlots = 65_536;

    /// <summary>Most bytes of a value: 64 KiB.</summary>
    public const int MaxSlotSize = 64 * 1024;

    /// <summary>Most bytes of a whole board: 256 MiB.</summary>
    public const int MaxBytes = 256 * 1024 * 1024;

    internal const int HeaderBytes = 128;
    internal const int SlotHeadBytes = 64;
    internal const int BufferHeadBytes = 16;
    internal const int LengthOffset = 8;
    internal const ulong Magic = 0x3144524F42464C4C;
    internal const int VersionOffset = 8;
    internal const int SlotSizeOffset = 12;
    internal const int SlotsOffset = 16;
    internal const int WriterPidOffset = 20;
    internal const int WriterStartOffset = 24;
    internal const int EpochOffset = 32;
    internal const int StateOffset = 40;
    internal const int Written = 1;
    internal const int Closed = 2;

    private const int Line = 64;

    /// <summary>The bytes that a board takes.</summary>
    /// <param name="slots">1 to <see cref="MaxSlots"/>.</param>
    /// <param name="slotSize">1 to <see cref="MaxSlotSize"/>.</param>
    /// <exception cref="IpcException"><see cref="IpcError.CheckParam"/>: one of them, or the product, is beyond its limit.</exception>
    public static int SizeOf(int slots, int slotSize) =>
        Check(slots, slotSize) is { } wrong ? throw new IpcException(IpcError.CheckParam, wrong) : HeaderBytes + (slots * StrideOf(slotSize));

    internal static string? Check(int slots, int slotSize)
    {
        if (slots is < 1 or > MaxSlots)
            return $"A board has 1 to {MaxSlots} slots (SharedBoard.MaxSlots), not {slots}.";
        if (slotSize is < 1 or > MaxSlotSize)
            return $"A value on a board has 1 to {MaxSlotSize} bytes (SharedBoard.MaxSlotSize), not {slotSize}.";
        var size = HeaderBytes + ((long)slots * StrideOf(slotSize));
        return size > MaxBytes ? $"A board has at most {MaxBytes} bytes (SharedBoard.MaxBytes), and {slots} slots of {slotSize} bytes take {size}." : null;
    }

    internal static int BufferBytesOf(int slotSize) => (BufferHeadBytes + slotSize + Line - 1) & -Line;

    internal static int StrideOf(int slotSize) => SlotHeadBytes + (2 * BufferBytesOf(slotSize));

    internal static unsafe ref ulong Word(byte* at) => ref Unsafe.AsRef<ulong>(at);

    internal static unsafe ref int Number(byte* at) => ref Unsafe.AsRef<int>(at);
}
