using System.Globalization;
using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>The memory of this process. Thread-safe.</summary>
public static class ProcessMemory
{
    private const int DontNeed = 4;
    private const int ArenaMax = -8;

    /// <summary>
    /// Lets go of the pages of mapped files (programs, libraries) that this process only reads. What is used again comes back by itself,
    /// from the page cache. An exec or exit afterwards has less to take apart. Costs some milliseconds; does nothing without /proc.
    /// </summary>
    public static void ReleaseFilePages()
    {
        (nuint Start, nuint Length)? mapping = null;
        foreach (var line in ProcFs.TryReadLines("/proc/self/smaps") ?? [])
        {
            if (line.Length > 0 && !char.IsAsciiLetterUpper(line[0]))
                mapping = ParseReadOnlyFile(line);
            else if (mapping is { } known && line.StartsWith("Anonymous:", StringComparison.Ordinal) && line.EndsWith(" 0 kB", StringComparison.Ordinal))
                _ = Libc.madvise(known.Start, known.Length, DontNeed);
        }
    }

    /// <summary>The free memory of the C library's heap goes back to the kernel. Does nothing with a C library that cannot.</summary>
    public static void ReleaseNativeHeap()
    {
        try
        {
            _ = Libc.malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Not glibc.
        }
    }

    /// <summary>All threads share so many heaps of the C library; else each thread gets its own. Call it before there are threads.</summary>
    /// <param name="count">At least 1.</param>
    public static void LimitNativeHeaps(int count)
    {
        try
        {
            _ = Libc.mallopt(ArenaMax, count);
        }
        catch (EntryPointNotFoundException)
        {
            // Not glibc.
        }
    }

    // start-end permissions offset device inode path. What was ever written to holds more than the file does, and shows as anonymous.
    private static (nuint Start, nuint Length)? ParseReadOnlyFile(string line)
    {
        var parts = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 6 || parts[1].Contains('w', StringComparison.Ordinal) || !parts[5].TrimStart().StartsWith('/'))
            return null;
        var ends = parts[0].Split('-');
        return nuint.TryParse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var start)
            && nuint.TryParse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var end)
            ? (start, end - start)
            : null;
    }
}
