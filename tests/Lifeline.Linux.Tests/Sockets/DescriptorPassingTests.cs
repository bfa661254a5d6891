using Lifeline.Linux.Native;
using Lifeline.Linux.Tests.Descriptors;
using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Sockets;

public class DescriptorPassingTests
{
    [Theory]
    [InlineData(UnixSocketType.Stream, 1)]
    [InlineData(UnixSocketType.SeqPacket, 1)]
    [InlineData(UnixSocketType.Datagram, 2)]
    [InlineData(UnixSocketType.Stream, UnixSocket.MaxDescriptors)]
    [InlineData(UnixSocketType.SeqPacket, UnixSocket.MaxDescriptors)]
    public void Descriptors_come_along_in_order_and_are_close_on_exec(UnixSocketType type, int count)
    {
        var (a, b) = UnixSocket.Pair(type);
        using (a)
        using (b)
        {
            b.SetPassCredentials();
            var files = Enumerable.Range(0, count).Select(i => MemoryFile.Create("f", i + 1)).ToArray();
            Assert.Equal(1, a.Send("x"u8, files));
            foreach (var file in files)
                file.Dispose();
            var message = b.Receive(new byte[8]);
            Assert.Equal((1, false, false), (message.Length, message.Truncated, message.EndOfStream));
            Assert.Equal(CurrentProcess.Id, message.Sender?.Pid);
            Assert.Equal(count, message.Descriptors.Length);
            for (var i = 0; i < count; i++)
            {
                Assert.Equal(i + 1, message.Descriptors[i].Stat().Size);
                Assert.Equal(1, Libc.fcntl(message.Descriptors[i].Number, Libc.FGetDescriptorFlags, 0));
                message.Descriptors[i].Dispose();
            }
        }
    }

    [Fact]
    public void More_than_the_kernel_takes_are_refused()
    {
        var (a, b) = UnixSocket.Pair(UnixSocketType.SeqPacket);
        using (a)
        using (b)
        {
            var many = Enumerable.Repeat<Descriptor>(a, UnixSocket.MaxDescriptors + 1).ToArray();
            Assert.Throws<ArgumentOutOfRangeException>(() => a.Send("x"u8, many));
            Assert.Throws<ArgumentException>(() => a.Send([], [a]));
        }
    }

    [Fact]
    public void A_disposed_descriptor_is_refused_and_the_others_are_released()
    {
        var (a, b) = UnixSocket.Pair(UnixSocketType.SeqPacket);
        using (a)
        using (b)
        {
            using var folder = new TemporaryFolder();
            var good = Descriptor.Open(folder.Write("good", ""), OpenFlags.Read);
            var gone = Descriptor.Open("/dev/null", OpenFlags.Read);
            gone.Dispose();
            Assert.Throws<ObjectDisposedException>(() => a.Send("x"u8, [good, gone]));
            good.Dispose();
            Assert.Equal(0, OpenNumbers.CountInto(folder.Path));
        }
    }

    [Fact]
    public void The_descriptors_of_a_cut_message_are_closed()
    {
        using var folder = new TemporaryFolder();
        var (a, b) = UnixSocket.Pair(UnixSocketType.SeqPacket);
        using (a)
        using (b)
        {
            using (var file = Descriptor.Open(folder.Write("a", ""), OpenFlags.Read))
                a.Send(new byte[100], [file, file]);
            Assert.Equal(0, OpenNumbers.CountInto(folder.Path));
            var message = b.Receive(new byte[10]);
            Assert.True(message.Truncated);
            Assert.Empty(message.Descriptors);
            Assert.Equal(0, OpenNumbers.CountInto(folder.Path));
        }
    }

    [Fact]
    public void Descriptors_of_a_message_that_nobody_took_are_closed_with_the_socket()
    {
        var (a, b) = UnixSocket.Pair(UnixSocketType.SeqPacket);
        var (read, write) = Pipe.Create();
        using (read)
        {
            a.Send("x"u8, [write]);
            write.Dispose();
            Assert.False(Poller.IsReady(read, PollEvents.In));
            a.Dispose();
            b.Dispose();
            Patience.ForReadiness(read);
        }
    }

    [Fact]
    public void A_connection_itself_can_be_handed_on()
    {
        var (a, b) = UnixSocket.Pair(UnixSocketType.Stream);
        var (inner, other) = UnixSocket.Pair(UnixSocketType.Stream);
        using (a)
        using (b)
        using (other)
        {
            a.Send("x"u8, [inner]);
            inner.Dispose();
            var received = b.Receive(new byte[1]).Descriptors;
            using var socket = UnixSocket.FromDescriptor(received[0]);
            received[0].Dispose();
            socket.Send("y"u8);
            Assert.Equal(1, other.Receive(new byte[1]).Length);
        }
    }

    [Fact]
    public void The_other_end_is_known_by_its_credentials_and_as_a_process()
    {
        var (a, b) = UnixSocket.Pair(UnixSocketType.SeqPacket);
        using (a)
        using (b)
        {
            Assert.Equal(new PeerCredentials(CurrentProcess.Id, CurrentProcess.Uid, CurrentProcess.Gid), a.Peer);
            using var peer = a.OpenPeer();
            Assert.NotNull(peer);
            Assert.Equal(CurrentProcess.Id, peer.Pid);
            Assert.False(peer.HasExited);
        }
    }

    [Fact]
    public void The_process_at_the_other_end_is_another_one_and_stays_the_same_one_after_its_death()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Of("s");
        using var listener = UnixSocket.Listen(path, UnixSocketType.Stream);
        using var child = Child.Program("/usr/bin/perl", "-MIO::Socket::UNIX", "-e", $"$s = IO::Socket::UNIX->new(Peer => '{path}') or die; <$s>; exit 7");
        Patience.ForReadiness(listener);
        using var connection = listener.Accept();
        Assert.Equal(child.Pid, connection.Peer.Pid);
        using var peer = connection.OpenPeer();
        Assert.NotNull(peer);
        Assert.Equal(child.Pid, peer.Pid);
        Assert.False(peer.HasExited);
        connection.Send("\n"u8);
        Patience.ForReadiness(peer);
        Assert.Equal(7, child.WaitExit().ExitCode);

        // Reaped: the number may be anybody's by now. Whatever is said must not be a living stranger.
        using var late = connection.OpenPeer();
        Assert.True(late is null || late.HasExited);
        Assert.Null(peer.Pid);
    }

    [Fact]
    public void What_is_not_connected_has_no_peer()
    {
        using var folder = new TemporaryFolder();
        using var socket = UnixSocket.Listen(folder.Of("s"), UnixSocketType.Datagram);
        Assert.Null(socket.OpenPeer());
        using var counter = EventFd.Create();
        Assert.Equal(Errno.ENOTSOCK, DescriptorTests.Refusal(() => UnixSocket.FromDescriptor(counter)));
    }
}
