using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>CLOCK_MONOTONIC: the same in all processes of a boot, never set back.</summary>
public static unsafe class MonotonicClock
{
    private const int Monotonic = 1;

    /// <summary>Nanoseconds since some moment before the boot.</summary>
    public static long Nanoseconds
    {
        get
        {
            TimeSpec time;
            _ = Libc.clock_gettime(Monotonic, &time);
            return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
        }
    }
}
