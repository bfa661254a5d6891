namespace Lifeline.Monitor;

/// <summary>Where one alert channel and rule stand for one service.</summary>
/// <param name="Alert">The channel.</param>
/// <param name="Rule">The rule.</param>
public sealed record AlertRecord(string Alert, AlertRule Rule)
{
    /// <summary>Raised and not yet resolved.</summary>
    public bool Open { get; init; }

    /// <summary>The number of what is open or held back, shared by all channels of the service and rule; 0: nothing is.</summary>
    public long Id { get; init; }

    /// <summary>Since when.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>How often it happened since.</summary>
    public int Count { get; init; }

    /// <summary>What people were told last.</summary>
    public string? Text { get; init; }

    /// <summary>The generation that <see cref="Text"/> is about.</summary>
    public int Generation { get; init; }

    /// <summary>Who takes care of it; nobody is told more before it is over.</summary>
    public string? AcknowledgedBy { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset? AcknowledgedAt { get; init; }

    /// <summary>What they said.</summary>
    public string? Note { get; init; }

    /// <summary>Since when what is held back holds; monotonic.</summary>
    public long? HoldsSince { get; init; }

    /// <summary>When it was raised last; monotonic.</summary>
    public long? RaisedAt { get; init; }

    /// <summary>How many were held back since.</summary>
    public int Suppressed { get; init; }

    /// <summary>What to raise when the throttle is over, unless the service recovers before.</summary>
    public string? HeldBack { get; init; }

    /// <summary>The generation that <see cref="HeldBack"/> is about.</summary>
    public int HeldBackGeneration { get; init; }
}
