using System.Diagnostics;
using System.Globalization;

namespace Lifeline.Bench.Measuring;

/// <summary>The child's end of what bench and children say to each other: a line in, a line out.</summary>
internal static class Role
{
    /// <summary>Nanoseconds of CLOCK_MONOTONIC, which all processes share.</summary>
    internal static long Now => Stopwatch.GetTimestamp();

    /// <summary>Nanoseconds of processor time that this process has used.</summary>
    internal static long Cpu => Environment.CpuUsage.TotalTime.Ticks * 100;

    /// <summary>Says that this process is ready, and answers lines until the bench says stop or is gone.</summary>
    /// <returns>The exit code.</returns>
    internal static int Serve(Func<string[], string> answer)
    {
        Console.Out.WriteLine("ready");
        while (Console.In.ReadLine() is { } line && line != "stop")
        {
            try
            {
                string[] words = line.Split(' ');
                Console.Out.WriteLine(words[0] == "cpu" ? $"done cpu={Cpu}" : $"done {answer(words)}");
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Console.Out.WriteLine($"failed {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
            }
        }

        return 0;
    }

    internal static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    internal static string Percentiles(Latencies latencies) => string.Create(
        CultureInfo.InvariantCulture,
        $"p50={latencies.Percentile(0.5):F0} p99={latencies.Percentile(0.99):F0} p999={latencies.Percentile(0.999):F0}");
}
