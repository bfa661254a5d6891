namespace Lifeline.Monitor;

/// <summary>Arithmetic of monotonic nanoseconds that saturates instead of overflowing.</summary>
internal static class Monotonic
{
    /// <summary>Far enough to mean never, near enough to be added to twice.</summary>
    public const long Never = long.MaxValue / 4;

    public static long Nanoseconds(TimeSpan duration) =>
        duration.Ticks >= Never / TimeSpan.NanosecondsPerTick ? Never : duration.Ticks * TimeSpan.NanosecondsPerTick;

    public static long After(long now, TimeSpan duration) => now + Nanoseconds(duration);

    public static long Earliest(long? left, long? right) => Math.Min(left ?? long.MaxValue, right ?? long.MaxValue);
}
