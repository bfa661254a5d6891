using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lifeline.Contracts;

namespace Lifeline.Http;

/// <summary>The JSON that only the API has; what it shares with the command line is in <c>ContractsJson</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(ApiTime)])]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(MonitorDescription))]
[JsonSerializable(typeof(DashboardLink))]
[JsonSerializable(typeof(IReadOnlyList<UsagePoint>))]
[JsonSerializable(typeof(ServiceSettings))]
[JsonSerializable(typeof(IReadOnlyList<GenerationDescription>))]
[JsonSerializable(typeof(LogPage))]
[JsonSerializable(typeof(LogPageLine))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int?))]
[JsonSerializable(typeof(bool?))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(IReadOnlyList<JournaledEvent>))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;

/// <summary>The JSON of the API, in which only what JSON itself demands is escaped.</summary>
internal static class ApiJson
{
    public static ApiJsonContext Plain { get; } =
        new(new JsonSerializerOptions(ApiJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>Times as everywhere else in Lifeline.</summary>
internal sealed class ApiTime : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(ContractsJson.Spell(value));
}

/// <summary>The shape of an event, for the OpenAPI document: events themselves are written as the journal has them.</summary>
internal sealed record JournaledEvent(long Id, DateTimeOffset At, string? Service, int? Generation, string Kind, JsonElement Data);

/// <summary>The monitor itself.</summary>
internal sealed record MonitorDescription(
    string Version, int Pid, int KeeperPid, DateTimeOffset StartedAt, string? ConfigurationFile, string JournalEpoch, long LastEventId, int Services,
    bool MayChange, bool MayReadSecrets);

/// <summary>A link that opens the dashboard once.</summary>
internal sealed record DashboardLink(string Url, int ExpiresInSeconds);

/// <summary>What a service used at one moment.</summary>
internal sealed record UsagePoint(DateTimeOffset At, long MemoryBytes, double CpuSeconds, int Processes);

/// <summary>How a service is configured; values that look like secrets are masked.</summary>
internal sealed record ServiceSettings(
    string Name, IReadOnlyList<string> Command, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment, string Restart, string Ready,
    double ReadyTimeoutSeconds, double? HeartbeatSeconds, bool Autostart, int MaxRestarts, double RestartWindowSeconds, int StopSignal, double StopTimeoutSeconds,
    IReadOnlyList<string> ReclaimPaths, string ConfiguredAt);

/// <summary>The life of one generation, as far as the journal remembers it.</summary>
internal sealed record GenerationDescription
{
    public required int Generation { get; init; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? ReadyAt { get; set; }

    public DateTimeOffset? DiedAt { get; set; }

    public string? Reason { get; set; }

    public int? Signal { get; set; }

    public int? ExitCode { get; set; }

    public DateTimeOffset? ReclaimedAt { get; set; }

    public long? ReclaimUs { get; set; }

    public long? DetectUs { get; set; }

    /// <summary>The steps of the reclaim, as in <c>service.reclaimed</c>.</summary>
    public JsonElement? Reclaimed { get; set; }

    /// <summary>Health and when it became so.</summary>
    public IList<HealthChange> Health { get; init; } = [];
}

/// <summary>When a health began.</summary>
internal sealed record HealthChange(DateTimeOffset At, string Health);

/// <summary>Lines of a log, and where the next ones begin.</summary>
internal sealed record LogPage(string Cursor, bool Gap, IReadOnlyList<LogPageLine> Lines);

/// <summary>One line of a log.</summary>
internal sealed record LogPageLine(string Stream, DateTimeOffset At, string Text, int? Generation);
