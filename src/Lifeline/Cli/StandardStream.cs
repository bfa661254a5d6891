using Lifeline.Linux;

namespace Lifeline.Cli;

/// <summary>
/// Standard output or standard error, written to as it is. The runtime's own streams first send a terminal the sequences that switch its
/// keypad, also where no escape is wanted, and do not take them back. Thread-safe as far as single writes go.
/// </summary>
/// <remarks>As with those, what nobody reads any more is dropped; <see cref="StandardOutput.IsClosed"/> tells of it.</remarks>
internal sealed class StandardStream : Stream
{
    private readonly string name;

    // Held for the life of the process; null if it was started without.
    private readonly Descriptor? descriptor;

    private StandardStream(int number, string name)
    {
        this.name = name;
        try
        {
            descriptor = Descriptor.DuplicateOf(number);
        }
        catch (LinuxException e) when (e.Errno == Errno.EBADF)
        {
        }
    }

    public static StandardStream Output { get; } = new(1, "standard output");

    public static StandardStream Error { get; } = new(2, "standard error");

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Writes a line of one of the processes behind the commands.</summary>
    public void WriteLine(string text)
    {
        try
        {
            Write(System.Text.Encoding.UTF8.GetBytes(text + "\n"));
        }
        catch (IOException)
        {
            // A line for somebody who looks, if anybody does.
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            descriptor?.WriteAll(buffer);
        }
        catch (LinuxException e) when (e.Errno == Errno.EPIPE)
        {
            // Whoever read is gone.
        }
        catch (LinuxException e)
        {
            throw new IOException($"{name} takes no more: {e.Message}", e);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
