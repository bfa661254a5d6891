namespace SharedMemory;

/// <summary>What stands on the board. Whoever reads it always finds a pair that was written together.</summary>
internal readonly record struct Price(long Bid, long Ask);
