using System.Globalization;

namespace Lifeline.Logs;

/// <summary>Where a reader of a service's log stands in both streams. As text it is opaque to those who carry it, and shorter than 100 bytes.</summary>
internal readonly record struct LogCursor(LogPosition Output, LogPosition Error)
{
    private const string Version = "1";

    public static LogCursor? TryParse(string text)
    {
        var parts = text.Split(':');
        return parts.Length == 3 && parts[0] == Version && Position(parts[1]) is { } output && Position(parts[2]) is { } error
            ? new LogCursor(output, error)
            : null;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Version}:{Output.File}.{Output.Offset}:{Error.File}.{Error.Offset}");

    private static LogPosition? Position(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0
            && long.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var file)
            && long.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? new LogPosition(file, offset)
            : null;
    }
}
