using System.Globalization;

namespace Lifeline.Linux;

/// <summary>
/// Pressure stall information of the machine: how long tasks could not go on for want of something, since the boot. Thread-safe.
/// </summary>
public static class PressureStall
{
    /// <summary>Microseconds in which some task waited for a processor; null: the kernel does not count it.</summary>
    public static long? CpuMicroseconds => TryRead("cpu", "some");

    /// <summary>Microseconds in which all tasks waited for memory; null: the kernel does not count it.</summary>
    public static long? MemoryMicroseconds => TryRead("memory", "full");

    private static long? TryRead(string resource, string kind)
    {
        foreach (var line in ProcFs.TryReadLines($"/proc/pressure/{resource}") ?? [])
            if (line.StartsWith(kind, StringComparison.Ordinal) && Total(line) is { } total)
                return total;
        return null;
    }

    // some avg10=0.00 avg60=0.00 avg300=0.00 total=12124325775
    private static long? Total(string line)
    {
        const string name = "total=";
        var at = line.IndexOf(name, StringComparison.Ordinal);
        return at >= 0 && long.TryParse(line.AsSpan(at + name.Length), CultureInfo.InvariantCulture, out var total) ? total : null;
    }
}
