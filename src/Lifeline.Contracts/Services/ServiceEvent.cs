using System.Text.Json.Serialization;

namespace Lifeline.Contracts;

/// <summary>One event of the journal.</summary>
[JsonConverter(typeof(ServiceEventConverter))]
public sealed record ServiceEvent
{
    /// <summary>Largest <see cref="DataJson"/> that is passed on, in bytes of UTF-8; what is larger is replaced by <c>{"truncated":true}</c>.</summary>
    public const int MaxDataBytes = 96 * 1024;

    /// <summary>Rises by one without gaps, from 1.</summary>
    public required long Id { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The service it is about; null for the monitor's own events.</summary>
    public string? Service { get; init; }

    /// <summary>The generation it is about; 0 where there is none, spelled null in JSON.</summary>
    public int Generation { get; init; }

    /// <summary>One of <see cref="EventKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The data, one JSON object.</summary>
    public string DataJson { get; init; } = "{}";
}
