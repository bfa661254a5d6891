namespace Lifeline.Contracts;

/// <summary>Nobody is told of a service, or by a channel, until a time.</summary>
public sealed record AlertSilence
{
    /// <summary>The name of a channel, or a pattern of services' names.</summary>
    public required string Target { get; init; }

    /// <summary>When it ends.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Who asked for it.</summary>
    public required string By { get; init; }

    /// <summary>Why.</summary>
    public string? Note { get; init; }
}
