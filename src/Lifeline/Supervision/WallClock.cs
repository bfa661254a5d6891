using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>The wall clock's reading at monotonic zero, for times that are shown. One thread uses it.</summary>
internal sealed class WallClock
{
    private readonly TimeProvider _time;

    public WallClock(TimeProvider time)
    {
        _time = time;
        MonotonicZero = Read();
    }

    public DateTimeOffset MonotonicZero { get; private set; }

    /// <summary>The new reading, if the clock was set since.</summary>
    public DateTimeOffset? CheckForChange()
    {
        var zero = Read();
        if ((zero - MonotonicZero).Duration() < SupervisionLimits.ClockTolerance)
            return null;
        MonotonicZero = zero;
        return zero;
    }

    private DateTimeOffset Read() => _time.GetUtcNow() - TimeSpan.FromMicroseconds(MonotonicClock.Nanoseconds / 1000.0);
}
