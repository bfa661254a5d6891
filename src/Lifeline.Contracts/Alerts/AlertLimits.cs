namespace Lifeline.Contracts;

/// <summary>What the calls about alerts carry at most.</summary>
public static class AlertLimits
{
    /// <summary>Longest note, in bytes of UTF-8.</summary>
    public const int MaxNoteBytes = 500;

    /// <summary>Longest name of a channel or pattern of services, in bytes of UTF-8.</summary>
    public const int MaxTargetBytes = 128;

    /// <summary>Longest silence.</summary>
    public static readonly TimeSpan MaxSilence = TimeSpan.FromDays(366);

    /// <summary>Most alerts, silences and channels in one page of the overview.</summary>
    internal const int MaxRows = 1000;

    /// <summary>Longest row of the overview, in bytes of UTF-8.</summary>
    internal const int MaxRowBytes = 64 * 1024;

    /// <summary>Longest answer of a receiver, in bytes of UTF-8.</summary>
    internal const int MaxAnswerBytes = 4096;
}
