using Lifeline.Linux;

namespace Lifeline.Logs;

/// <summary>Looks into a pipe without taking anything out: the kernel copies references into a second pipe, which is read instead.</summary>
internal sealed class PipePeek : IDisposable
{
    private readonly Descriptor _read;
    private readonly Descriptor _write;
    private readonly byte[] _buffer;

    public PipePeek()
    {
        (_read, _write) = Pipe.Create();
        _read.SetNonBlocking(true);
        _write.SetNonBlocking(true);
        _buffer = new byte[Pipe.GetCapacity(_read)];
    }

    /// <summary>Bytes up to and with the last line end within the first so many; null if there is none in what can be seen.</summary>
    /// <param name="pipe">The pipe.</param>
    /// <param name="within">How many.</param>
    /// <param name="seen">How many of them are there; null: the pipe is empty, 0: it has ended.</param>
    public long? FindLastLineEnd(Descriptor pipe, long within, out long? seen)
    {
        seen = Splice.Tee(pipe, _write, Math.Min(within, _buffer.Length), wait: false);
        long? end = null;
        for (long done = 0; done < seen;)
        {
            var count = _read.Read(_buffer);
            if (count <= 0)
                break;
            var at = _buffer.AsSpan(0, count).LastIndexOf((byte)'\n');
            if (at >= 0)
                end = done + at + 1;
            done += count;
        }

        return end;
    }

    public void Dispose()
    {
        _read.Dispose();
        _write.Dispose();
    }
}
