using System.Diagnostics;

namespace Lifeline.Ipc.Dispatch;

/// <summary>What somebody waits for by looking at it again and again.</summary>
internal interface ISpinCondition
{
    /// <summary>Whether it has happened. Any thread; must be cheap.</summary>
    bool IsMet { get; }
}

/// <summary>
/// Looking for a moment before going to sleep, as long as that pays: a wake-up costs tens of microseconds, a look nanoseconds. It
/// measures itself: where waits were long lately, where the machine gives the processor to others, or on a single core it does not
/// spin, but for a try that comes the later the more the last ones cost. It does not give the processor away while it looks: on a
/// busy machine it would come back after whole slices of others, hundreds of times what a wake-up takes. Thread-safe; what threads
/// overwrite of each other's measurements does not matter.
/// </summary>
internal sealed class SpinBudget
{
    /// <summary>How long one wait spins at most.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromMicroseconds(50);

    private const int TurnsToLookAtClock = 20;
    private const int MaxScore = 16;
    private const int StartScore = 4;
    private const int FewestWaitsToTry = 32;
    private const int MostWaitsToTry = 8192;

    private static readonly long s_longest = (long)(Longest.TotalSeconds * Stopwatch.Frequency);
    private static readonly bool s_single = Environment.ProcessorCount == 1;

    private int _score = StartScore;
    private int _skipped;
    private int _waitsToTry = FewestWaitsToTry;

    /// <summary>Whether the next wait would spin.</summary>
    internal bool IsWorthwhile => !s_single && (_score > 0 || ++_skipped >= _waitsToTry);

    /// <summary>Waits a moment.</summary>
    /// <returns>Whether it has happened.</returns>
    internal bool Spin(ISpinCondition condition) => Spin(condition, yields: false);

    /// <summary>The same for one of several threads that wait for the same: they let each other through at once.</summary>
    internal bool SpinAmongOthers(ISpinCondition condition) => Spin(condition, yields: true);

    private bool Spin(ISpinCondition condition, bool yields)
    {
        if (condition.IsMet)
            return true;
        if (!IsWorthwhile)
            return false;
        _skipped = 0;
        long begin = Stopwatch.GetTimestamp();
        for (int turn = 1; ; turn++)
        {
            if (yields)
                Thread.Yield();
            else
                Thread.SpinWait(1);
            if ((yields || turn % TurnsToLookAtClock == 0) && Stopwatch.GetTimestamp() - begin > s_longest)
                break;
            if (!condition.IsMet)
                continue;
            _score = Math.Min(_score + 1, MaxScore);
            _waitsToTry = Math.Max(_waitsToTry / 2, FewestWaitsToTry);
            return true;
        }

        NoteLoss(Stopwatch.GetTimestamp() - begin);
        // A wait that took longer is no gain even if it ends well: somebody else had the processor.
        return condition.IsMet;
    }

    // A try that cost a whole slice must not come again soon.
    private void NoteLoss(long time)
    {
        _score = Math.Max(_score - (int)Math.Min(2 * time / s_longest, MaxScore), 0);
        if (_score == 0)
            _waitsToTry = (int)Math.Clamp(Math.Max(2L * _waitsToTry, FewestWaitsToTry * time / s_longest), FewestWaitsToTry, MostWaitsToTry);
    }
}
