namespace Lifeline.Monitor;

/// <summary>Whom the death of a member concerns; the names are those of Erlang's supervisors.</summary>
public enum GroupStrategy
{
    /// <summary>Only itself: its own budget counts.</summary>
    OneForOne,

    /// <summary>All members are restarted.</summary>
    OneForAll,

    /// <summary>It and the members after it are restarted.</summary>
    RestForOne,
}

/// <summary>Services that share a strategy. Immutable.</summary>
public sealed record GroupSpec
{
    /// <summary>The group's name, unique in a configuration.</summary>
    public required string Name { get; init; }

    /// <summary>Default <see cref="GroupStrategy.OneForOne"/>.</summary>
    public GroupStrategy Strategy { get; init; }

    /// <summary>
    /// Restarts of members within <see cref="RestartWindow"/>, in the place of the members' own budgets; the next death in it makes the
    /// whole group failed. Default 5. Above <see cref="ServiceSpec.MaxRestartBudget"/> there is no limit.
    /// </summary>
    public int MaxRestarts { get; init; } = 5;

    /// <summary>The sliding window of <see cref="MaxRestarts"/>. Default 60 s.</summary>
    public TimeSpan RestartWindow { get; init; } = TimeSpan.FromSeconds(60);
}
