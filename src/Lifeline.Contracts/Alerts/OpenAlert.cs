namespace Lifeline.Contracts;

/// <summary>What is wrong now: one rule and one service, whatever the number of channels that were told.</summary>
public sealed record OpenAlert
{
    /// <summary>Its number: stays the same from the first telling to the end, never given to another.</summary>
    public required long Id { get; init; }

    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>The rule, as <c>failed</c>.</summary>
    public required string Rule { get; init; }

    /// <summary><c>open</c>: people were told; <c>acknowledged</c>: and somebody takes care; <c>held_back</c>: nobody was told yet (<c>for</c>, <c>throttle</c>, a silence).</summary>
    public required string State { get; init; }

    /// <summary>The generation that it was about last.</summary>
    public int Generation { get; init; }

    /// <summary>Since when.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The latest news in one sentence.</summary>
    public required string Text { get; init; }

    /// <summary>How often it happened since.</summary>
    public int Count { get; init; }

    /// <summary>The channels it belongs to.</summary>
    public required IReadOnlyList<string> Channels { get; init; }

    /// <summary>Who acknowledged it.</summary>
    public string? AcknowledgedBy { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset? AcknowledgedAt { get; init; }

    /// <summary>What they said about it.</summary>
    public string? Note { get; init; }
}
