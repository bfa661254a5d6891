using Lifeline.Linux;

namespace Lifeline.Logs;

/// <summary>Finds where the last lines of a stream begin, or those since a time.</summary>
internal static class LogTail
{
    private const int BlockSize = 64 * 1024;

    /// <summary>Where the last lines begin; the end of the log for zero lines.</summary>
    public static LogPosition Last(LogFiles files, int lines)
    {
        var current = files.CurrentNumber();
        LogPosition? start = null;
        foreach (var number in files.RotatedNumbers().Append(current).OrderDescending())
        {
            using var file = files.TryOpen(number);
            if (file is null)
                continue;
            var (offset, found) = Back(file, lines, isCurrent: number == current);
            start = new LogPosition(number, offset);
            lines -= found;
            if (lines <= 0)
                break;
        }

        return start ?? new LogPosition(current, 0);
    }

    /// <summary>Where everything that is kept begins.</summary>
    public static LogPosition First(LogFiles files) => new(files.RotatedNumbers() is [var oldest, ..] ? oldest : files.CurrentNumber(), 0);

    /// <summary>Where what arrived at a time or later begins; at a line's beginning.</summary>
    public static LogPosition Since(LogFiles files, DateTimeOffset since)
    {
        var current = files.CurrentNumber();
        foreach (var number in files.RotatedNumbers().Append(current).Order())
        {
            using var index = new LogIndexReader(files.Index(number), default);
            if (index.FirstSince(since) is not { } offset)
                continue;
            using var file = files.TryOpen(number);
            return file is null ? new LogPosition(number, 0) : new LogPosition(number, LineStart(file, offset));
        }

        return Last(files, 0);
    }

    /// <summary>Goes back over up to so many lines; an unended last one counts only in a file that is over.</summary>
    private static (long Offset, int Found) Back(Descriptor file, int lines, bool isCurrent)
    {
        var block = new byte[BlockSize];
        var start = file.Stat().Size;
        var lineOfItsOwn = !isCurrent && start > 0 && ByteAt(file, start - 1) != (byte)'\n' ? 1 : 0;
        var ends = 0;
        while (start > 0)
        {
            var length = (int)Math.Min(BlockSize, start);
            start -= length;
            length = file.ReadAt(block.AsSpan(0, length), start);
            for (var i = length - 1; i >= 0; i--)
            {
                // The end before the first of the wanted lines is one more than there are lines.
                if (block[i] == (byte)'\n' && ++ends > lines - lineOfItsOwn)
                    return (start + i + 1, lines);
            }
        }

        return (0, ends + lineOfItsOwn);
    }

    private static long LineStart(Descriptor file, long offset)
    {
        var block = new byte[BlockSize];
        while (offset > 0)
        {
            var length = (int)Math.Min(BlockSize, offset);
            length = file.ReadAt(block.AsSpan(0, length), offset - length);
            var at = block.AsSpan(0, length).LastIndexOf((byte)'\n');
            if (at >= 0)
                return offset - length + at + 1;
            offset -= Math.Max(length, 1);
        }

        return 0;
    }

    private static byte? ByteAt(Descriptor file, long offset)
    {
        Span<byte> one = stackalloc byte[1];
        return file.ReadAt(one, offset) == 1 ? one[0] : null;
    }
}
