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
    private Descriptor _file;
    private LogIndexWriter _index;
    private long _number;
    private ulong _inode;

    public LogWriter(LogFiles files, LogOptions options, PipePeek peek)
    {
        _files = files;
        _options = options;
        _peek = peek;
        Directory.CreateDirectory(files.Folder);
        _number = files.CurrentNumber();
        (_file, _index) = Open();
        LastSequence = _index.Last?.Sequence ?? 0;
    }

    /// <summary>Bytes in the current file.</summary>
    public long Size { get; private set; }

    public long LastSequence { get; }

    public long Rotations { get; private set; }

    public long Cuts { get; private set; }

    /// <summary>The newest entry of the index.</summary>
    public LogIndexEntry? LastEntry => _index.Last;

    /// <summary>Whether the index has grown larger than what it indexes.</summary>
    public bool IndexIsLarge => _index.Length > Size + _options.MaxPartialLine;

    /// <summary>Notes that what comes next arrives now.</summary>
    public void Mark(long at, long sequence, int generation) => _index.TryAppend(new LogIndexEntry(Size, at, sequence, generation));

    /// <summary>Moves what is in the pipe, rotating where it is due. Null: the pipe is empty; 0: it has ended.</summary>
    /// <exception cref="LinuxException">The disk did not take it.</exception>
    public long? Move(Descriptor pipe, LogLimits limits)
    {
        if (Size < limits.MaxSize)
            return Splice1(pipe, Math.Min(_options.Burst, limits.MaxSize - Size));
        if (EndsLine())
        {
            Rotate(limits);
            return Splice1(pipe, Math.Min(_options.Burst, limits.MaxSize));
        }

        return MoveToLineEnd(pipe, limits);
    }

    /// <summary>Writes a line of our own.</summary>
    /// <exception cref="LinuxException">The disk did not take it.</exception>
    public void WriteLine(ReadOnlySpan<byte> line)
    {
        EndLine();
        _file.WriteAll(line);
        Size += line.Length;
    }

    /// <summary>Ends a line that was begun and will not be continued.</summary>
    /// <exception cref="LinuxException">The disk did not take it.</exception>
    public void EndLine()
    {
        if (EndsLine())
            return;
        _file.WriteAll("\n"u8);
        Size++;
    }

    /// <summary>Notices that somebody emptied, moved or deleted the current file.</summary>
    /// <exception cref="LinuxException">It cannot be opened anew.</exception>
    public void CheckFile()
    {
        var named = FileStatus.TryOf(_files.Current, followLinks: false);
        if (named is null || named.Value.Inode != _inode)
        {
            CloseFiles();
            _number = Math.Max(_number + 1, _files.CurrentNumber());
            (_file, _index) = Open();
        }
        else if (named.Value.Size != Size)
        {
            if (named.Value.Size < Size)
                _index.Clear();
            Size = _file.Seek(0, SeekOrigin.End);
        }
    }

    public void Dispose() => CloseFiles();

    private long? MoveToLineEnd(Descriptor pipe, LogLimits limits)
    {
        var lineEnd = _peek.FindLineEnd(pipe, out var seen);
        if (seen == 0)
            return Splice1(pipe, 1);
        if (lineEnd is { } length)
            return Splice1(pipe, length);
        if (Size < limits.MaxSize + _options.MaxPartialLine)
            return Splice1(pipe, Math.Min(seen, limits.MaxSize + _options.MaxPartialLine - Size));
        Cuts++;
        Rotate(limits);
        return Splice1(pipe, Math.Min(_options.Burst, limits.MaxSize));
    }

    private long? Splice1(Descriptor pipe, long most)
    {
        try
        {
            var moved = Splice.Move(pipe, _file, most, wait: false);
            if (moved is { } count)
                Size += count;
            return moved;
        }
        catch (LinuxException)
        {
            // A part may have reached the file before it failed.
            Size = _file.Seek(0, SeekOrigin.End);
            throw;
        }
    }

    private bool EndsLine()
    {
        if (Size == 0)
            return true;
        Span<byte> last = stackalloc byte[1];
        return _file.ReadAt(last, Size - 1) == 1 && last[0] == (byte)'\n';
    }

    private void Rotate(LogLimits limits)
    {
        File.Move(_files.Current, _files.Rotated(_number), overwrite: true);
        var last = _index.Last;
        CloseFiles();
        _number++;
        (_file, _index) = Open();
        if (last is { } entry)
            _index.TryAppend(entry with { Offset = 0 });
        Rotations++;
        _files.DeleteOld(limits.MaxFiles);
    }

    private (Descriptor File, LogIndexWriter Index) Open()
    {
        var index = LogIndexWriter.Open(_files.Index(_number));
        try
        {
            var file = Descriptor.Open(_files.Current, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.NoFollow);
            _inode = file.Stat().Inode;
            Size = file.Seek(0, SeekOrigin.End);
            if (index.Last is { } last && last.Offset > Size)
                index.Clear();
            return (file, index);
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    private void CloseFiles()
    {
        _file.Dispose();
        _index.Dispose();
    }
}
