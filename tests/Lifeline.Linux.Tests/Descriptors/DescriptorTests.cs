using System.Text;
using Lifeline.Linux.Native;
using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Descriptors;

public class DescriptorTests
{
    [Fact]
    public void A_file_is_made_written_read_and_measured()
    {
        using var folder = new TemporaryFolder();
        using var file = Descriptor.Open(folder.Of("a"), OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        file.WriteAll("hello"u8);
        Assert.Equal(5, file.Seek(0, SeekOrigin.Current));
        Span<byte> buffer = stackalloc byte[16];
        Assert.Equal(0, file.Read(buffer));
        Assert.Equal(4, file.ReadAt(buffer, 1));
        Assert.Equal("ello", Encoding.UTF8.GetString(buffer[..4]));
        Assert.Equal(0, file.Seek(0, SeekOrigin.Begin));
        Assert.Equal(5, file.Read(buffer));
        file.SetLength(2);

        var status = file.Stat();
        Assert.Equal((FileKind.Regular, 2L, 1u), (status.Kind, status.Size, status.Links));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, status.Mode);
        Assert.Equal((CurrentProcess.Uid, CurrentProcess.Gid), (status.Uid, status.Gid));
        Assert.Equal(status, FileStatus.TryOf(folder.Of("a")));
    }

    [Fact]
    public void Flags_mean_what_they_say()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a", "12345");
        Assert.Equal(Errno.EEXIST, Refusal(() => Descriptor.Open(path, OpenFlags.Write | OpenFlags.Create | OpenFlags.Exclusive)));
        using (var appending = Descriptor.Open(path, OpenFlags.Write | OpenFlags.Append))
            appending.WriteAll("6"u8);
        Assert.Equal("123456", File.ReadAllText(path));
        Descriptor.Open(path, OpenFlags.Write | OpenFlags.Truncate).Dispose();
        Assert.Equal("", File.ReadAllText(path));

        File.CreateSymbolicLink(folder.Of("link"), path);
        Assert.Equal(Errno.ELOOP, Refusal(() => Descriptor.Open(folder.Of("link"), OpenFlags.Read | OpenFlags.NoFollow)));
        Assert.Equal(Errno.ENOTDIR, Refusal(() => Descriptor.Open(path, OpenFlags.Read | OpenFlags.Folder)));
        using var name = Descriptor.Open(path, OpenFlags.PathOnly);
        Assert.Equal(Errno.EBADF, Refusal(() => name.Read(new byte[1])));
        Assert.Equal(FileKind.Regular, name.Stat().Kind);
        Assert.Equal(FileKind.Link, FileStatus.TryOf(folder.Of("link"), followLinks: false)?.Kind);
        Assert.Equal(FileKind.Regular, FileStatus.TryOf(folder.Of("link"))?.Kind);
        Assert.Equal(FileKind.Folder, FileStatus.TryOf(folder.Path)?.Kind);
        Assert.Equal(FileKind.Device, FileStatus.TryOf("/dev/null")?.Kind);
        Assert.Null(FileStatus.TryOf(folder.Of("missing")));
    }

    [Fact]
    public void A_failure_names_the_path_and_the_reason()
    {
        var e = Assert.Throws<LinuxException>(() => Descriptor.Open("/nowhere/at all", OpenFlags.Read));
        Assert.Equal(Errno.ENOENT, e.Errno);
        Assert.Contains("/nowhere/at all", e.Message, StringComparison.Ordinal);
        Assert.Contains("ENOENT", e.Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere/at all", e.Operation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_with_a_zero_byte_is_refused_rather_than_cut()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a", "");
        Assert.Throws<ArgumentException>(() => Descriptor.Open(folder.Of("a\0b"), OpenFlags.Read));
        Assert.Throws<ArgumentException>(() => FileStatus.TryOf(folder.Of("a\0b")));
    }

    [Fact]
    public void Files_are_opened_below_a_folder()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a", "x");
        using var opened = Descriptor.Open(folder.Path, OpenFlags.Read | OpenFlags.Folder);
        using var file = opened.OpenAt("a", OpenFlags.Read);
        Assert.Equal(1, file.Read(new byte[4]));
        Assert.Equal(Errno.ENOENT, Refusal(() => opened.OpenAt("b", OpenFlags.Read)));
    }

    [Fact]
    public void A_duplicate_is_the_same_open_file_and_lives_on_its_own()
    {
        using var folder = new TemporaryFolder();
        var first = Descriptor.Open(folder.Write("a", "abc"), OpenFlags.Read);
        using var second = first.Duplicate();
        first.Read(new byte[1]);
        first.Dispose();
        Span<byte> rest = stackalloc byte[8];
        Assert.Equal(2, second.Read(rest));
        Assert.Equal("bc"u8, rest[..2]);
    }

    [Fact]
    public void Everything_is_close_on_exec_and_an_adopted_number_becomes_so()
    {
        var inherited = Libc.fcntl(0, 0, 30); // F_DUPFD: without the flag
        Assert.Equal(0, Libc.fcntl(inherited, Libc.FGetDescriptorFlags, 0));
        using var adopted = Descriptor.Adopt(inherited);
        using var opened = Descriptor.Open("/dev/null", OpenFlags.Read);
        using var duplicate = opened.Duplicate();
        using var memory = MemoryFile.Create("x", 1);
        using var epoll = Epoll.Create();
        using var events = EventFd.Create();
        using var timer = TimerFd.Create();
        using var self = PidFd.Open(CurrentProcess.Id);
        var (a, b) = UnixSocket.Pair(UnixSocketType.Stream);
        var (c, d) = Pipe.Create();
        using var reopened = Pipe.ReopenReadWrite(c);
        foreach (var descriptor in new[] { adopted, opened, duplicate, memory, epoll, events, timer, self, a, b, c, d, reopened })
            Assert.Equal(1, Libc.fcntl(descriptor.Number, Libc.FGetDescriptorFlags, 0));
        foreach (var descriptor in new[] { a, b, c, d })
            descriptor.Dispose();
    }

    [Fact]
    public void What_is_not_open_cannot_be_adopted()
    {
        Assert.Equal(Errno.EBADF, Refusal(() => Descriptor.Adopt(999_999)));
        Assert.Equal(Errno.EBADF, Refusal(() => Descriptor.Adopt(-1)));
    }

    [Fact]
    public void A_disposed_descriptor_has_no_number_and_refuses_everything()
    {
        var file = Descriptor.Open("/dev/null", OpenFlags.ReadWrite);
        file.Dispose();
        file.Dispose();
        Assert.Equal(-1, file.Number);
        Assert.Throws<ObjectDisposedException>(() => file.Read(new byte[1]));
        Assert.Throws<ObjectDisposedException>(() => file.Duplicate());
        Assert.Throws<ObjectDisposedException>(() => Poller.IsReady(file, PollEvents.In));
    }

    [Fact]
    public void Non_blocking_is_switched_on_and_off()
    {
        var (read, write) = Pipe.Create();
        using (read)
        using (write)
        {
            read.SetNonBlocking(true);
            Assert.Equal(-1, read.Read(new byte[1]));
            read.SetNonBlocking(false);
            Assert.Equal(0, Libc.fcntl(read.Number, Libc.FGetFlags, 0) & Libc.NonBlocking);
        }
    }

    [Fact]
    public async Task Writing_all_waits_for_room_on_a_non_blocking_descriptor()
    {
        var (read, write) = Pipe.Create();
        using (read)
        {
            write.SetNonBlocking(true);
            var data = new byte[500_000];
            new Random(1).NextBytes(data);
            var writing = Task.Run(() =>
            {
                using (write)
                    write.WriteAll(data);
            });
            var seen = new List<byte>();
            var chunk = new byte[70_000];
            for (int count; (count = read.Read(chunk)) > 0;)
                seen.AddRange(chunk[..count]);
            await writing;
            Assert.Equal(data, seen);
        }
    }

    internal static Errno Refusal(Action action) => Assert.Throws<LinuxException>(action).Errno;

    internal static Errno Refusal(Func<object?> action) => Assert.Throws<LinuxException>(action).Errno;
}
