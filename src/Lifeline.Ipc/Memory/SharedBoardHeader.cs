namespace Lifeline.Ipc;

/// <summary>What a board says of itself. Its writer says so; nothing of it is proven.</summary>
/// <param name="Slots">How many slots it has.</param>
/// <param name="SlotSize">Most bytes of a value.</param>
/// <param name="WriterPid">The process that writes, as it sees itself.</param>
/// <param name="WriterStartTicks">When that process started, in clock ticks since boot: tells it from a later one of the same number.</param>
/// <param name="Epoch">A number that the writer gave it, to tell one board from the next.</param>
public readonly record struct SharedBoardHeader(int Slots, int SlotSize, int WriterPid, long WriterStartTicks, long Epoch);
