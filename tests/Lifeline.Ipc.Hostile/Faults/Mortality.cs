using System.Diagnostics.CodeAnalysis;
using Lifeline.Linux;

namespace Lifeline.Ipc.Hostile.Faults;

/// <summary>
/// Ends this process with SIGKILL at the chosen store. Counts the records that were published before in memory that outlives the
/// process: what must be delivered, and nothing else.
/// </summary>
internal static unsafe class Mortality
{
    private static string? s_point;
    private static int s_left;
    private static long* s_published;
    private static int s_written;

    /// <summary>The process dies the n-th time that it passes a store.</summary>
    /// <param name="point">Which store.</param>
    /// <param name="times">The n.</param>
    internal static void DieAt(string point, int times)
    {
        s_left = times;
        Volatile.Write(ref s_point, point);
    }

    /// <summary>Where the count of published records goes: 8 bytes of a shared map that stays.</summary>
    internal static void CountIn(SharedMap map)
    {
        fixed (byte* start = map.WritableBytes)
            s_published = (long*)start;
    }

    internal static void Pass(string what)
    {
        // Several records may be written before one index publishes them all.
        if (what == "header")
            Interlocked.Increment(ref s_written);
        else if (what == "tail" && s_published is not null)
            Interlocked.Add(ref *s_published, Interlocked.Exchange(ref s_written, 0));
        if (Volatile.Read(ref s_point) == what && Interlocked.Decrement(ref s_left) == 0)
            Die();
    }

    /// <summary>kill -9 to itself: the calling thread runs nothing after it.</summary>
    [DoesNotReturn]
    internal static void Die()
    {
        using PidFd self = PidFd.Open(CurrentProcess.Id);
        self.Signal(Signals.Kill);
        throw new InvalidOperationException("alive after SIGKILL");
    }
}
