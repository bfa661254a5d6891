using System.Globalization;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>Start times of processes on the wall clock, as the kernel stamps files.</summary>
internal static class ProcessStart
{
    /// <summary>When a process began that has these ticks since the boot; null if they are not known.</summary>
    public static DateTimeOffset? TimeOf(long startTicks)
    {
        if (startTicks <= 0 || ProcFs.TryReadText("/proc/uptime") is not { } text
            || !double.TryParse(text.AsSpan(0, Math.Max(0, text.IndexOf(' ', StringComparison.Ordinal))), CultureInfo.InvariantCulture, out var uptime))
        {
            return null;
        }

        return TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(uptime - ((double)startTicks / ProcFs.TicksPerSecond));
    }
}
