namespace Lifeline.Contracts;

/// <summary>Which log lines are wanted.</summary>
public sealed record LogQuery
{
    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>Lines after this cursor; null: the last <see cref="Lines"/> of those that match.</summary>
    public string? Cursor { get; init; }

    /// <summary>Only lines since this time.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only what this generation of the service wrote, or nobody knows who; null: whoever wrote it. A monitor of an earlier version gives all.</summary>
    public int? Generation { get; init; }

    /// <summary>At most so many, 0 to <see cref="CallLimits.MaxLogLines"/>; 100 by default.</summary>
    public int Lines { get; init; } = 100;

    /// <summary>If there are none, wait so long for the first; zero by default, at most <see cref="CallLimits.MaxWait"/>.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>
    /// The answer may hold so many bytes at most, counting for each line its text in UTF-8 and <see cref="LineOverheadBytes"/>; set by the stub.
    /// The first line may always be there.
    /// </summary>
    public int MaxBytes { get; init; } = CallLimits.PageBytes;

    /// <summary>What a line takes besides its text, in bytes.</summary>
    public const int LineOverheadBytes = 24;
}
