using System.Globalization;

namespace Lifeline.Bench.Running;

/// <summary>Whether anything else runs on this machine.</summary>
internal static class MachineLoad
{
    private const double Quiet = 0.1;

    /// <summary>Looks for half a second, says the load, and warns if the machine is not idle.</summary>
    internal static async Task<string> DescribeAsync(CancellationToken cancellationToken)
    {
        string average = string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);
        (double busy, double all) before = Times();
        await Task.Delay(500, cancellationToken);
        (double busy, double all) after = Times();
        double share = after.all > before.all ? (after.busy - before.busy) / (after.all - before.all) : 0;
        string text = string.Create(CultureInfo.InvariantCulture, $"load average {average}, others use {share * 100:F0} % of {Environment.ProcessorCount} processors");
        return share > Quiet ? text + "  WARNING: the machine is not idle, the figures below are too bad" : text;
    }

    private static (double Busy, double All) Times()
    {
        double[] ticks = [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9].Select(t => double.Parse(t, CultureInfo.InvariantCulture))];
        double idle = ticks[3] + ticks[4];
        return (ticks.Sum() - idle, ticks.Sum());
    }
}
