namespace Lifeline.Configuration;

/// <summary>One table of [groups], or what a group has that no table describes.</summary>
internal sealed record GroupConfiguration
{
    public required string Name { get; init; }

    public required GroupStrategy Strategy { get; init; }

    /// <summary>Restarts of members within <see cref="RestartWindow"/>; one more and the whole group is failed.</summary>
    public required int MaxRestarts { get; init; }

    public required TimeSpan RestartWindow { get; init; }
}

/// <summary>Whom the death of a member concerns; the names are those of Erlang's supervisors.</summary>
internal enum GroupStrategy
{
    /// <summary>Only itself.</summary>
    OneForOne,

    /// <summary>All members are restarted.</summary>
    OneForAll,

    /// <summary>It and the members after it in the file are restarted.</summary>
    RestForOne,
}
