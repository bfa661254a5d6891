namespace Lifeline.Configuration;

/// <summary>Where the dashboard and the API listen.</summary>
/// <param name="Address">An IP address.</param>
/// <param name="Port">0: a free one.</param>
/// <param name="IsDefault">Nobody wrote it: another port may be taken if this one is busy.</param>
internal sealed record HttpSettings(string Address, int Port, bool IsDefault)
{
    /// <summary>Names beside the machine's own under which browsers reach it.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>PEM file of the certificate and of those it was signed with; null: no TLS.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file of its key; null: it is in the certificate's file.</summary>
    public string? Key { get; init; }

    /// <summary>The same in every key; lists are compared by what they hold.</summary>
    public bool IsSameAs(HttpSettings other) => this with { Hosts = other.Hosts } == other && Hosts.SequenceEqual(other.Hosts);
}
