namespace Lifeline.Contracts;

/// <summary>The last status within a <see cref="ServiceSnapshot"/>.</summary>
public sealed record SnapshotStatus
{
    /// <summary>The service's own number.</summary>
    public int Code { get; init; }

    /// <summary>One line for people.</summary>
    public required string Text { get; init; }

    /// <summary>The number of the report.</summary>
    public long Sequence { get; init; }

    /// <summary>When it was reported.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Named values.</summary>
    public IReadOnlyDictionary<string, StatusValue> Fields { get; init; } = StatusReport.NoFields;
}
