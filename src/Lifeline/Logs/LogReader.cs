using System.Text;
using Lifeline.Contracts;

namespace Lifeline.Logs;

/// <summary>Answers questions about the logs of services from their files, also while they are written and when nobody writes them. Safe for any thread.</summary>
internal sealed class LogReader(LogOptions options, LogCollector? collector = null)
{
    /// <summary>The first lines after the query's cursor; without one the last lines of those that match. Never waits.</summary>
    /// <exception cref="FormatException">The cursor is none of ours.</exception>
    /// <exception cref="IOException">The files cannot be read.</exception>
    public LogChunk Read(LogQuery query)
    {
        var (output, error) = FilesOf(query);
        if (query.Cursor is null)
            return ReadLast(query, output, error, new LogCursor(Start(output, query), Start(error, query)));
        var cursor = LogCursor.TryParse(query.Cursor) ?? throw new FormatException($"\"{query.Cursor}\" is no cursor of a log");
        return ReadForward(query, output, error, cursor);
    }

    /// <summary>The last lines of all; of these only what one generation wrote, or nobody knows who. Unlike <see cref="Read"/> it never reads far.</summary>
    /// <exception cref="IOException">The files cannot be read.</exception>
    public LogChunk ReadLast(LogQuery query, int generation)
    {
        var (output, error) = FilesOf(query);
        var start = new LogCursor(Start(output, query with { Generation = null }), Start(error, query with { Generation = null }));
        return ReadLast(query with { Generation = generation }, output, error, start);
    }

    /// <summary>As <see cref="Read(LogQuery)"/>; if there is nothing, waits as long as the query says for the first line.</summary>
    /// <exception cref="OperationCanceledException">The caller waits no longer.</exception>
    public async Task<LogChunk> ReadAsync(LogQuery query, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(query.Wait > TimeSpan.Zero && collector is not null ? query.Wait : TimeSpan.Zero);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        while (true)
        {
            // Asked for before reading: what arrives in between completes it.
            var arrival = collector?.WaitForOutputAsync(query.Service, both.Token);
            var chunk = Read(query);
            if (chunk.Lines.Count > 0 || query.Wait <= TimeSpan.Zero || arrival is null)
                return chunk;
            query = query with { Cursor = chunk.Cursor };
            try
            {
                await arrival.ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return chunk;
            }
        }
    }

    private (LogFiles Output, LogFiles Error) FilesOf(LogQuery query)
    {
        var folder = Path.Combine(options.Folder, query.Service);
        return (new LogFiles(folder, LogStream.StandardOutput), new LogFiles(folder, LogStream.StandardError));
    }

    private static LogChunk ReadLast(LogQuery query, LogFiles output, LogFiles error, LogCursor start)
    {
        // Not beyond what was there when we began: a service that never stops writing must not hold us.
        using var first = new LogStreamReader(output, LogStream.StandardOutput, start.Output, LogTail.Last(output, 0));
        using var second = new LogStreamReader(error, LogStream.StandardError, start.Error, LogTail.Last(error, 0));
        var kept = new Queue<LogLine>();
        var bytes = 0;
        while (TakeNext(first, second, query) is { } line)
        {
            kept.Enqueue(line);
            bytes += Size(line);
            while (kept.Count > query.Lines || (bytes > query.MaxBytes && kept.Count > 1))
                bytes -= Size(kept.Dequeue());
        }

        return new LogChunk(new LogCursor(first.Position, second.Position).ToString(), [.. kept]);
    }

    private static LogChunk ReadForward(LogQuery query, LogFiles output, LogFiles error, LogCursor cursor)
    {
        using var first = new LogStreamReader(output, LogStream.StandardOutput, cursor.Output);
        using var second = new LogStreamReader(error, LogStream.StandardError, cursor.Error);
        var lines = new List<LogLine>();
        var bytes = 0;
        while (lines.Count < query.Lines && Earlier(first, second) is { } next)
        {
            var entry = next.Peek()!;
            var line = entry.Line;
            if (IsWanted(entry, query))
            {
                if (lines.Count > 0 && bytes + Size(line) > query.MaxBytes)
                    break;
                lines.Add(line);
                bytes += Size(line);
            }

            next.Take();
        }

        return new LogChunk(new LogCursor(first.Position, second.Position).ToString(), lines, first.Gap || second.Gap);
    }

    private static LogPosition Start(LogFiles files, LogQuery query)
    {
        // Where the last lines of one generation are is not known before they are read.
        var last = query.Generation is null ? LogTail.Last(files, query.Lines) : LogTail.First(files);
        if (query.Since is not { } since)
            return last;
        var from = LogTail.Since(files, since);
        return from > last ? from : last;
    }

    private static LogLine? TakeNext(LogStreamReader first, LogStreamReader second, LogQuery query)
    {
        while (Earlier(first, second) is { } reader)
        {
            var entry = reader.Peek()!;
            reader.Take();
            if (IsWanted(entry, query))
                return entry.Line;
        }

        return null;
    }

    private static bool IsWanted(LogStreamReader.Entry entry, LogQuery query) =>
        (query.Since is not { } since || entry.Line.At >= since) && (query.Generation is not { } generation || entry.Generation == generation || entry.Generation == 0);

    private static LogStreamReader? Earlier(LogStreamReader first, LogStreamReader second)
    {
        var a = first.Peek();
        var b = second.Peek();
        if (a is null || b is null)
            return a is not null ? first : b is not null ? second : null;
        return a.Sequence <= b.Sequence ? first : second;
    }

    private static int Size(LogLine line) => Encoding.UTF8.GetByteCount(line.Text) + LogQuery.LineOverheadBytes;
}
