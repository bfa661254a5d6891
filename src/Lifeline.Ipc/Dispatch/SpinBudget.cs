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
/// spin, but for a try now and then. Thread-safe; what threads overwrite of each other's measurements does not matter.
/// </summary>
internal sealed class SpinBudget
{
    /// <summary>How long one wait spins at most.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromMicroseconds(50);

    // Looks before others on the same core are let through: without that, two sides on one core would wait for each other.
    private const int TurnsToYield = 20;
    private const int MaxScore = 16;
    private const int StartScore = 4;
    private const int WaitsToTry = 32;

    private static readonly long s_longest = (long)(Longest.TotalSeconds * Stopwatch.Frequency);
    private static readonly bool s_single = Environment.ProcessorCount == 1;

    private int _score = StartScore;
    private int _skipped;

    /// <summary>Whether the next wait would spin.</summary>
    internal bool IsWorthwhile => !s_single && (_score > 0 || ++_skipped >= WaitsToTry);

    /// <summary>Waits a moment.</summary>
    /// <returns>Whether it has happened.</returns>
    internal bool Spin(ISpinCondition condition) => Spin(condition, TurnsToYield);

    /// <summary>The same for one of several threads that wait for the same: they let each other through at once.</summary>
    internal bool SpinAmongOthers(ISpinCondition condition) => Spin(condition, turnsToYield: 1);

    private bool Spin(ISpinCondition condition, int turnsToYield)
    {
        if (condition.IsMet)
            return true;
        if (!IsWorthwhile)
            return false;
        _skipped = 0;
        long begin = Stopwatch.GetTimestamp();
        for (int turn = 1; ; turn++)
        {
            if (turn % turnsToYield == 0)
            {
                Thread.Yield();
                if (Stopwatch.GetTimestamp() - begin > s_longest)
                    break;
            }
            else
            {
                Thread.SpinWait(1);
            }

            if (!condition.IsMet)
                continue;
            _score = Math.Min(_score + 1, MaxScore);
            return true;
        }

        bool met = condition.IsMet;
        // A wait that took longer is no gain even if it ends well: somebody else had the processor.
        _score = Math.Max(_score - 2, 0);
        return met;
    }
}
