namespace Lifeline.Configuration;

/// <summary>Whom a service runs as, as the system's user database said when the file was read.</summary>
internal sealed record ServiceIdentity
{
    /// <summary>The user's name, or its number where it has none.</summary>
    public required string User { get; init; }

    public required uint Uid { get; init; }

    public required uint Gid { get; init; }

    /// <summary>Supplementary groups.</summary>
    public required IReadOnlyList<uint> Groups { get; init; }

    /// <summary>Home folder; "/" for a user without an entry.</summary>
    public required string Home { get; init; }

    /// <summary>Login shell.</summary>
    public string Shell { get; init; } = "/bin/sh";
}
