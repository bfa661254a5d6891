using Lifeline.Linux;

namespace Lifeline.Logs;

/// <summary>Looks up arrival times in the index of one file. Made for questions with rising offsets.</summary>
internal sealed class LogIndexReader : IDisposable
{
    private readonly Descriptor? _file;
    private readonly DateTimeOffset _otherwise;
    private LogIndexEntry? _current;
    private LogIndexEntry? _next;
    private long _nextAt;

    /// <param name="path">The index; it may be missing.</param>
    /// <param name="otherwise">The time of what no entry covers.</param>
    public LogIndexReader(string path, DateTimeOffset otherwise)
    {
        _file = LogFiles.TryOpenFile(path);
        _otherwise = otherwise;
    }

    /// <summary>When the byte at an offset arrived, its place in the order of both streams, and who wrote it; 0: unknown.</summary>
    public (DateTimeOffset At, long Sequence, int Generation) Find(long offset)
    {
        if (_current is null && _next is null)
            _nextAt = FirstBeyond(e => e.Offset > offset) - 1;
        _next ??= Read(_nextAt);
        while (_next is { } next && next.Offset <= offset)
        {
            _current = next;
            _next = Read(++_nextAt);
        }

        var entry = _current ?? _next;
        return entry is { } found ? (Journal.UnixMicroseconds.To(found.At), found.Sequence, found.Generation) : (_otherwise, 0, 0);
    }

    /// <summary>Offset from which on everything arrived at this time or later; null if nothing did.</summary>
    public long? FirstSince(DateTimeOffset since)
    {
        var wanted = Journal.UnixMicroseconds.From(since);
        return Read(FirstBeyond(e => e.At >= wanted))?.Offset;
    }

    /// <summary>The place of the newest entry in the order of both streams; 0 for an index that is missing or empty.</summary>
    public static long LastSequence(string path)
    {
        using var index = new LogIndexReader(path, default);
        return index.Read(index.Count - 1)?.Sequence ?? 0;
    }

    public void Dispose() => _file?.Dispose();

    private long Count => _file is null ? 0 : _file.Stat().Size / LogIndexEntry.Size;

    /// <summary>Number of the first entry beyond a border that all entries are in order of.</summary>
    private long FirstBeyond(Func<LogIndexEntry, bool> isBeyond)
    {
        long low = 0, high = Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Read(middle) is { } entry && isBeyond(entry))
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private LogIndexEntry? Read(long number)
    {
        if (_file is null || number < 0)
            return null;
        Span<byte> bytes = stackalloc byte[LogIndexEntry.Size];
        return _file.ReadAt(bytes, number * LogIndexEntry.Size) == bytes.Length ? LogIndexEntry.TryRead(bytes) : null;
    }
}
