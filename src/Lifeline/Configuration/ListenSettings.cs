namespace Lifeline.Configuration;

/// <summary>A listening socket that is handed to a service and outlives it.</summary>
internal sealed record ListenSettings
{
    /// <summary>What the service finds in LISTEN_FDNAMES.</summary>
    public required string Name { get; init; }

    public required ListenKind Kind { get; init; }

    /// <summary>An IP address, or the absolute path of a Unix socket.</summary>
    public required string Address { get; init; }

    /// <summary>0 for a Unix socket.</summary>
    public required int Port { get; init; }
}

internal enum ListenKind
{
    Tcp,
    Udp,

    /// <summary>A stream socket with a path.</summary>
    Unix,
}
