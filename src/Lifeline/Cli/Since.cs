using System.Globalization;
using Lifeline.Configuration;

namespace Lifeline.Cli;

/// <summary>The value of --since: an event id, a time, or how long ago.</summary>
internal readonly record struct Since(long? Id, DateTimeOffset? Time)
{
    private const string Forms = "a time (2026-01-02T03:04:05Z, \"2026-01-02 03:04\", 03:04), or how long ago (10m, 1h30m)";

    private static readonly string[] TimeFormats = ["HH:mm", "HH:mm:ss", "HH:mm:ss.FFFFFF"];

    private static readonly string[] DateFormats =
        ["yyyy-MM-dd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm:ss.FFFFFFF"];

    private static readonly string[] ZonedFormats = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <remarks><paramref name="withId"/>: whether a bare number is an event id; otherwise it is refused.</remarks>
    public static Since Parse(string text, bool withId, TimeProvider clock, string option = "--since")
    {
        if (withId && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return new Since(id, null);
        if (Durations.TryParse(text) is { } milliseconds && milliseconds < TimeSpan.FromDays(36500).TotalMilliseconds)
            return new Since(null, clock.GetUtcNow() - TimeSpan.FromMilliseconds(milliseconds));
        // Times without a zone are those of the clock on the wall.
        if (DateTime.TryParseExact(text, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)) return new Since(null, Local(date, clock));
        if (TimeOnly.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return new Since(null, Local(clock.GetLocalNow().Date + time.ToTimeSpan(), clock));
        if (DateTimeOffset.TryParseExact(text, ZonedFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var zoned)) return new Since(null, zoned);
        throw new CliException(ExitCode.WrongUsage, $"{option} {Quoted.Of(text)} is not understood", $"write {(withId ? "an event id, " : "")}{Forms}");
    }

    private static DateTimeOffset Local(DateTime wall, TimeProvider clock) => new(wall, clock.LocalTimeZone.GetUtcOffset(wall));
}
