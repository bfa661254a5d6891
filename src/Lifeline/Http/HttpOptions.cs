namespace Lifeline.Http;

/// <summary>Where the HTTP server listens and whom it trusts.</summary>
internal sealed record HttpOptions
{
    /// <summary>An IP address or <c>localhost</c>.</summary>
    public required string Address { get; init; }

    /// <summary>0 takes a free one.</summary>
    public required int Port { get; init; }

    /// <summary>Nobody chose the address: if it is busy, a free port is taken instead.</summary>
    public required bool IsDefault { get; init; }

    /// <summary>Names beside the machine's own under which browsers reach it, for the check against DNS rebinding.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>PEM file of the certificate and those it was signed with; null: no TLS.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file of its key; null: in the same file.</summary>
    public string? Key { get; init; }
}
