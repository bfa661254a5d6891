using Lifeline.Linux;
using Lifeline.Logs;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>The last line that a service wrote before it died, for whoever is told of its death. Safe for any thread.</summary>
internal sealed class LastOutput(LogCollector collector, LogReader reader, TimeProvider time)
{
    /// <summary>Characters of the line; what is beyond is cut.</summary>
    public const int MaxLine = 200;

    // Of these the last that is its own and not blank: another generation may write into the same log.
    private const int Lines = 100;

    // A disk that hangs must not keep the service from being told as failed.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    // The log knows the time to the millisecond, and by another clock: what a service wrote in its first moment is not older than itself.
    private static readonly TimeSpan Blur = TimeSpan.FromMilliseconds(10);

    /// <param name="slot">The key of its slot.</param>
    /// <param name="generation">The generation.</param>
    /// <param name="since">When the generation began.</param>
    /// <returns>Null: there is none, or it cannot be read now.</returns>
    public async Task<string?> OfAsync(string slot, int generation, DateTimeOffset since)
    {
        var service = SlotKeys.ServiceOf(slot);
        try
        {
            return await Task.Run(() => ReadAsync(service, generation, since)).WaitAsync(Patience, time).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or IOException or UnauthorizedAccessException or LinuxException or ObjectDisposedException)
        {
            // Whoever wants to know more looks at the log, and is told there what is wrong with it.
            return null;
        }
    }

    private async Task<string?> ReadAsync(string service, int generation, DateTimeOffset since)
    {
        await collector.FlushAsync(service).ConfigureAwait(false);
        var chunk = reader.ReadLast(new Contracts.LogQuery { Service = service, Lines = Lines, Since = since - Blur }, generation);
        var line = chunk.Lines.Select(one => one.Text.Trim()).LastOrDefault(text => text.Length > 0);
        return line is { Length: > MaxLine } ? line[..MaxLine] + "…" : line;
    }
}
