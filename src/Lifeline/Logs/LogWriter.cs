using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Logs;

/// <summary>
/// The current file of one stream and its index. Bytes go from the pipe into the file inside the kernel: they leave the pipe only as they reach
/// the file, so whoever is killed in between neither loses nor doubles a line. Used by the collector's thread only.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    private readonly LogFiles _files;
    private readonly LogOptions _options;
    private readonly PipePeek _peek;
    private readonly LogQuota _quota;
    private Descriptor? _open;
    private LogIndexWriter? _openIndex;
    private long _number;
    private ulong _inode;

    public LogWriter(LogFiles files, LogOptions options, PipePeek peek, LogQuota quota)
    {
        _files = files;
        _options = options;
        _peek = peek;
        _quota = quota;
        IsUntouched = !files.Exist();
        if (IsUntouched)
            return;
        Open();
        LastSequence = _openIndex!.Last?.Sequence ?? 0;
        quota.Load(files);
    }

    /// <summary>Nothing was ever written: the files are made for the first byte, since many services never say anything.</summary>
    public bool IsUntouched { get; private set; }

    /// <summary>Bytes in the current file.</summary>
    public long Size { get; private set; }

    public long LastSequence { get; }

    public long Rotations { get; private set; }

    public long Cuts { get; private set; }

    /// <summary>The generation that wrote last: the line that is begun is its. Null: unknown.</summary>
    public int? Speaker { get; set; }

    /// <summary>Whether the last line is not ended.</summary>
    /// <exception cref="LinuxException">The file cannot be read.</exception>
    public bool IsWithinLine => !EndsLine();

    /// <summary>The newest entry of the index.</summary>
    public LogIndexEntry? LastEntry => _openIndex?.Last;

    /// <summary>Whether the index has grown larger than what it indexes.</summary>
    public bool IndexIsLarge => _openIndex?.Length > Size + _options.MaxPartialLine;

    private Descriptor Target => _open ?? throw new InvalidOperationException("The log is not open.");

    /// <summary>
    /// Whether an entry of the index may be written now. Near the end of a file it would take its room from a line that is begun, which
    /// then does not fit any more.
    /// </summary>
    public bool CanMark(LogLimits limits) => Room(limits) > Zone(limits) || EndsLine();

    /// <summary>Notes that what comes next arrives now.</summary>
    public void Mark(long at, long sequence, int generation) => _openIndex?.TryAppend(new LogIndexEntry(Size, at, sequence, generation));

    /// <summary>Bytes of the current file and its index.</summary>
    public long Total => Size + (_openIndex?.Length ?? 0);

    /// <summary>Moves what is in the pipe, rotating where it is due. Null: the pipe is empty; 0: it has ended.</summary>
    /// <param name="pipe">From where.</param>
    /// <param name="limits">What one file may take.</param>
    /// <param name="most">Bytes at most.</param>
    /// <param name="toLineEnd">Whether to stop at the last line end that can be seen.</param>
    /// <exception cref="LinuxException">The disk did not take it.</exception>
    public long? Move(Descriptor pipe, LogLimits limits, long most, bool toLineEnd = false)
    {
        var room = Room(limits);
        var zone = Zone(limits);
        if (room <= zone)
            return MoveWholeLines(pipe, limits, room, most);
        var within = Math.Min(most, room - zone);
        return toLineEnd ? MoveToLineEnd(pipe, within) : Splice1(pipe, within);
    }

    /// <summary>Closes the current file, wherever in a line it is, and begins another.</summary>
    /// <exception cref="IOException">The disk did not take it.</exception>
    public void Rotate(LogLimits limits)
    {
        if (!EndsLine())
            Cuts++;
        File.Move(_files.Current, _files.Rotated(_number), overwrite: true);
        var last = _openIndex?.Last;
        var (number, bytes) = (_number, Total);
        CloseFiles();
        Rotations++;
        _quota.Add(_files, number, bytes, last?.Sequence ?? 0);
        Open();
        if (last is { } entry)
            _openIndex?.TryAppend(entry with { Offset = 0 });
        _quota.KeepNewest(_files, limits);
    }

    /// <summary>Writes a line of our own.</summary>
    /// <exception cref="LinuxException">The disk did not take it.</exception>
    public void WriteLine(ReadOnlySpan<byte> line, LogLimits limits)
    {
        EndLine();
        if (Size > 0 && Total + line.Length > limits.FileSize)
            Rotate(limits);
        Target.WriteAll(line);
        Size += line.Length;
    }

    /// <summary>Ends a line that was begun and will not be continued.</summary>
    /// <exception cref="LinuxException">The disk did not take it.</exception>
    public void EndLine()
    {
        if (EndsLine())
            return;
        Target.WriteAll("\n"u8);
        Size++;
    }

    /// <summary>Ends a line of which the rest is still to come: it becomes another.</summary>
    /// <exception cref="LinuxException">The disk did not take it.</exception>
    public void CutLine()
    {
        if (EndsLine())
            return;
        EndLine();
        Cuts++;
    }

    /// <summary>Opens the files for the first time, or anew if that failed before. To be called before anything else is done.</summary>
    /// <exception cref="IOException">They cannot be opened.</exception>
    public void EnsureOpen()
    {
        if (_open is null)
            Open();
    }

    /// <summary>Notices that somebody emptied, moved or deleted the current file.</summary>
    /// <exception cref="IOException">It cannot be opened anew.</exception>
    public void CheckFile()
    {
        var named = FileStatus.TryOf(_files.Current, followLinks: false);
        if (named is null || named.Value.Inode != _inode)
        {
            CloseFiles();
            Open();
        }
        else if (named.Value.Size != Size)
        {
            if (named.Value.Size < Size)
                _openIndex?.Clear();
            Size = Target.Seek(0, SeekOrigin.End);
        }
    }

    public void Dispose() => CloseFiles();

    /// <summary>Near the end of a file: what has no line end there goes into the next one, if it is not begun already.</summary>
    private long? MoveWholeLines(Descriptor pipe, LogLimits limits, long room, long most)
    {
        if (room > 0)
        {
            var within = Math.Min(room, most);
            var lineEnd = _peek.FindLastLineEnd(pipe, within, out var seen);
            // Not even a byte may be taken unseen: it would begin a line for which there may be no room.
            if (seen is not (> 0 and var bytes))
                return seen;
            if (lineEnd is { } length)
                return SpliceAll(pipe, length);
            if (room > Math.Min(_options.MaxPartialLine, limits.FileSize / 2) || Size == 0 || !EndsLine())
                return Splice1(pipe, Math.Min(bytes, within));
        }
        else if (!Poller.IsReady(pipe, PollEvents.In))
        {
            return null;
        }

        Rotate(limits);
        return Move(pipe, limits, most);
    }

    private long? MoveToLineEnd(Descriptor pipe, long within)
    {
        var lineEnd = _peek.FindLastLineEnd(pipe, within, out var seen);
        if (seen is not (> 0 and var bytes))
            return seen;
        return lineEnd is { } length ? SpliceAll(pipe, length) : Splice1(pipe, bytes);
    }

    /// <summary>What the current file may still take. A limit smaller than an index entry still lets a line into an empty file.</summary>
    private long Room(LogLimits limits)
    {
        var room = limits.FileSize - Total;
        return room <= 0 && Size == 0 ? limits.FileSize : room;
    }

    // From there on only whole lines are begun.
    private long Zone(LogLimits limits) => limits.FileSize >= 4L * _options.MaxPartialLine ? _options.MaxPartialLine : limits.FileSize;

    /// <summary>Moves bytes that were seen to be there: a signal may interrupt it in the middle of a line.</summary>
    private long SpliceAll(Descriptor pipe, long count)
    {
        var done = 0L;
        while (done < count && Splice1(pipe, count - done) is > 0 and var moved)
            done += moved;
        return done;
    }

    private long? Splice1(Descriptor pipe, long most)
    {
        try
        {
            var moved = Splice.Move(pipe, Target, most, wait: false);
            if (moved is { } count)
                Size += count;
            return moved;
        }
        catch (LinuxException)
        {
            // A part may have reached the file before it failed.
            Size = Target.Seek(0, SeekOrigin.End);
            throw;
        }
    }

    private bool EndsLine()
    {
        if (Size == 0)
            return true;
        Span<byte> last = stackalloc byte[1];
        return Target.ReadAt(last, Size - 1) == 1 && last[0] == (byte)'\n';
    }

    /// <summary>Opens the file that is current by its names; a number once given is never given again while we live.</summary>
    private void Open()
    {
        IsUntouched = false;
        Directory.CreateDirectory(_files.Folder);
        var number = _files.CurrentNumber();
        if (number <= _number && !File.Exists(_files.Current))
            number = _number + 1;
        var index = LogIndexWriter.Open(_files.Index(number));
        try
        {
            var file = Descriptor.Open(_files.Current, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.NoFollow);
            _inode = file.Stat().Inode;
            Size = file.Seek(0, SeekOrigin.End);
            if (index.Last is { } last && last.Offset > Size)
                index.Clear();
            (_open, _openIndex, _number) = (file, index, number);
            Speaker ??= index.Last?.Generation;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    private void CloseFiles()
    {
        _open?.Dispose();
        _openIndex?.Dispose();
        _open = null;
        _openIndex = null;
    }
}
