namespace Lifeline.Monitor;

/// <summary>A seeded source of numbers from 0 to 1 (SplitMix64): the same on every machine and in every version.</summary>
internal sealed class Jitter(ulong seed)
{
    private ulong _state = seed;

    public double Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
