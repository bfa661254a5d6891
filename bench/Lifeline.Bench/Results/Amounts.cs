using System.Globalization;

namespace Lifeline.Bench.Results;

/// <summary>How figures are written.</summary>
internal static class Amounts
{
    internal static string Time(double nanoseconds) => nanoseconds switch
    {
        double.NaN => "–",
        < 1000 => Digits(nanoseconds, " ns"),
        < 1e6 => Digits(nanoseconds / 1e3, " µs"),
        < 1e9 => Digits(nanoseconds / 1e6, " ms"),
        _ => Digits(nanoseconds / 1e9, " s"),
    };

    internal static string Rate(double perSecond) => perSecond switch
    {
        double.NaN => "–",
        >= 1e6 => Digits(perSecond / 1e6, " M/s"),
        >= 1e3 => Digits(perSecond / 1e3, " k/s"),
        _ => Digits(perSecond, " /s"),
    };

    internal static string Bytes(double bytes) => bytes switch
    {
        double.NaN => "–",
        >= 1 << 20 => Digits(bytes / (1 << 20), " MiB"),
        >= 1 << 10 => Digits(bytes / (1 << 10), " KiB"),
        _ => Digits(bytes, " B"),
    };

    internal static string Speed(double bytesPerSecond) => double.IsNaN(bytesPerSecond) ? "–" : Digits(bytesPerSecond / 1e9, " GB/s");

    internal static string Share(double share) => double.IsNaN(share) ? "–" : Digits(share * 100, " %");

    internal static string Count(double count) => double.IsNaN(count) ? "–" : count.ToString("N0", CultureInfo.InvariantCulture);

    internal static string Times(double ratio) => double.IsNaN(ratio) || double.IsInfinity(ratio) ? "–" : Digits(ratio, " ×");

    // Three figures that count, and never an exponent.
    private static string Digits(double value, string unit)
    {
        string format = Math.Abs(value) switch { >= 100 => "F0", >= 10 => "F1", >= 1 => "F2", 0 => "F0", _ => "F3" };
        return value.ToString(format, CultureInfo.InvariantCulture) + unit;
    }
}
