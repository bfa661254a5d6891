using System.Numerics;

namespace Lifeline.Bench.Measuring;

/// <summary>Counts durations in steps of less than one percent. Not thread-safe: one for each thread, then <see cref="Add"/>.</summary>
internal sealed class Latencies
{
    private const int Steps = 128;
    private readonly int[] _counts = new int[58 * Steps];

    internal long Count { get; private set; }

    internal void Record(long nanoseconds)
    {
        ulong ns = nanoseconds < 0 ? 0 : (ulong)nanoseconds;
        if (ns < Steps)
        {
            _counts[ns]++;
        }
        else
        {
            int shift = BitOperations.Log2(ns) - 7;
            _counts[((shift + 1) * Steps) + (int)(ns >> shift) - Steps]++;
        }

        Count++;
    }

    internal void Add(Latencies other)
    {
        Count += other.Count;
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
    }

    internal void Clear()
    {
        Count = 0;
        Array.Clear(_counts);
    }

    /// <summary>The duration, in nanoseconds, that <paramref name="share"/> of all do not exceed; 0 if there are none.</summary>
    internal double Percentile(double share)
    {
        long left = (long)(Count * share);
        for (int i = 0; i < _counts.Length; i++)
        {
            if (left < _counts[i])
                return i < Steps ? i : ((i % Steps) + Steps + 0.5) * (1L << ((i / Steps) - 1));
            left -= _counts[i];
        }

        return 0;
    }
}
