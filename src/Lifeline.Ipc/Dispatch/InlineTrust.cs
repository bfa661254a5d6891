namespace Lifeline.Ipc.Dispatch;

/// <summary>
/// Whether requests of one stub are run where they are received. Its handler has that trust until it takes too long; then the
/// workers run the next requests, four times as many each time. Thread-safe; a lost count does not matter.
/// </summary>
internal sealed class InlineTrust
{
    private const int FirstPenalty = 64;
    private const int MaxPenalty = 1 << 20;

    private int _penalty = FirstPenalty;
    private int _left;

    /// <summary>Whether the next request may run where it is received.</summary>
    internal bool TryTrust()
    {
        if (Volatile.Read(ref _left) <= 0)
            return true;
        Interlocked.Decrement(ref _left);
        return false;
    }

    /// <summary>The handler took too long.</summary>
    internal void Lose()
    {
        int penalty = Volatile.Read(ref _penalty);
        Volatile.Write(ref _left, penalty);
        Volatile.Write(ref _penalty, Math.Min(penalty * 4, MaxPenalty));
    }

    /// <summary>The handler was as brief as it should be. It may have been the machine that was slow before.</summary>
    internal void Gain()
    {
        int penalty = Volatile.Read(ref _penalty);
        if (penalty > FirstPenalty)
            Volatile.Write(ref _penalty, Math.Max(FirstPenalty, penalty / 2));
    }
}
