using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>What a later core needs of alerts beside the slots' own. Immutable.</summary>
public sealed record AlertDeskRecord
{
    /// <summary>The number of the next alert; none is ever given out twice.</summary>
    public long NextId { get; init; } = 1;

    /// <summary>The silences, those that are over among them until the next change.</summary>
    public IReadOnlyList<AlertSilence> Silences { get; init; } = [];

    /// <summary>When each channel was told of the monitor last.</summary>
    public IReadOnlyList<MonitorAlertRecord> Monitor { get; init; } = [];
}

/// <summary>What the throttle must know of alerts about the monitor: they outlive monitors, so the time is the wall's.</summary>
/// <param name="Alert">The channel.</param>
/// <param name="RaisedAt">When it was told last.</param>
/// <param name="Suppressed">How many were held back since.</param>
public sealed record MonitorAlertRecord(string Alert, DateTimeOffset RaisedAt, int Suppressed)
{
    /// <summary>Since when something lasts that the channel was told of; null: nothing does.</summary>
    public DateTimeOffset? LastsSince { get; init; }
}
