using System.Globalization;
using Lifeline.Contracts;

namespace Lifeline.Cli.Rendering;

/// <summary>Alerts, silences and channels for people.</summary>
internal static class AlertText
{
    private const string Red = "31";
    private const string Yellow = "33";

    private static readonly FittedColumn[] Columns =
    [
        new("ID", 6), new("STATE", 5), new("SERVICE", 9, Least: 12), new("RULE", 7), new("SINCE", 4), new("COUNT", 1), new("CHANNELS", 2, Least: 12), new("WHAT", 8, Least: 24),
    ];

    /// <summary>What must not be overlooked below the table of services: what nobody was told, and what is open.</summary>
    public static void WriteFooter(AlertOverview overview, CliContext context)
    {
        foreach (var (text, code) in Footer(overview))
            context.Output.WriteLine(Paint(Wrapping.Below("", text, context.TextWidth), code, context));
    }

    /// <summary>The same text by text, the least urgent last, each with the code of its colour.</summary>
    public static IEnumerable<(string Text, string Code)> Footer(AlertOverview overview)
    {
        foreach (var channel in overview.Channels.Where(IsInTrouble)) yield return (Trouble(channel), Red);
        foreach (var own in overview.Alerts.Where(IsOfMonitor)) yield return (Words.Line(own.Text), Red);
        var open = overview.Alerts.Count(alert => alert.State == "open" && !IsOfMonitor(alert));
        if (open > 0) yield return ($"{Count(open, "alert")} open: \"lifeline alert list\"", Yellow);
    }

    public static void Write(AlertOverview overview, CliContext context)
    {
        if (overview.Alerts.Count == 0) context.Output.WriteLine(NothingOpen(overview));
        else WriteRows(context, [.. overview.Alerts.Select(alert => Row(alert, context))]);
        foreach (var silence in overview.Silences)
            context.Output.WriteLine(Wrapping.Below("", Words.Line($"silenced: {silence.Target} until {Time(silence.Until, context)} by {silence.By}{Note(silence.Note)}"), context.TextWidth));
        foreach (var channel in overview.Channels)
        {
            if (IsInTrouble(channel)) WriteTrouble(channel, context);
            else if (channel.Pending > 0) context.Output.WriteLine($"{channel.Name} ({channel.Kind}): {Count(channel.Pending, "alert")} on the way");
        }
    }

    /// <summary>What stands instead of the table; not that all is well, where nothing could be open.</summary>
    internal static string NothingOpen(AlertOverview overview) => overview.Channels.Count == 0
        ? "Nobody is told of anything: no alert channel is configured ([alerts.NAME]). \"lifeline status\" shows what is wrong."
        : "Nothing is wrong that anybody would be told of.";

    private static bool IsOfMonitor(OpenAlert alert) => alert.Service.Length == 0;

    private static bool IsInTrouble(AlertChannelStatus channel) => channel.Undelivered > 0 || channel is { Pending: > 0, LastError: not null };

    private static void WriteTrouble(AlertChannelStatus channel, CliContext context) =>
        context.Output.WriteLine(Paint(Wrapping.Below("", Trouble(channel), context.TextWidth), Red, context));

    private static string Trouble(AlertChannelStatus channel)
    {
        var parts = new List<string>();
        if (channel.Undelivered > 0) parts.Add($"{Count(channel.Undelivered, "alert")} NOT DELIVERED and given up");
        if (channel.Pending > 0) parts.Add($"{Count(channel.Pending, "alert")} not delivered yet");
        return Words.Line($"{channel.Name} ({channel.Kind}): {string.Join(", ", parts)}{(channel.LastError is { } error ? ": " + error : "")}");
    }

    private static string[] Row(OpenAlert alert, CliContext context) =>
    [
        alert.Id == 0 ? "-" : alert.Id.ToString(CultureInfo.InvariantCulture),
        alert.State == "held_back" ? "held back" : alert.State,
        IsOfMonitor(alert) ? "-" : alert.Service,
        alert.Rule,
        alert.Since is { } since ? Words.Uptime(context.Time.GetUtcNow() - since) : "-",
        alert.Count.ToString(CultureInfo.InvariantCulture),
        string.Join(',', alert.Channels),
        Words.Line(alert.Text) + (alert.AcknowledgedBy is { } by ? $" ({by} takes care{Note(alert.Note)})" : ""),
    ];

    private static void WriteRows(CliContext context, string[][] rows)
    {
        var fitted = FittedTable.Fit(Columns, rows, context.TextWidth);
        foreach (var row in rows.Prepend(fitted.Headers())) context.Output.WriteLine(fitted.WrappedLine(row));
    }

    private static string Time(DateTimeOffset time, CliContext context)
    {
        var local = TimeZoneInfo.ConvertTime(time, context.Time.LocalTimeZone);
        return local.ToString(local.Date == context.Time.GetLocalNow().Date ? "HH:mm:ss" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
    }

    private static string Note(string? note) => note is { Length: > 0 } ? ": " + note : "";

    private static string Count(int number, string what) => string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number == 1 ? "" : "s")}");

    private static string Paint(string text, string code, CliContext context) => context.Color ? $"\e[{code}m{text}\e[0m" : text;
}
