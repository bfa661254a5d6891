namespace Lifeline.Alerting;

/// <summary>How the connection to a mail server is protected.</summary>
internal enum MailTls
{
    /// <summary>TLS if the server offers it; with a password never without, except to this machine itself.</summary>
    Auto,

    /// <summary>STARTTLS, or nothing is sent.</summary>
    StartTls,

    /// <summary>TLS from the first byte.</summary>
    Implicit,

    /// <summary>None.</summary>
    None,
}

/// <summary>A mailbox, and the server that takes mail for it.</summary>
/// <param name="To">Addresses, separated by commas.</param>
/// <param name="From">The sender's address.</param>
/// <param name="Host">The server.</param>
/// <param name="Port">Its port.</param>
/// <param name="Tls">How the connection is protected.</param>
internal sealed record EmailTarget(string To, string From, string Host, int Port, MailTls Tls)
{
    /// <summary>Who sends; null: nobody need say.</summary>
    public string? User { get; init; }

    /// <summary>Never shown.</summary>
    public string? Password { get; init; }

    /// <summary>PEM file of the authorities that may have signed the server's certificate; null: those that the machine trusts.</summary>
    public string? Authorities { get; init; }

    // A record prints all of itself.
    public override string ToString() => $"{Host}:{Port}";
}
