using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>CLOCK_MONOTONIC: the same in all processes of a boot, never set back.</summary>
public static unsafe class MonotonicClock
{
    private const int Monotonic = 1;
    private const int BootTime = 7;

    /// <summary>Nanoseconds since some moment before the boot.</summary>
    public static long Nanoseconds => Read(Monotonic);

    /// <summary>Nanoseconds for which the machine was suspended since the boot; this clock stands still then. May be off by the time of a call.</summary>
    public static long SuspendedNanoseconds => Math.Max(0, Read(BootTime) - Read(Monotonic));

    private static long Read(int clock)
    {
        TimeSpec time;
        _ = Libc.clock_gettime(clock, &time);
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }
}
