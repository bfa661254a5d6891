using System.Numerics;
using System.Runtime.InteropServices;

namespace Lifeline.Bench.Measuring;

/// <summary>Reading every byte of something large, as fast as memory gives it.</summary>
internal static class Payload
{
    internal static long Sum(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<Vector<long>> vectors = MemoryMarshal.Cast<byte, Vector<long>>(bytes);
        Vector<long> a = default, b = default, c = default, d = default;
        int i = 0;
        for (; i + 4 <= vectors.Length; i += 4)
        {
            a += vectors[i];
            b += vectors[i + 1];
            c += vectors[i + 2];
            d += vectors[i + 3];
        }

        for (; i < vectors.Length; i++)
            a += vectors[i];
        return Vector.Sum(a + b + c + d);
    }
}
