namespace Lifeline.Contracts;

/// <summary>How a channel does.</summary>
public sealed record AlertChannelStatus
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary><c>command</c>, <c>webhook</c>, <c>email</c> or <c>alertmanager</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Alerts that wait to be delivered.</summary>
    public int Pending { get; init; }

    /// <summary>Alerts given up since the last one that was delivered.</summary>
    public int Undelivered { get; init; }

    /// <summary>The last error, without secrets; null after a delivery.</summary>
    public string? LastError { get; init; }
}
