namespace Lifeline.Cli.Diagnosis;

/// <summary>How much a finding matters.</summary>
internal enum FindingLevel
{
    /// <summary>As good as it gets.</summary>
    Good,

    /// <summary>Something else is used instead, which can do less.</summary>
    Less,

    /// <summary>Lifeline cannot work.</summary>
    Bad,
}

/// <summary>One thing that was looked at.</summary>
/// <remarks><paramref name="What"/>: its name. <paramref name="Found"/>: what this machine has. <paramref name="Instead"/>: what is used instead and what that can miss; null where nothing is missing.</remarks>
internal sealed record Finding(FindingLevel Level, string What, string Found, string? Instead = null);
