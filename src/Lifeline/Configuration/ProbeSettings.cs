namespace Lifeline.Configuration;

/// <summary>How a service is asked from outside: exactly one of <see cref="Http"/>, <see cref="Tcp"/> and <see cref="Exec"/> is set.</summary>
internal sealed record ProbeSettings
{
    /// <summary>Good: an answer from 200 to 399.</summary>
    public Uri? Http { get; init; }

    /// <summary>Good: a connection is accepted.</summary>
    public ProbeAddress? Tcp { get; init; }

    /// <summary>Program and arguments; good: exit code 0.</summary>
    public IReadOnlyList<string>? Exec { get; init; }

    public required TimeSpan Interval { get; init; }

    /// <summary>No answer for so long is a failure.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Failures in a row that count.</summary>
    public required int Failures { get; init; }

    /// <summary>Successes in a row that count.</summary>
    public required int Successes { get; init; }

    public required ProbeAction Action { get; init; }
}

/// <summary>A host and a port.</summary>
internal sealed record ProbeAddress(string Host, int Port)
{
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}

/// <summary>What follows when a liveness probe has failed often enough.</summary>
internal enum ProbeAction
{
    /// <summary>It is killed and restarted by its policy.</summary>
    Restart,

    /// <summary>It is unhealthy; nothing else.</summary>
    Report,
}
