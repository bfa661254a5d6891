using Lifeline.Linux.Tests.Descriptors;
using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Sockets;

public sealed class UnixAddressTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(UnixSocketType.Stream)]
    [InlineData(UnixSocketType.SeqPacket)]
    [InlineData(UnixSocketType.Datagram)]
    public void A_path_longer_than_a_socket_address_works(UnixSocketType type)
    {
        var deep = _folder.Of(new string('a', 100) + "/" + new string('b', 100));
        Directory.CreateDirectory(deep);
        var path = deep + "/" + new string('s', 60);
        using (var listener = UnixSocket.Listen(path, type, mode: UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite))
        {
            using var client = UnixSocket.Connect(path, type);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite, FileStatus.TryOf(path)?.Mode);
        }

        UnixSocket.Listen(path, type).Dispose();
        Assert.Equal(0, OpenNumbers.CountInto(_folder.Path));
    }

    [Fact]
    public void A_name_that_is_too_long_is_refused_with_its_length_and_leaves_nothing_open()
    {
        var path = _folder.Of(new string('s', 150));
        var e = Assert.Throws<LinuxException>(() => UnixSocket.Connect(path, UnixSocketType.Stream));
        Assert.Equal(Errno.ENAMETOOLONG, e.Errno);
        Assert.Contains("107", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, OpenNumbers.CountInto(_folder.Path));
    }

    [Fact]
    public void An_abandoned_socket_file_is_replaced()
    {
        var path = _folder.Of("s");
        UnixSocket.Listen(path, UnixSocketType.Stream).Dispose();
        Assert.Equal(FileKind.Socket, FileStatus.TryOf(path)?.Kind);
        Assert.Equal(Errno.ECONNREFUSED, DescriptorTests.Refusal(() => UnixSocket.Connect(path, UnixSocketType.Stream)));
        using var again = UnixSocket.Listen(path, UnixSocketType.SeqPacket);
        using var client = UnixSocket.Connect(path, UnixSocketType.SeqPacket);
        Assert.NotNull(again.TryAccept());
    }

    [Theory]
    [InlineData(UnixSocketType.Stream)]
    [InlineData(UnixSocketType.SeqPacket)]
    [InlineData(UnixSocketType.Datagram)]
    public void A_socket_that_somebody_listens_on_is_left_alone(UnixSocketType type)
    {
        var path = _folder.Of("s");
        using var listener = UnixSocket.Listen(path, type);
        foreach (var other in Enum.GetValues<UnixSocketType>())
            Assert.Equal(Errno.EADDRINUSE, DescriptorTests.Refusal(() => UnixSocket.Listen(path, other)));
        using var client = UnixSocket.Connect(path, type);
    }

    // A hung program whose queue of connections is full must not hang whoever asks.
    [Fact]
    public async Task A_listener_with_a_full_queue_is_left_alone_without_waiting()
    {
        var path = _folder.Of("s");
        using var listener = UnixSocket.Listen(path, UnixSocketType.Stream, backlog: 0);
        using var first = UnixSocket.Connect(path, UnixSocketType.Stream);
        var refused = await Task.Run(() => DescriptorTests.Refusal(() => UnixSocket.Listen(path, UnixSocketType.Stream))).WaitAsync(Patience.Span);
        Assert.Equal(Errno.EADDRINUSE, refused);
        Assert.Equal(Errno.EAGAIN, DescriptorTests.Refusal(() => UnixSocket.Connect(path, UnixSocketType.Stream, wait: false)));
        using var second = listener.Accept();
    }

    [Fact]
    public void A_file_that_is_no_socket_is_left_alone()
    {
        var path = _folder.Write("s", "precious");
        Assert.Equal(Errno.EADDRINUSE, DescriptorTests.Refusal(() => UnixSocket.Listen(path, UnixSocketType.Stream)));
        Assert.Equal("precious", File.ReadAllText(path));
        File.CreateSymbolicLink(_folder.Of("link"), _folder.Of("nowhere"));
        Assert.Equal(Errno.EADDRINUSE, DescriptorTests.Refusal(() => UnixSocket.Listen(_folder.Of("link"), UnixSocketType.Stream)));
    }

    [Fact]
    public void The_mode_is_as_asked_whatever_the_umask()
    {
        const UnixFileMode Everybody = (UnixFileMode)0x1B6;
        using var listener = UnixSocket.Listen(_folder.Of("s"), UnixSocketType.Stream, mode: Everybody);
        Assert.Equal(Everybody, FileStatus.TryOf(_folder.Of("s"))?.Mode);
        using var own = UnixSocket.Listen(_folder.Of("t"), UnixSocketType.Datagram);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, FileStatus.TryOf(_folder.Of("t"))?.Mode);
    }

    [Fact]
    public void An_abstract_name_needs_no_file_and_is_free_again_after_its_death()
    {
        var name = "@" + _folder.Path;
        using (var listener = UnixSocket.Listen(name, UnixSocketType.SeqPacket))
        {
            Assert.Equal(Errno.EADDRINUSE, DescriptorTests.Refusal(() => UnixSocket.Listen(name, UnixSocketType.SeqPacket)));
            using var client = UnixSocket.Connect(name, UnixSocketType.SeqPacket);
            using var server = listener.Accept();
            client.Send("x"u8);
            Assert.Equal(1, server.Receive(new byte[4]).Length);
        }

        Assert.Equal(Errno.ECONNREFUSED, DescriptorTests.Refusal(() => UnixSocket.Connect(name, UnixSocketType.SeqPacket)));
        UnixSocket.Listen(name, UnixSocketType.SeqPacket).Dispose();
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Wrong_paths_say_what_is_wrong()
    {
        Assert.Equal(Errno.ENOENT, DescriptorTests.Refusal(() => UnixSocket.Connect(_folder.Of("missing"), UnixSocketType.Stream)));
        Assert.Equal(Errno.ENOENT, DescriptorTests.Refusal(() => UnixSocket.Listen(_folder.Of("missing/s"), UnixSocketType.Stream)));
        Assert.Throws<ArgumentException>(() => UnixSocket.Connect("", UnixSocketType.Stream));
        Assert.Throws<ArgumentException>(() => UnixSocket.Connect("/tmp/a\0b", UnixSocketType.Stream));
        using var listener = UnixSocket.Listen(_folder.Of("s"), UnixSocketType.Stream);
        Assert.Equal(Errno.EPROTOTYPE, DescriptorTests.Refusal(() => UnixSocket.Connect(_folder.Of("s"), UnixSocketType.SeqPacket)));
    }
}
