using System.Globalization;
using System.Text;
using System.Text.Json;
using Lifeline.Contracts;

namespace Lifeline.Cli.Rendering;

/// <summary>One event on one line: when, which service, what, and the data in words. Thread-safe.</summary>
/// <remarks>
/// <paramref name="clock"/>: its time zone is used, and its day: the date is left out for events of today. <paramref name="withId"/>:
/// the line begins with the id of the event, after which <c>--since</c> goes on.
/// </remarks>
internal sealed class EventText(TimeProvider clock, bool color, bool withId = false)
{
    private const int IdWidth = 5;
    private const int ServiceWidth = 12;
    private const int KindWidth = 10;

    /// <remarks><paramref name="width"/>: of the terminal, to which the line keeps by going on below; null elsewhere.</remarks>
    public string Format(ServiceEvent happened, int? width = null)
    {
        var line = new StringBuilder();
        if (withId) line.Append(happened.Id.ToString(CultureInfo.InvariantCulture).PadLeft(IdWidth)).Append("  ");
        var local = TimeZoneInfo.ConvertTime(happened.At, clock.LocalTimeZone);
        if (local.Date != clock.GetLocalNow().Date) line.Append(CultureInfo.InvariantCulture, $"{local:yyyy-MM-dd} ");
        line.Append(CultureInfo.InvariantCulture, $"{local:HH:mm:ss.fff}  ");
        var kind = (happened.Kind.StartsWith("service.", StringComparison.Ordinal) ? happened.Kind["service.".Length..] : happened.Kind).PadRight(KindWidth);
        var service = (happened.Service ?? "-").PadRight(ServiceWidth);
        if (width is { } limit) service = FittedTable.Crop(service, Math.Max(ServiceWidth, limit - line.Length - kind.Length - 4));
        line.Append(service).Append("  ").Append(Paint(happened.Kind, kind)).Append("  ");
        return Wrapping.Below(line.ToString(), Words.Line(Describe(happened)), width).TrimEnd();
    }

    private string Paint(string kind, string text)
    {
        if (!color) return text;
        var code = kind switch
        {
            EventKinds.ServiceReady or EventKinds.AlertResolved => "32",
            EventKinds.ServiceDied or EventKinds.ServiceHung or EventKinds.ServiceOverLimit or EventKinds.ServiceFailed or EventKinds.AlertFailed or EventKinds.JournalLost => "31",
            EventKinds.ServiceDying or EventKinds.ServiceBackoff or EventKinds.SessionLost or EventKinds.AlertRaised
                or EventKinds.ServiceExtended or EventKinds.ServiceProbe => "33",
            _ => null,
        };
        return code is null ? text : $"\e[{code}m{text}\e[0m";
    }

    private static string Describe(ServiceEvent happened)
    {
        try
        {
            using var document = JsonDocument.Parse(happened.DataJson);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return happened.DataJson;
            var parts = new List<string>(EventWords.Of(happened.Kind, new EventData(document.RootElement)));
            if (happened.Generation > 0 && happened.Kind is EventKinds.ServiceStarting or EventKinds.ServiceStarted or EventKinds.ServiceAdopted)
                parts.Insert(0, string.Create(CultureInfo.InvariantCulture, $"generation {happened.Generation}"));
            return string.Join(", ", parts);
        }
        catch (JsonException)
        {
            // An event of a newer version, or a damaged one: shown as it is rather than not at all.
            return happened.DataJson;
        }
    }
}
