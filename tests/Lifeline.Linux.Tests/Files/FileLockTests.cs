using Lifeline.Linux.Tests.Descriptors;
using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Files;

public sealed class FileLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_second_process_is_refused_until_the_first_lets_go()
    {
        var path = _folder.Of("lock");
        using (var held = FileLock.TryAcquire(path))
        {
            Assert.NotNull(held);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, FileStatus.TryOf(path)?.Mode);
            Assert.Null(FileLock.TryAcquire(path));
            Assert.Equal(1, OpenNumbers.CountInto(_folder.Path));
            Assert.Equal("refused\n", InAnotherProcess(path));
        }

        Assert.Equal("acquired\n", InAnotherProcess(path));
    }

    [Fact]
    public void Handing_on_the_descriptor_hands_on_the_lock()
    {
        var path = _folder.Of("lock");
        var (read, write) = Pipe.Create();
        using (read)
        using (write)
        {
            var held = FileLock.TryAcquire(path)!;
            using var child = Child.InRole("hold-lock", [(held.Descriptor, 5), (read, 6)]);
            Assert.Equal("acquired", child.ReadLine());
            held.Dispose();
            Assert.Null(FileLock.TryAcquire(path));
            write.WriteAll("x"u8);
            Assert.Equal(0, child.WaitExit().ExitCode);
            using var again = FileLock.TryAcquire(path);
            Assert.NotNull(again);
        }
    }

    [Fact]
    public void A_kill_lets_go()
    {
        var path = _folder.Of("lock");
        var (read, write) = Pipe.Create();
        using (read)
        using (write)
        {
            var held = FileLock.TryAcquire(path)!;
            using var child = Child.InRole("hold-lock", [(held.Descriptor, 5), (read, 6)]);
            Assert.Equal("acquired", child.ReadLine());
            held.Dispose();
            child.PidFd.Signal(Signals.Kill);
            child.WaitExit();
            using var again = FileLock.TryAcquire(path);
            Assert.NotNull(again);
        }
    }

    [Fact]
    public void Another_open_file_does_not_hold_the_lock()
    {
        var path = _folder.Of("lock");
        using var held = FileLock.TryAcquire(path);
        using var other = Descriptor.Open(path, OpenFlags.ReadWrite);
        Assert.Null(FileLock.TryTakeOver(other));
        Assert.Equal(0, other.Read(new byte[1]));
    }

    [Fact]
    public void A_folder_cannot_be_locked_as_a_file() =>
        Assert.Equal(Errno.EISDIR, DescriptorTests.Refusal(() => FileLock.TryAcquire(_folder.Path)));

    private static string InAnotherProcess(string path)
    {
        using var child = Child.InRole("lock", null, path);
        return child.ReadOutput();
    }
}
