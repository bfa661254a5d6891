using Lifeline.Contracts;
using Lifeline.Logs;

namespace Lifeline.Cli.Commands;

/// <summary>Reads the log of one service: what is kept of it, then what follows.</summary>
internal sealed class LogFollower(string service, DateTimeOffset? since, int? count, int? generation = null)
{
    // Files are numbered from 1: before everything that is kept.
    private static readonly string Beginning = new LogCursor(default, default).ToString();

    // Few enough lines that they mostly fit into one answer.
    private const int FirstPage = 500;

    private static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(30);

    private string? cursor;

    public string Service { get; } = service;

    /// <summary>The lines there are, oldest first, in chunks.</summary>
    public async IAsyncEnumerable<LogChunk> ReadPastAsync(
        MonitorAdminProxy admin, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        if (count is <= FirstPage)
        {
            var chunk = await admin.LogsAsync(new LogQuery { Service = Service, Since = since, Generation = generation, Lines = count.Value }, cancellation).ConfigureAwait(false);
            cursor = chunk.Cursor;
            if (chunk.Lines.Count == count)
            {
                yield return chunk;
                yield break;
            }
            // Fewer came than were asked for: the answer was full, or there are no more. Reading from the beginning tells.
        }
        cursor = Beginning;
        var end = await NewestAsync(admin, cancellation).ConfigureAwait(false);
        var last = new Queue<LogLine>();
        while (true)
        {
            var chunk = await admin.LogsAsync(new LogQuery { Service = Service, Since = since, Generation = generation, Cursor = cursor, Lines = CallLimits.MaxLogLines }, cancellation).ConfigureAwait(false);
            cursor = chunk.Cursor;
            if (chunk.Lines.Count == 0) break;
            if (count is null) yield return chunk with { Gap = false };
            else Keep(last, chunk.Lines, count.Value);
            if (chunk.Lines[^1].At > end) break;
        }
        if (last.Count > 0) yield return new LogChunk(cursor, [.. last]);
    }

    // What is kept ends here: one that writes faster than this reads would never let it come to an end.
    private async Task<DateTimeOffset> NewestAsync(MonitorAdminProxy admin, CancellationToken cancellation)
    {
        var newest = await admin.LogsAsync(new LogQuery { Service = Service, Generation = generation, Lines = 1 }, cancellation).ConfigureAwait(false);
        return newest.Lines.Count > 0 ? newest.Lines[^1].At : DateTimeOffset.MaxValue;
    }

    private static void Keep(Queue<LogLine> last, IReadOnlyList<LogLine> lines, int count)
    {
        foreach (var line in lines)
        {
            last.Enqueue(line);
            if (last.Count > count) last.Dequeue();
        }
    }

    /// <summary>The lines that follow; waits for some, for a while.</summary>
    public async Task<LogChunk> WaitAsync(MonitorAdminProxy admin, CancellationToken cancellation)
    {
        var chunk = await admin.LogsAsync(new LogQuery { Service = Service, Cursor = cursor, Lines = CallLimits.MaxLogLines, Wait = LongPoll }, cancellation).ConfigureAwait(false);
        cursor = chunk.Cursor;
        return chunk;
    }
}
