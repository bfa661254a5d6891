namespace Lifeline.Monitor;

/// <summary>Where one alert channel and rule stand for one service.</summary>
/// <param name="Alert">The channel.</param>
/// <param name="Rule">The rule.</param>
public sealed record AlertRecord(string Alert, AlertRule Rule)
{
    /// <summary>Raised and not yet resolved.</summary>
    public bool Open { get; init; }

    /// <summary>When it was raised last; monotonic.</summary>
    public long? RaisedAt { get; init; }

    /// <summary>How many were held back since.</summary>
    public int Suppressed { get; init; }

    /// <summary>What to raise when the throttle is over, unless the service recovers before.</summary>
    public string? HeldBack { get; init; }

    /// <summary>The generation that <see cref="HeldBack"/> is about.</summary>
    public int HeldBackGeneration { get; init; }
}
