namespace Lifeline.Journal;

/// <summary>An event before it has its number.</summary>
/// <param name="Kind">Its wire name, such as <c>service.died</c>.</param>
/// <param name="Service">The service it is about; null for the monitor itself.</param>
/// <param name="Generation">The service's generation; 0 if none.</param>
/// <param name="DataJson">One JSON object.</param>
/// <param name="At">When it happened; null means when it was handed over.</param>
internal sealed record JournalEvent(string Kind, string? Service, int Generation, string DataJson, DateTimeOffset? At = null)
{
    /// <summary>Longest data of one event, in characters; longer data is replaced by its length.</summary>
    public const int MaxDataLength = 32 * 1024;
}
