using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Descriptors;

public sealed class PipeTests : IDisposable
{
    private readonly Descriptor _read;
    private readonly Descriptor _write;
    private readonly TemporaryFolder _folder = new();

    public PipeTests() => (_read, _write) = Pipe.Create();

    public void Dispose()
    {
        _read.Dispose();
        _write.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_capacity_can_be_changed_and_asked()
    {
        Assert.Equal(65536, Pipe.TrySetCapacity(_read, 65536));
        Assert.Equal(8192, Pipe.TrySetCapacity(_write, 5000));
        Assert.Equal(8192, Pipe.GetCapacity(_read));
        Assert.Null(Pipe.TrySetCapacity(_read, int.MaxValue));
        using var file = Descriptor.Open("/dev/null", OpenFlags.Read);
        Assert.Equal(Errno.EBADF, DescriptorTests.Refusal(() => Pipe.GetCapacity(file)));
    }

    [Fact]
    public void A_pipe_opened_for_both_survives_the_death_of_the_reader()
    {
        using var both = Pipe.ReopenReadWrite(_write);
        _read.Dispose();
        both.WriteAll("kept"u8);
        _write.Dispose();
        using var later = ProcFs.TryReopen(CurrentProcess.Id, both.Number, OpenFlags.Read | OpenFlags.NonBlocking);
        Assert.NotNull(later);
        Assert.Equal(4, later.Read(new byte[16]));
    }

    [Fact]
    public void Writing_into_a_broken_pipe_is_an_error_and_no_signal()
    {
        _read.Dispose();
        Assert.Equal(Errno.EPIPE, DescriptorTests.Refusal(() => _write.WriteAll("x"u8)));
    }

    [Fact]
    public void Splice_moves_bytes_to_the_end_and_then_says_so()
    {
        using var file = Descriptor.Open(_folder.Write("log", "old "), OpenFlags.ReadWrite);
        file.Seek(0, SeekOrigin.End);
        Assert.Null(Splice.Move(_read, file, 1 << 20, wait: false));
        _write.WriteAll("first second"u8);
        Assert.Equal(6, Splice.Move(_read, file, 6, wait: true));
        Assert.Equal(6, Splice.Move(_read, file, 1 << 20, wait: false));
        Assert.Null(Splice.Move(_read, file, 1 << 20, wait: false));
        _write.Dispose();
        Assert.Equal(0, Splice.Move(_read, file, 1 << 20, wait: true));
        Assert.Equal("old first second", File.ReadAllText(_folder.Of("log")));
    }

    [Fact]
    public void Splice_refuses_files_opened_for_appending_and_senseless_lengths()
    {
        using var file = Descriptor.Open(_folder.Write("log", ""), OpenFlags.Write | OpenFlags.Append);
        _write.WriteAll("x"u8);
        Assert.Equal(Errno.EINVAL, DescriptorTests.Refusal(() => Splice.Move(_read, file, 1, wait: false)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Splice.Move(_read, file, 0, wait: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => Splice.Tee(_read, _write, -1, wait: false));
    }

    [Fact]
    public void Splice_into_a_full_pipe_would_have_to_wait()
    {
        var (farRead, farWrite) = Pipe.Create();
        using (farRead)
        using (farWrite)
        {
            farWrite.SetNonBlocking(true);
            while (farWrite.Write(new byte[4096]) > 0)
            {
            }

            _write.WriteAll("x"u8);
            Assert.Null(Splice.Move(_read, farWrite, 1, wait: false));
        }
    }

    [Fact]
    public void Tee_copies_and_takes_nothing()
    {
        var (copyRead, copyWrite) = Pipe.Create();
        using (copyRead)
        using (copyWrite)
        {
            Assert.Null(Splice.Tee(_read, copyWrite, 100, wait: false));
            _write.WriteAll("twice"u8);
            Assert.Equal(5, Splice.Tee(_read, copyWrite, 100, wait: true));
            Assert.Equal(5, copyRead.Read(new byte[16]));
            Assert.Equal(5, _read.Read(new byte[16]));
            _write.Dispose();
            Assert.Equal(0, Splice.Tee(_read, copyWrite, 100, wait: true));
        }
    }
}
