using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Lifeline.Contracts;

/// <summary>
/// The JSON that outside programs rely on: names in snake_case, absent values null, times in UTC with milliseconds.
/// Made at build time: nothing here needs reflection. Thread-safe.
/// </summary>
public static class ContractsJson
{
    // Only what JSON itself demands is escaped: a person reads it in a terminal, and no one pastes it into HTML unescaped.
    private static readonly ContractsJsonContext Context =
        new(new JsonSerializerOptions(ContractsJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>How one service is written and read.</summary>
    public static JsonTypeInfo<ServiceSnapshot> Snapshot => Context.ServiceSnapshot;

    /// <summary>How the outline of one service is written and read.</summary>
    public static JsonTypeInfo<ServiceOutline> Outline => Context.ServiceOutline;

    /// <summary>How a list of services is written and read.</summary>
    public static JsonTypeInfo<IReadOnlyList<ServiceSnapshot>> Snapshots => Context.IReadOnlyListServiceSnapshot;

    /// <summary>How one event is written and read.</summary>
    public static JsonTypeInfo<ServiceEvent> Event => Context.ServiceEvent;

    /// <summary>How the steps of a reclaim are written and read, as in the data of <see cref="EventKinds.ServiceReclaimed"/>.</summary>
    public static JsonTypeInfo<IReadOnlyList<ReclaimStep>> ReclaimSteps => Context.IReadOnlyListReclaimStep;

    /// <summary>How the fields of a status are written and read, as in the data of <see cref="EventKinds.ServiceStatus"/>.</summary>
    public static JsonTypeInfo<IReadOnlyDictionary<string, StatusValue>> Fields => Context.IReadOnlyDictionaryStringStatusValue;

    /// <summary>How everything about alerts is written and read.</summary>
    public static JsonTypeInfo<AlertOverview> Alerts => Context.AlertOverview;

    /// <summary>How one alert is written and read.</summary>
    public static JsonTypeInfo<OpenAlert> OpenAlert => Context.OpenAlert;

    /// <summary>How one silence is written and read.</summary>
    public static JsonTypeInfo<AlertSilence> AlertSilence => Context.AlertSilence;

    /// <summary>How one alert channel is written and read.</summary>
    public static JsonTypeInfo<AlertChannelStatus> AlertChannel => Context.AlertChannelStatus;

    /// <summary>Everything about alerts as a JSON object on one line.</summary>
    public static string Serialize(AlertOverview overview) => JsonSerializer.Serialize(overview, Alerts);

    /// <summary>One service as a JSON object on one line.</summary>
    public static string Serialize(ServiceSnapshot snapshot) => JsonSerializer.Serialize(snapshot, Snapshot);

    /// <summary>Services as a JSON array on one line.</summary>
    public static string Serialize(IReadOnlyList<ServiceSnapshot> snapshots) => JsonSerializer.Serialize(snapshots, Snapshots);

    /// <summary>One event as a JSON object on one line.</summary>
    /// <exception cref="JsonException">Its data is no JSON.</exception>
    public static string Serialize(ServiceEvent serviceEvent) => JsonSerializer.Serialize(serviceEvent, Event);

    /// <summary>A time as it is spelled everywhere: <c>2026-01-02T03:04:05.678Z</c>.</summary>
    public static string Spell(DateTimeOffset time) => TimeConverter.Spell(time);
}
