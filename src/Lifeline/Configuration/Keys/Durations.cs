using System.Globalization;

namespace Lifeline.Configuration;

/// <summary>Durations ("250ms", "1m30s") and sizes ("64KiB") as text.</summary>
internal static class Durations
{
    private static readonly (string Unit, double Milliseconds)[] Units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

    private static readonly (string Unit, double Bytes)[] SizeUnits =
        [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("B", 1)];

    /// <summary>Milliseconds, or null if the text is no duration. Units may follow each other, larger ones first.</summary>
    public static double? TryParse(string text)
    {
        double total = 0;
        var lastUnit = Units.Length;
        var rest = text.AsSpan();
        if (rest.IsEmpty) return null;
        while (!rest.IsEmpty)
        {
            if (!TakeNumber(ref rest, out var number)) return null;
            var unit = FindUnit(rest);
            if (unit < 0 || unit >= lastUnit) return null;
            total += number * Units[unit].Milliseconds;
            rest = rest[Units[unit].Unit.Length..];
            lastUnit = unit;
        }
        return total;
    }

    /// <summary>Bytes, or null if the text is no size.</summary>
    public static double? TryParseSize(string text)
    {
        var rest = text.AsSpan();
        if (!TakeNumber(ref rest, out var number)) return null;
        foreach (var (unit, bytes) in SizeUnits)
            if (rest.SequenceEqual(unit)) return number * bytes;
        return null;
    }

    /// <summary>The shortest text that gives this duration.</summary>
    public static string Format(double milliseconds)
    {
        if (milliseconds == 0) return "0s";
        for (var i = Units.Length - 1; i >= 0; i--)
            if (milliseconds % Units[i].Milliseconds == 0) return Text(milliseconds / Units[i].Milliseconds, Units[i].Unit);
        return Text(milliseconds, "ms");
    }

    public static string Format(TimeSpan duration) => Format(duration.TotalMilliseconds);

    public static string FormatSize(double bytes)
    {
        foreach (var (unit, size) in SizeUnits.Take(4).Reverse())
            if (bytes != 0 && bytes % size == 0) return Text(bytes / size, unit);
        return Text(bytes, "B");
    }

    private static string Text(double number, string unit) => number.ToString("0.###", CultureInfo.InvariantCulture) + unit;

    private static bool TakeNumber(ref ReadOnlySpan<char> text, out double number)
    {
        var length = 0;
        while (length < text.Length && (char.IsAsciiDigit(text[length]) || text[length] == '.')) length++;
        var valid = double.TryParse(text[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number)
            && char.IsAsciiDigit(text[0]) && char.IsAsciiDigit(text[length - 1]);
        text = text[length..];
        return valid;
    }

    private static int FindUnit(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < Units.Length; i++)
        {
            var unit = Units[i].Unit;
            // "m" must not be taken from the beginning of "ms".
            if (text.StartsWith(unit) && (text.Length == unit.Length || char.IsAsciiDigit(text[unit.Length]))) return i;
        }
        return -1;
    }
}
