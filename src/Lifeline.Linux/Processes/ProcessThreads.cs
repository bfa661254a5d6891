using System.Globalization;

namespace Lifeline.Linux;

/// <summary>One thread as the kernel sees it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name, at most 15 bytes.</param>
/// <param name="State">R, S, D, T, t and so on.</param>
/// <param name="WaitChannel">The kernel function it sleeps in; null: it does not sleep, or the kernel does not tell.</param>
/// <param name="SystemCall">The number of the system call it is in, "running", or null if it may not be seen.</param>
/// <param name="Stack">Kernel functions, the innermost first; empty without the right to see them.</param>
public sealed record ThreadSnapshot(int Id, string Name, char State, string? WaitChannel, string? SystemCall, IReadOnlyList<string> Stack);

/// <summary>How long a thread ran and how long it was ready and did not; nanoseconds since it began.</summary>
/// <param name="Ran">On a processor.</param>
/// <param name="Waited">In the queue of one; what it waits now is counted when that is over.</param>
public readonly record struct ThreadSchedule(long Ran, long Waited);

/// <summary>The threads of processes. Thread-safe.</summary>
public static class ProcessThreads
{
    /// <summary>Its threads, the first one first; empty if it is gone.</summary>
    /// <param name="pid">The process.</param>
    public static IReadOnlyList<int> List(int pid)
    {
        var threads = new List<int>();
        try
        {
            foreach (var folder in Directory.EnumerateDirectories($"/proc/{pid}/task"))
                if (int.TryParse(Path.GetFileName(folder.AsSpan()), CultureInfo.InvariantCulture, out var thread))
                    threads.Add(thread);
        }
        catch (IOException)
        {
            // The process is gone, or ended while it was listed.
        }

        threads.Sort((a, b) => a == pid ? -1 : b == pid ? 1 : a.CompareTo(b));
        return threads;
    }

    /// <summary>The times of a thread; null: it is gone, or the kernel does not keep them.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="thread">The thread.</param>
    public static ThreadSchedule? TryReadSchedule(int pid, int thread)
    {
        if (ProcFs.TryReadText($"/proc/{pid}/task/{thread}/schedstat")?.Split(' ') is not [var ran, var waited, ..])
            return null;
        if (!long.TryParse(ran, CultureInfo.InvariantCulture, out var run) || !long.TryParse(waited, CultureInfo.InvariantCulture, out var wait))
            return null;
        return run == 0 && wait == 0 ? null : new ThreadSchedule(run, wait);
    }

    /// <summary>Whether a thread runs or waits for a processor.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="thread">The thread.</param>
    public static bool IsRunnable(int pid, int thread) =>
        ProcFs.TryReadText($"/proc/{pid}/task/{thread}/stat") is { } text && ProcFs.ParseStat(text) is { State: 'R' };

    /// <summary>A thread as it is now; null: it is gone.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="thread">The thread.</param>
    /// <param name="maxFrames">Most entries of its stack.</param>
    public static ThreadSnapshot? TryRead(int pid, int thread, int maxFrames)
    {
        var folder = $"/proc/{pid}/task/{thread}";
        if (ProcFs.TryReadText($"{folder}/stat") is not { } text || ProcFs.ParseStat(text) is not { } stat)
            return null;
        var channel = ProcFs.TryReadText($"{folder}/wchan")?.Trim();
        var call = ProcFs.TryReadText($"{folder}/syscall")?.Split([' ', '\n'], 2)[0];
        var stack = ProcFs.TryReadLines($"{folder}/stack") ?? [];
        return new ThreadSnapshot(
            thread, stat.Name, stat.State, channel is "" or "0" ? null : channel, call, [.. stack.Take(maxFrames).Select(Frame)]);
    }

    // "[<0>] futex_wait_queue+0x5d/0x90"
    private static string Frame(string line)
    {
        var start = line.IndexOf("] ", StringComparison.Ordinal);
        var end = line.IndexOf('+', StringComparison.Ordinal);
        var from = start < 0 ? 0 : start + 2;
        return end > from ? line[from..end] : line[from..];
    }
}
