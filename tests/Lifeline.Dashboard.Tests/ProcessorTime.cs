using System.Globalization;

namespace Lifeline.Dashboard.Tests;

/// <summary>Processor time of a process and of its threads by name, as the kernel counts it (in hundredths of a second).</summary>
internal sealed class ProcessorTime
{
    private const double TickSeconds = 0.01;

    private readonly Dictionary<string, double> byThread;

    private ProcessorTime(Dictionary<string, double> byThread, double whole) => (this.byThread, Whole) = (byThread, whole);

    /// <summary>Seconds of the whole process.</summary>
    public double Whole { get; }

    public static ProcessorTime Of(int pid)
    {
        var byThread = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var thread in Directory.GetDirectories($"/proc/{pid}/task"))
        {
            if (Read(thread) is var (name, seconds))
                byThread[name] = byThread.GetValueOrDefault(name) + seconds;
        }

        return new ProcessorTime(byThread, Read($"/proc/{pid}")?.Seconds ?? 0);
    }

    /// <summary>What was used since an earlier reading, in parts of one core.</summary>
    public string Since(ProcessorTime before, double seconds)
    {
        var parts = byThread.Select(t => (t.Key, Part: (t.Value - before.byThread.GetValueOrDefault(t.Key)) / seconds)).Where(t => t.Part >= 0.001)
            .OrderByDescending(t => t.Part).Select(t => $"{t.Key} {t.Part * 100:0.0}");
        return $"{Part(before, seconds) * 100:0.0} % of a core ({string.Join(", ", parts)})";
    }

    public double Part(ProcessorTime before, double seconds) => (Whole - before.Whole) / seconds;

    /// <summary>What threads that serve (the pool's, the sockets' and the timer's) used, HTTP's among it.</summary>
    public double Serving(ProcessorTime before, double seconds) => byThread.Where(t => t.Key.StartsWith(".NET", StringComparison.Ordinal))
        .Sum(t => t.Value - before.byThread.GetValueOrDefault(t.Key)) / seconds;

    private static (string Name, double Seconds)? Read(string folder)
    {
        try
        {
            var text = File.ReadAllText(folder + "/stat");
            var end = text.LastIndexOf(')');
            var fields = text[(end + 2)..].Split(' ');
            var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            return (text[(text.IndexOf('(', StringComparison.Ordinal) + 1)..end], ticks * TickSeconds);
        }
        catch (IOException)
        {
            // The thread ended meanwhile.
            return null;
        }
    }
}
