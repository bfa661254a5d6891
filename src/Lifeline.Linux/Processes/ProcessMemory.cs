using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>The memory of this process. Thread-safe.</summary>
public static class ProcessMemory
{
    private const int DontNeed = 4;
    private const int NoHugePage = 15;
    private const int ArenaMax = -8;
    private const ulong PagePresent = 1UL << 63;
    private const ulong PageOfFile = 1UL << 61;

    private const int LongestLine = 8192;
    private const int EntriesAtOnce = 512;

    private static readonly nuint PageSize = (nuint)Environment.SystemPageSize;
    private static readonly byte[] Program = Encoding.UTF8.GetBytes(Environment.ProcessPath ?? "");

    /// <summary>
    /// Lets go of the pages of mapped files (programs, libraries) that this process only reads. What is used again comes back by itself,
    /// from the page cache. An exec or exit afterwards has less to take apart. Costs some milliseconds; does nothing without /proc.
    /// </summary>
    public static void ReleaseFilePages() => Release(static line => line[IndexOfPermissions(line) + 1] != 'w' && line.Contains((byte)'/'));

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

    /// <summary>
    /// From now on only those pages of this program's data are mapped that are used: a fault otherwise brings fifteen neighbours with it. What was
    /// mapped until now and never written to is let go of. Takes 2 ms; for processes that live long.
    /// </summary>
    /// <remarks>Only while no other thread runs code of the program: what another wrote at this very moment would be lost.</remarks>
    public static void MapDataSparingly()
    {
        foreach (var (start, length) in Mappings(IsOwnData))
        {
            // The kernel maps neighbours only within a mapping; these differ in a flag that means nothing for a file.
            for (nuint offset = 0; offset < length; offset += 2 * PageSize)
                _ = Libc.madvise(start + offset, PageSize, NoHugePage);
        }

        ReleaseUnwrittenData();
    }

    /// <summary>Lets go of those pages of this program's data that were never written to.</summary>
    /// <remarks>Only while no other thread runs code of the program: what another wrote at this very moment would be lost.</remarks>
    public static void ReleaseUnwrittenData() => Release(IsOwnData);

    private static void Release(Predicate which)
    {
        try
        {
            using var pages = Descriptor.Open("/proc/self/pagemap", OpenFlags.Read);
            foreach (var (start, length) in Mappings(which))
                ReleaseUnwritten(pages, start, (int)(length / PageSize));
        }
        catch (LinuxException)
        {
            // No /proc: everything stays.
        }
    }

    private static void ReleaseUnwritten(Descriptor pages, nuint start, int count)
    {
        Span<ulong> entries = stackalloc ulong[EntriesAtOnce];
        for (var done = 0; done < count; done += EntriesAtOnce)
        {
            var some = entries[..Math.Min(EntriesAtOnce, count - done)];
            var from = start + ((nuint)done * PageSize);
            var read = pages.ReadAt(MemoryMarshal.AsBytes(some), (long)(from / PageSize) * sizeof(ulong)) / sizeof(ulong);
            ReleaseUnwritten(some[..read], from);
        }
    }

    private static void ReleaseUnwritten(ReadOnlySpan<ulong> entries, nuint start)
    {
        for (var first = 0; first < entries.Length; first++)
        {
            var end = first;
            while (end < entries.Length && (entries[end] & (PagePresent | PageOfFile)) == (PagePresent | PageOfFile))
                end++;
            if (end == first)
                continue;
            _ = Libc.madvise(start + ((nuint)first * PageSize), (nuint)(end - first) * PageSize, DontNeed);
            first = end;
        }
    }

    // The writable mappings of the program's file.
    private static bool IsOwnData(ReadOnlySpan<byte> line) =>
        line[IndexOfPermissions(line) + 1] == 'w' && Program.Length > 0 && line.EndsWith(Program);

    // Read in pieces: as one text it is half a megabyte where the data are mapped page by page, and who calls this wants to have less.
    private static List<(nuint Start, nuint Length)> Mappings(Predicate which)
    {
        List<(nuint Start, nuint Length)> found = [];
        try
        {
            using var maps = Descriptor.Open("/proc/self/maps", OpenFlags.Read);
            Span<byte> buffer = stackalloc byte[LongestLine];
            var held = 0;
            for (int count; (count = maps.Read(buffer[held..])) > 0;)
                held = TakeLines(buffer, held + count, which, found);
        }
        catch (LinuxException)
        {
            // No /proc: what was found until then is enough.
        }

        return found;
    }

    /// <returns>Bytes of a line that has only begun, now at the start.</returns>
    private static int TakeLines(Span<byte> buffer, int held, Predicate which, List<(nuint Start, nuint Length)> found)
    {
        var rest = buffer[..held];
        for (int end; (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
        {
            // Lines are: start-end permissions offset device inode path.
            if (end > 0 && which(rest[..end]) && ParseRange(rest[..end]) is { } range)
                found.Add(range);
        }

        rest.CopyTo(buffer);
        return rest.Length;
    }

    private static int IndexOfPermissions(ReadOnlySpan<byte> line) => line.IndexOf((byte)' ') + 1;

    private static (nuint Start, nuint Length)? ParseRange(ReadOnlySpan<byte> line)
    {
        var dash = line.IndexOf((byte)'-');
        return nuint.TryParse(line[..dash], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var start)
            && nuint.TryParse(line[(dash + 1)..line.IndexOf((byte)' ')], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var end)
            ? (start, end - start)
            : null;
    }

    private delegate bool Predicate(ReadOnlySpan<byte> line);
}
