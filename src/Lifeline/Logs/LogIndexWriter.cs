using Lifeline.Linux;

namespace Lifeline.Logs;

/// <summary>Appends to the index of one file. An index is a help: when it cannot be written, output is kept all the same.</summary>
internal sealed class LogIndexWriter : IDisposable
{
    private readonly Descriptor _file;

    private LogIndexWriter(Descriptor file, LogIndexEntry? last, long length)
    {
        _file = file;
        Last = last;
        Length = length;
    }

    /// <summary>The newest entry; null in a new index.</summary>
    public LogIndexEntry? Last { get; private set; }

    /// <summary>Bytes.</summary>
    public long Length { get; private set; }

    /// <summary>Opens an index at its last whole entry.</summary>
    public static LogIndexWriter Open(string path)
    {
        var file = Descriptor.Open(path, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.NoFollow);
        try
        {
            var length = file.Stat().Size / LogIndexEntry.Size * LogIndexEntry.Size;
            LogIndexEntry? last = null;
            Span<byte> bytes = stackalloc byte[LogIndexEntry.Size];
            while (length > 0 && last is null)
            {
                last = file.ReadAt(bytes, length - LogIndexEntry.Size) == bytes.Length ? LogIndexEntry.TryRead(bytes) : null;
                if (last is null)
                    length -= LogIndexEntry.Size;
            }

            file.SetLength(length);
            file.Seek(length, SeekOrigin.Begin);
            return new LogIndexWriter(file, last, length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public bool TryAppend(LogIndexEntry entry)
    {
        Span<byte> bytes = stackalloc byte[LogIndexEntry.Size];
        entry.Write(bytes);
        try
        {
            _file.WriteAll(bytes);
        }
        catch (LinuxException)
        {
            Rewind();
            return false;
        }

        Last = entry;
        Length += LogIndexEntry.Size;
        return true;
    }

    /// <summary>Forgets everything: the file it belongs to was emptied.</summary>
    public void Clear()
    {
        Last = null;
        Length = 0;
        Rewind();
    }

    public void Dispose() => _file.Dispose();

    private void Rewind()
    {
        try
        {
            _file.SetLength(Length);
            _file.Seek(Length, SeekOrigin.Begin);
        }
        catch (LinuxException)
        {
            // The next entry meets the same disk; a torn entry in between is known by its check value.
        }
    }
}
