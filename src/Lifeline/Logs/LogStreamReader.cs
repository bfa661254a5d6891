using System.Text;
using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Logs;

/// <summary>Reads whole lines of one stream from a position on, over rotations, while they are being written.</summary>
internal sealed class LogStreamReader : IDisposable
{
    /// <summary>Longest text of one line in bytes of UTF-8; a longer one comes in pieces of which all but the last say that it goes on.</summary>
    public const int MaxLineBytes = CallLimits.MaxLogLineBytes;

    // A byte that is no UTF-8 becomes a character of three.
    private const int SafeBytes = MaxLineBytes / 3;

    private const int BlockSize = 64 * 1024;

    private readonly LogFiles _files;
    private readonly LogStream _stream;
    private readonly LogPosition? _end;
    private readonly byte[] _block = new byte[BlockSize];
    private Descriptor? _file;
    private LogIndexReader? _index;
    private long _blockAt;
    private int _blockLength;
    private Entry? _peeked;

    /// <param name="files">The stream's files.</param>
    /// <param name="stream">Which stream.</param>
    /// <param name="start">Where to begin; in a file that is gone, the oldest that is left.</param>
    /// <param name="end">What begins here or later is not read; null: everything is.</param>
    public LogStreamReader(LogFiles files, LogStream stream, LogPosition start, LogPosition? end = null)
    {
        _files = files;
        _stream = stream;
        _end = end;
        Position = start;
    }

    /// <summary>After the last line taken.</summary>
    public LogPosition Position { get; private set; }

    /// <summary>Whether something between two lines was already removed.</summary>
    public bool Gap { get; private set; }

    /// <summary>The next line without taking it; null if there is no whole one.</summary>
    public Entry? Peek() => _peeked ??= Next();

    public void Take()
    {
        Position = _peeked!.Next;
        _peeked = null;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _index?.Dispose();
    }

    private Entry? Next()
    {
        var position = Position;
        if (_end is { } end && position >= end)
            return null;
        while (Open(ref position))
        {
            if (ReadLine(position, isFinal: false) is { } line)
                return line;
            if (!IsOver(position.File))
                return null;

            // It may have grown between our look at its end and its rotation.
            _blockLength = 0;
            if (ReadLine(position, isFinal: true) is { } last)
                return last;
            Close();
            position = new LogPosition(position.File + 1, 0);
            Position = position;
        }

        return null;
    }

    /// <summary>Opens the file of a position, or the first later one that is there.</summary>
    private bool Open(ref LogPosition position)
    {
        if (_file is not null)
            return true;
        _file = _files.TryOpen(position.File);
        if (_file is null)
        {
            var wanted = position.File;
            var current = _files.CurrentNumber();
            var later = _files.RotatedNumbers().Where(n => n > wanted).Append(current).Min();
            if (later < wanted && wanted != 0)
            {
                // The log was begun anew: numbers that we never gave.
                later = _files.RotatedNumbers().Append(current).Min();
            }
            else if (later == wanted)
            {
                return false;
            }

            Gap |= wanted != 0;
            position = new LogPosition(later, 0);
            Position = position;
            _file = _files.TryOpen(later);
        }

        if (_file is null)
            return false;
        var size = _file.Stat().Size;
        if (position.Offset > size)
        {
            Gap = true;
            position = position with { Offset = 0 };
            Position = position;
        }

        _blockLength = 0;
        _index = new LogIndexReader(_files.Index(position.File), ModifiedAt(position.File));
        return true;
    }

    private DateTimeOffset ModifiedAt(long number)
    {
        var path = File.Exists(_files.Rotated(number)) ? _files.Rotated(number) : _files.Current;
        return new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero);
    }

    private bool IsOver(long number) => File.Exists(_files.Rotated(number)) || _files.CurrentNumber() > number;

    private Entry? ReadLine(LogPosition start, bool isFinal)
    {
        var text = new MemoryStream();
        while (true)
        {
            var bytes = BlockAt(start.Offset + text.Length);
            var room = (int)Math.Min(bytes.Length, MaxLineBytes - text.Length);
            var end = bytes[..room].IndexOf((byte)'\n');
            text.Write(bytes[..(end >= 0 ? end : room)]);
            if (end >= 0)
                return Make(start, text, isWhole: true);
            if (text.Length >= MaxLineBytes || (isFinal && bytes.IsEmpty && text.Length > 0))
                return Make(start, text, isWhole: false);
            if (bytes.IsEmpty)
                return null;
        }
    }

    private Entry Make(LogPosition start, MemoryStream text, bool isWhole)
    {
        var (at, sequence, generation) = _index!.Find(start.Offset);
        ReadOnlySpan<byte> bytes = text.GetBuffer().AsSpan(0, (int)text.Length);
        if (!isWhole)
            bytes = bytes[..WholeCharacters(bytes)];
        var next = start.Offset + bytes.Length + (isWhole ? 1 : 0);
        if (isWhole && bytes.Length > 0 && bytes[^1] == (byte)'\r')
            bytes = bytes[..^1];
        var shown = Encoding.UTF8.GetString(bytes);
        if (Encoding.UTF8.GetByteCount(shown) > MaxLineBytes)
        {
            bytes = bytes[..WholeCharacters(bytes[..SafeBytes])];
            (shown, next, isWhole) = (Encoding.UTF8.GetString(bytes), start.Offset + bytes.Length, false);
        }

        return new Entry(new LogLine(_stream, at, shown, Continues: !isWhole) { Generation = generation == 0 ? null : generation }, sequence, generation, new LogPosition(start.File, next));
    }

    /// <summary>The length without a character at the end of which only a part is there.</summary>
    private static int WholeCharacters(ReadOnlySpan<byte> bytes)
    {
        const int Longest = 4;
        for (var back = 1; back <= Math.Min(Longest, bytes.Length - 1); back++)
        {
            if ((bytes[^back] & 0xC0) == 0x80)
                continue;
            var length = bytes[^back] switch { >= 0xF0 => 4, >= 0xE0 => 3, >= 0xC0 => 2, _ => 1 };
            return length > back ? bytes.Length - back : bytes.Length;
        }

        return bytes.Length;
    }

    private ReadOnlySpan<byte> BlockAt(long offset)
    {
        if (offset < _blockAt || offset >= _blockAt + _blockLength)
        {
            _blockAt = offset;
            _blockLength = _file!.ReadAt(_block, offset);
        }

        return _block.AsSpan((int)(offset - _blockAt), _blockLength - (int)(offset - _blockAt));
    }

    private void Close()
    {
        _file?.Dispose();
        _index?.Dispose();
        _file = null;
        _index = null;
        _blockLength = 0;
    }

    /// <param name="Line">The line.</param>
    /// <param name="Sequence">Its chunk's place in the order of both streams.</param>
    /// <param name="Generation">The generation that wrote it; 0: unknown.</param>
    /// <param name="Next">Where the next line begins.</param>
    internal sealed record Entry(LogLine Line, long Sequence, int Generation, LogPosition Next);
}
