using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Lifeline.Linux;

namespace Lifeline.Ipc.Dispatch;

/// <summary>What somebody waits for by looking at it again and again.</summary>
internal interface ISpinCondition
{
    /// <summary>Whether it has happened. Any thread; must be cheap.</summary>
    bool IsMet { get; }

    /// <summary>Looks several times, with a pause between. Who can look at less than <see cref="IsMet"/> most of these times does: the sooner it is seen.</summary>
    /// <param name="looks">How often.</param>
    /// <returns>Whether it has happened.</returns>
    bool IsMetWithin(int looks)
    {
        for (; looks > 0; looks--)
        {
            if (IsMet)
                return true;
            SpinBudget.Pause();
        }

        return false;
    }

    /// <summary>Tells who is waited for where this thread waits, and asks for the same. A hint: both may run elsewhere by now.</summary>
    /// <param name="processor">The processor of this thread.</param>
    /// <returns>Their processor; -1 if it is not known.</returns>
    int Meet(int processor) => -1;
}

/// <summary>
/// Looking for a moment before going to sleep, as long as that pays: a wake-up costs tens of microseconds, a look nanoseconds. It
/// measures itself: where waits were long lately, where the machine gives the processor to others, or on a single core it does not
/// spin, but for a try now and then. Thread-safe; what threads overwrite of each other's measurements does not matter.
/// </summary>
/// <param name="clock">The clock; other than the system's for tests, where it must go on by itself.</param>
/// <param name="giveWay">Lets others have the processor; other than the system's for tests.</param>
internal sealed class SpinBudget(TimeProvider clock, Action giveWay)
{
    /// <summary>How long one wait spins at most.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromMicroseconds(50);

    /// <summary>Who got the processor for so long is a stranger: who looks as we do gives it back after microseconds. The scheduler's shortest turns are 0.7 ms.</summary>
    internal static readonly TimeSpan StrangersTurn = TimeSpan.FromMicroseconds(500);

    /// <summary>How long strangers are reckoned with: a turn lost to them is a small part of it.</summary>
    internal static readonly TimeSpan StrangersStay = TimeSpan.FromMilliseconds(100);

    // Looks before others on the same core are let through: without that, two sides on one core would wait for each other.
    private const int LooksToGiveWay = 40;
    private const int MaxScore = 16;
    private const int StartScore = 4;
    private const int WaitsToTry = 32;

    private static readonly bool s_single = Environment.ProcessorCount == 1;

    private int _score = StartScore;
    private int _skipped;
    private long _strangersUntil = long.MinValue;

    internal SpinBudget()
        : this(TimeProvider.System, static () => Thread.Yield())
    {
    }

    /// <summary>Whether the next wait would spin.</summary>
    internal bool IsWorthwhile => !s_single && (_score > 0 || ++_skipped >= WaitsToTry);

    /// <summary>Between two looks: leaves the core to whoever shares it. The runtime's own way reads a clock each time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Pause()
    {
        if (X86Base.IsSupported)
            X86Base.Pause();
        else
            Thread.SpinWait(1);
    }

    /// <summary>Waits a moment.</summary>
    /// <returns>Whether it has happened.</returns>
    internal bool Spin(ISpinCondition condition) => Spin(condition, isAlone: true);

    /// <summary>The same for one of several threads that wait for the same: they let each other through wherever the other side is, and whoever was met lately.</summary>
    internal bool SpinAmongOthers(ISpinCondition condition) => Spin(condition, isAlone: false);

    private bool Spin(ISpinCondition condition, bool isAlone)
    {
        if (condition.IsMet)
            return true;
        if (!IsWorthwhile)
            return false;
        _skipped = 0;
        long begin = clock.GetTimestamp();
        do
        {
            if (!condition.IsMetWithin(LooksToGiveWay))
                continue;
            _score = Math.Min(_score + 1, MaxScore);
            return true;
        }
        while (GiveWay(condition, begin, isAlone));
        bool met = condition.IsMet;
        // A wait that took longer is no gain even if it ends well: somebody else had the processor.
        _score = Math.Max(_score - 2, 0);
        return met;
    }

    /// <summary>
    /// Lets others have the processor if who is waited for may need it. Who has one of their own gets nothing from that, and this thread loses a whole turn where strangers
    /// want to run; where they do, sleeping is better: who is woken goes first.
    /// </summary>
    /// <returns>Whether to go on looking.</returns>
    private bool GiveWay(ISpinCondition condition, long begin, bool isAlone)
    {
        long now = clock.GetTimestamp();
        if (clock.GetElapsedTime(begin, now) > Longest)
            return false;
        if (isAlone && IsElsewhere(condition))
            return true;
        if (isAlone && now < Volatile.Read(ref _strangersUntil))
            return false;
        giveWay();
        long after = clock.GetTimestamp();
        if (clock.GetElapsedTime(now, after) > StrangersTurn)
            Volatile.Write(ref _strangersUntil, after + (long)(StrangersStay.TotalSeconds * clock.TimestampFrequency));
        return clock.GetElapsedTime(begin, after) <= Longest;
    }

    private static bool IsElsewhere(ISpinCondition condition)
    {
        int here = CurrentThread.Processor;
        int there = condition.Meet(here);
        return there >= 0 && there != here;
    }
}
