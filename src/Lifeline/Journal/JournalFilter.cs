namespace Lifeline.Journal;

/// <summary>Which events are wanted.</summary>
/// <param name="Service">Only those of this service, or of one of these, with commas between; <c>*</c> and <c>?</c> match as in a shell.</param>
/// <param name="Kind">Only those of this kind, or of one of these, with commas between; <c>*</c> and <c>?</c> match as in a shell.</param>
/// <param name="Until">Only those before this time.</param>
/// <param name="UpTo">Only those up to this number.</param>
internal readonly record struct JournalFilter(string? Service = null, string? Kind = null, DateTimeOffset? Until = null, long? UpTo = null);
