namespace Lifeline.Alerting;

/// <summary>One thing to tell people through one channel.</summary>
internal sealed record Alert
{
    /// <summary>The channel's name.</summary>
    public required string Channel { get; init; }

    /// <summary>Wire name of the rule, such as <c>died</c>.</summary>
    public required string Rule { get; init; }

    public required string Service { get; init; }

    public int Generation { get; init; }

    /// <summary>False: it is raised; true: what it was about is over.</summary>
    public bool Resolved { get; init; }

    /// <summary>One sentence.</summary>
    public required string Text { get; init; }

    /// <summary>How many of the same the throttle held back since the last one.</summary>
    public int Suppressed { get; init; }

    /// <summary>The number of what is wrong; 0 if it has none.</summary>
    public long Number { get; init; }

    /// <summary>Since when it is wrong; null: since <see cref="At"/>.</summary>
    public DateTimeOffset? Since { get; init; }

    public required DateTimeOffset At { get; init; }
}
