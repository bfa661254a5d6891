namespace Lifeline.Contracts;

/// <summary>A listening socket that a service is handed. Immutable.</summary>
public sealed record SnapshotSocket
{
    /// <summary>What the service finds in LISTEN_FDNAMES.</summary>
    public required string Name { get; init; }

    /// <summary><c>tcp</c>, <c>udp</c> or <c>unix</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Address and port, or the path.</summary>
    public required string Address { get; init; }

    /// <summary>It is open now: connections are taken or wait.</summary>
    public bool IsOpen { get; init; }
}
