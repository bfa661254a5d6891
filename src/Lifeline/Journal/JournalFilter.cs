using Lifeline.Configuration;

namespace Lifeline.Journal;

/// <summary>Which events are wanted.</summary>
/// <param name="Service">Only those of this service, or of one of these, with commas between; <c>*</c> and <c>?</c> match as in a shell.</param>
/// <param name="Kind">Only those of this kind, or of one of these, with commas between; <c>*</c> and <c>?</c> match as in a shell.</param>
/// <param name="Until">Only those before this time.</param>
/// <param name="UpTo">Only those up to this number.</param>
internal readonly record struct JournalFilter(string? Service = null, string? Kind = null, DateTimeOffset? Until = null, long? UpTo = null)
{
    /// <summary>Patterns in one list: each is tried on every event, while whoever else reads waits.</summary>
    public const int MaxPatterns = 32;

    /// <summary>What is too much of it; null: nothing.</summary>
    public string? Excess => ExcessOf("services", Service) ?? ExcessOf("kinds", Kind);

    /// <summary>The values of a list.</summary>
    public static string[] Values(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string? ExcessOf(string what, string? list) =>
        list is not null && Values(list).Count(Glob.HasWildcard) is > MaxPatterns and var count
            ? $"there are {count} patterns in the list of {what}; {MaxPatterns} are possible, names of {what} count for nothing"
            : null;
}
