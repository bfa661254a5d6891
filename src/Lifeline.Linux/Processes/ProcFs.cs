using System.Globalization;
using System.Text;

namespace Lifeline.Linux;

/// <summary>One line of /proc/PID/stat.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="Parent">Its parent.</param>
/// <param name="Group">Its process group.</param>
/// <param name="Session">Its session.</param>
/// <param name="State">R, S, D, T, Z and so on.</param>
/// <param name="StartTimeTicks">When it began, in clock ticks since the boot.</param>
/// <param name="Name">Its name, at most 15 bytes.</param>
/// <param name="CpuTicks">Processor time it used, in clock ticks.</param>
/// <param name="ResidentPages">Pages of memory it holds.</param>
public sealed record ProcessStat(
    int Pid, int Parent, int Group, int Session, char State, long StartTimeTicks, string Name, long CpuTicks, long ResidentPages)
{
    /// <summary>Whether it has ended and only waits to be reaped.</summary>
    public bool IsZombie => State is 'Z' or 'X';
}

/// <summary>
/// What /proc says. Null answers mean that the process is gone or may not be seen; want of descriptors or memory is never taken
/// for that, but thrown as a <see cref="LinuxException"/>. Thread-safe.
/// </summary>
public static class ProcFs
{
    /// <summary>Clock ticks in a second, in everything that /proc says.</summary>
    public const int TicksPerSecond = 100;

    private const int ChunkSize = 4096;
    private const int MaxFile = 4 * 1024 * 1024;

    /// <summary>Names this boot of the machine.</summary>
    public static string BootId { get; } = (TryReadText("/proc/sys/kernel/random/boot_id") ?? "").Trim();

    /// <summary>The state of a process.</summary>
    /// <param name="pid">Its number.</param>
    public static ProcessStat? TryReadStat(int pid) =>
        TryReadText($"/proc/{pid}/stat") is { } text ? ParseStat(text) : null;

    /// <summary>The environment it was executed with, as far as it did not overwrite it; empty for a moment during the execution.</summary>
    /// <param name="pid">Its number.</param>
    public static IReadOnlyDictionary<string, string>? TryReadEnvironment(int pid)
    {
        if (TryReadText($"/proc/{pid}/environ") is not { } text)
            return null;
        var variables = new Dictionary<string, string>();
        foreach (var entry in text.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = entry.IndexOf('=', StringComparison.Ordinal);
            if (at > 0)
                variables.TryAdd(entry[..at], entry[(at + 1)..]);
        }

        return variables;
    }

    /// <summary>Its command line; empty for kernel threads and zombies.</summary>
    /// <param name="pid">Its number.</param>
    public static IReadOnlyList<string>? TryReadCommandLine(int pid) => TryReadText($"/proc/{pid}/cmdline") switch
    {
        null => null,
        "" => [],
        var text => (text[^1] == '\0' ? text[..^1] : text).Split('\0'),
    };

    /// <summary>Its control groups, one line each: <c>hierarchy:controllers:path</c>.</summary>
    /// <param name="pid">Its number.</param>
    public static IReadOnlyList<string>? TryReadCgroups(int pid) => TryReadLines($"/proc/{pid}/cgroup");

    /// <summary>Its children, whichever of its threads started them, where the kernel lists them; null otherwise.</summary>
    /// <param name="pid">Its number.</param>
    public static IReadOnlyList<int>? TryReadChildren(int pid)
    {
        var children = new List<int>();
        var isListed = false;
        try
        {
            foreach (var thread in Directory.EnumerateDirectories($"/proc/{pid}/task"))
            {
                // A thread that ends hands its children to another one, perhaps one that was read before.
                if (TryReadText($"{thread}/children") is not { } text)
                    continue;
                isListed = true;
                foreach (var number in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    if (int.TryParse(number, CultureInfo.InvariantCulture, out var child))
                        children.Add(child);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // The process is gone, and with it its children are no longer its own.
            return null;
        }

        return isListed ? children : null;
    }

    /// <summary>All processes that can be seen.</summary>
    public static IEnumerable<int> ListProcesses()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), CultureInfo.InvariantCulture, out var pid))
                yield return pid;
    }

    /// <summary>Opens anew what another process has open at a number.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="number">Its descriptor.</param>
    /// <param name="flags">How.</param>
    /// <returns>
    /// A descriptor of our own; null if it cannot be had. Sockets cannot. A pipe opened for reading alone waits for a writer, and
    /// for writing alone for a reader: <see cref="OpenFlags.ReadWrite"/> or <see cref="OpenFlags.NonBlocking"/> do not.
    /// </returns>
    public static Descriptor? TryReopen(int pid, int number, OpenFlags flags)
    {
        try
        {
            return Descriptor.Open($"/proc/{pid}/fd/{number}", flags);
        }
        catch (LinuxException e) when (!IsExhaustion(e))
        {
            return null;
        }
    }

    /// <summary>A whole text file of /proc or /sys; null if it cannot be read.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="LinuxException">EMFILE, ENFILE, ENOMEM: this process or the machine has no room.</exception>
    public static string? TryReadText(string path)
    {
        try
        {
            using var file = Descriptor.Open(path, OpenFlags.Read);
            return ReadAll(file);
        }
        catch (LinuxException e) when (!IsExhaustion(e))
        {
            // ESRCH comes from reading too, when the process ends in between.
            return null;
        }
    }

    /// <summary>As <see cref="TryReadText"/>, as lines.</summary>
    /// <param name="path">Its path.</param>
    public static IReadOnlyList<string>? TryReadLines(string path) =>
        TryReadText(path)?.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    internal static ProcessStat? ParseStat(string text)
    {
        // The name stands in brackets and may hold anything, brackets too.
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var close = text.LastIndexOf(')');
        if (open < 1 || close < open || close + 2 > text.Length)
            return null;
        var fields = text[(close + 2)..].Split(' ');
        if (fields.Length < 22 || !int.TryParse(text.AsSpan(0, open - 1), CultureInfo.InvariantCulture, out var pid))
            return null;
        return new ProcessStat(
            pid, (int)Number(fields[1]), (int)Number(fields[2]), (int)Number(fields[3]), fields[0][0], Number(fields[19]),
            text[(open + 1)..close], Number(fields[11]) + Number(fields[12]), Number(fields[21]));
    }

    private static bool IsExhaustion(LinuxException e) => e.Errno is Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM;

    private static long Number(string text) => long.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : 0;

    private static string ReadAll(Descriptor file)
    {
        Span<byte> chunk = stackalloc byte[ChunkSize];
        var count = file.Read(chunk);
        if (count < ChunkSize && file.Read(chunk[Math.Max(count, 0)..]) <= 0)
            return Encoding.UTF8.GetString(chunk[..Math.Max(count, 0)]);

        // More than a chunk, or the kernel gave it in pieces: read once more from the start.
        file.Seek(0, SeekOrigin.Begin);
        var buffer = new byte[ChunkSize * 4];
        var length = 0;
        while ((count = file.Read(buffer.AsSpan(length))) > 0 && length < MaxFile)
        {
            length += count;
            if (length == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
        }

        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
