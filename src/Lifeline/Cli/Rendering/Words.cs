using System.Globalization;
using System.Text;
using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Cli.Rendering;

/// <summary>Values as people say them.</summary>
internal static class Words
{
    /// <summary>The two largest units: "3d 4h", "5m 12s", "7s".</summary>
    public static string Uptime(TimeSpan time)
    {
        if (time < TimeSpan.Zero) time = TimeSpan.Zero;
        if (time.TotalDays >= 1) return string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays}d {time.Hours}h");
        if (time.TotalHours >= 1) return string.Create(CultureInfo.InvariantCulture, $"{time.Hours}h {time.Minutes}m");
        if (time.TotalMinutes >= 1) return string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}m {time.Seconds}s");
        return string.Create(CultureInfo.InvariantCulture, $"{time.Seconds}s");
    }

    /// <summary>Exact: "210 µs", "1 800 µs".</summary>
    public static string Microseconds(long microseconds) => Grouped(microseconds) + " µs";

    /// <summary>"SIGKILL", or the number of a signal without a name.</summary>
    public static string Signal(int signal) =>
        Signals.NameOf(signal) is var name && char.IsAsciiLetter(name[0]) ? "SIG" + name : "signal " + name;

    /// <summary>"killed by SIGKILL", "exited with 3", "hung, killed by SIGKILL".</summary>
    public static string Death(SnapshotDeath death) => Death(JsonNames.Of(death.Reason), death.Signal, death.ExitCode);

    public static string Death(string reason, int? signal, int? exitCode)
    {
        var how = signal is { } number ? $"killed by {Signal(number)}" : exitCode is { } code ? $"exited with {code}" : null;
        return reason switch
        {
            "exited" or "signaled" when how is not null => how,
            "stopped" when how is not null => $"stopped, {how}",
            "lost" => "ended unseen",
            "exec_failed" => "could not be executed",
            "start_timeout" => "was not ready in time",
            "memory_limit" => "reached its memory limit",
            "process_limit" => "had more processes than it may",
            "probe" => "failed its probe",
            _ => how is null ? reason : $"{reason}, {how}",
        };
    }

    /// <summary>Without what could move the cursor or break the line.</summary>
    public static string Line(string text)
    {
        if (!text.Any(char.IsControl)) return text;
        var line = new StringBuilder(text.Length);
        foreach (var c in text) line.Append(char.IsControl(c) ? ' ' : c);
        return line.ToString();
    }

    private static string Grouped(long number) => number.ToString("#,0", Thousands);

    private static readonly NumberFormatInfo Thousands = new() { NumberGroupSeparator = "\u202F", NegativeSign = "-" };
}
