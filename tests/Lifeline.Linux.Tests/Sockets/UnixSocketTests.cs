using Lifeline.Linux.Tests.Descriptors;
using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Sockets;

public class UnixSocketTests
{
    [Theory]
    [InlineData(UnixSocketType.Stream)]
    [InlineData(UnixSocketType.SeqPacket)]
    public void Bytes_go_both_ways_over_a_connection(UnixSocketType type)
    {
        using var folder = new TemporaryFolder();
        using var listener = UnixSocket.Listen(folder.Of("s"), type);
        Assert.Null(listener.TryAccept());
        using var client = UnixSocket.Connect(folder.Of("s"), type);
        using var server = listener.Accept();
        Assert.Null(listener.TryAccept());
        Span<byte> buffer = stackalloc byte[64];
        Assert.True(server.Receive(buffer, wait: false).WouldBlock);
        Assert.Equal(5, client.Send("hello"u8));
        Assert.Equal(5, Patience.Receive(server, buffer).Length);
        Assert.Equal("hello"u8, buffer[..5]);
        Assert.Equal(2, server.Send("ok"u8));
        Assert.Equal(2, client.Receive(buffer).Length);
        client.Dispose();
        var end = Patience.Receive(server, buffer);
        Assert.True(end.EndOfStream);
        Assert.False(end.WouldBlock);
    }

    [Theory]
    [InlineData(UnixSocketType.Datagram)]
    [InlineData(UnixSocketType.SeqPacket)]
    public void Messages_keep_their_boundaries(UnixSocketType type)
    {
        var (a, b) = UnixSocket.Pair(type);
        using (a)
        using (b)
        {
            a.Send("one"u8);
            a.Send("three"u8);
            Span<byte> buffer = stackalloc byte[64];
            Assert.Equal(3, b.Receive(buffer).Length);
            Assert.Equal(5, b.Receive(buffer).Length);
        }
    }

    [Fact]
    public void A_stream_keeps_none()
    {
        var (a, b) = UnixSocket.Pair(UnixSocketType.Stream);
        using (a)
        using (b)
        {
            a.Send("one"u8);
            a.Send("three"u8);
            Assert.Equal(8, b.Receive(new byte[64]).Length);
        }
    }

    [Fact]
    public void Datagrams_reach_a_bound_socket_from_several_senders()
    {
        using var folder = new TemporaryFolder();
        using var receiver = UnixSocket.Listen(folder.Of("s"), UnixSocketType.Datagram);
        receiver.SetPassCredentials();
        using var first = UnixSocket.Connect(folder.Of("s"), UnixSocketType.Datagram);
        using var second = UnixSocket.Connect(folder.Of("s"), UnixSocketType.Datagram);
        first.Send("1"u8);
        second.Send("22"u8);
        var message = Patience.Receive(receiver, new byte[8]);
        Assert.Equal(1, message.Length);
        Assert.Equal(new PeerCredentials(CurrentProcess.Id, CurrentProcess.Uid, CurrentProcess.Gid), message.Sender);
        Assert.Equal(2, receiver.Receive(new byte[8]).Length);
        Assert.True(receiver.Receive(new byte[8], wait: false).WouldBlock);
    }

    [Theory]
    [InlineData(UnixSocketType.Datagram)]
    [InlineData(UnixSocketType.SeqPacket)]
    public void A_message_that_does_not_fit_is_known_to_be_cut(UnixSocketType type)
    {
        var (a, b) = UnixSocket.Pair(type);
        using (a)
        using (b)
        {
            a.Send(new byte[100]);
            a.Send("next"u8);
            var cut = b.Receive(new byte[10]);
            Assert.Equal((10, true), (cut.Length, cut.Truncated));
            var whole = b.Receive(new byte[10]);
            Assert.Equal((4, false), (whole.Length, whole.Truncated));
        }
    }

    [Theory]
    [InlineData(UnixSocketType.Stream)]
    [InlineData(UnixSocketType.SeqPacket)]
    [InlineData(UnixSocketType.Datagram)]
    public void A_full_socket_would_have_to_wait(UnixSocketType type)
    {
        var (a, b) = UnixSocket.Pair(type);
        using (a)
        using (b)
        {
            var sent = 0;
            while (a.Send(new byte[4096], wait: false) is var count and >= 0)
                sent += count;
            Assert.InRange(sent, 4096, 64 << 20);
            Assert.Equal(Errno.EAGAIN, a.TrySend(new byte[4096], default, wait: false, out _));
        }
    }

    [Theory]
    [InlineData(UnixSocketType.Stream)]
    [InlineData(UnixSocketType.SeqPacket)]
    public void Sending_to_nobody_is_an_error_and_no_signal(UnixSocketType type)
    {
        var (a, b) = UnixSocket.Pair(type);
        b.Dispose();
        using (a)
        {
            Assert.Equal(Errno.EPIPE, DescriptorTests.Refusal(() => a.Send("x"u8)));
            Assert.Equal(Errno.EPIPE, a.TrySend("x"u8, default, wait: false, out _));
        }
    }

    // The kernel says ECONNRESET once, before what is queued, when the other side had not read everything.
    [Theory]
    [InlineData(UnixSocketType.Stream)]
    [InlineData(UnixSocketType.SeqPacket)]
    public void What_was_sent_before_the_death_arrives_even_if_the_dead_had_not_read_everything(UnixSocketType type)
    {
        var (a, b) = UnixSocket.Pair(type);
        using (b)
        {
            b.Send("never read"u8);
            a.Send("last words"u8);
            a.Dispose();
            var words = b.Receive(new byte[64], wait: false);
            Assert.Equal((10, false), (words.Length, words.EndOfStream));
            Assert.True(b.Receive(new byte[64], wait: false).EndOfStream);
            Assert.True(b.Receive(new byte[64]).EndOfStream);
        }
    }

    [Fact]
    public void A_message_that_is_too_large_is_refused_and_larger_buffers_let_it_through()
    {
        var (a, b) = UnixSocket.Pair(UnixSocketType.SeqPacket);
        using (a)
        using (b)
        {
            a.SetBufferSizes(20_000, 20_000);
            Assert.Equal(Errno.EMSGSIZE, DescriptorTests.Refusal(() => a.Send(new byte[60_000])));
            a.SetBufferSizes(100_000, 100_000);
            Assert.Equal(60_000, a.Send(new byte[60_000], wait: false));
        }
    }

    [Fact]
    public async Task Shutdown_wakes_whoever_waits()
    {
        var (a, b) = UnixSocket.Pair(UnixSocketType.SeqPacket);
        using (a)
        using (b)
        {
            var waiting = Task.Run(() => a.Receive(new byte[8]).EndOfStream);
            b.Shutdown();
            Assert.True(await waiting.WaitAsync(Patience.Span));
        }
    }

    [Fact]
    public void Sending_and_receiving_allocate_nothing()
    {
        var (a, b) = UnixSocket.Pair(UnixSocketType.SeqPacket);
        using (a)
        using (b)
        {
            b.SetPassCredentials();
            Span<byte> buffer = stackalloc byte[128];
            for (var round = 0; round < 2; round++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                var total = 0;
                for (var i = 0; i < 200; i++)
                {
                    a.Send(buffer[..32]);
                    total += b.Receive(buffer).Length;
                    total += b.Receive(buffer, wait: false).Descriptors.Length;
                }

                var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.Equal(6400, total);
                if (round == 1)
                    Assert.Equal(0, allocated);
            }
        }
    }

    [Fact]
    public void Only_a_socket_is_a_socket()
    {
        var (a, b) = UnixSocket.Pair(UnixSocketType.Stream);
        using (a)
        using (b)
        {
            using var again = UnixSocket.FromDescriptor(a);
            a.Dispose();
            again.Send("x"u8);
            Assert.Equal(1, b.Receive(new byte[4]).Length);
            using var file = Descriptor.Open("/dev/null", OpenFlags.Read);
            Assert.Equal(Errno.ENOTSOCK, DescriptorTests.Refusal(() => UnixSocket.FromDescriptor(file)));
        }
    }

    [Fact]
    public void Accepting_costs_no_allocation_and_no_flag_while_nobody_waits()
    {
        using var folder = new TemporaryFolder();
        using var bound = UnixSocket.Listen(folder.Of("s"), UnixSocketType.Stream);
        using var listener = UnixSocket.FromDescriptor(bound);
        listener.TryAccept();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            _ = listener.TryAccept();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64);
        using var client = UnixSocket.Connect(folder.Of("s"), UnixSocketType.Stream);
        using var server = listener.TryAccept();
        Assert.NotNull(server);
        // A connection waits, although its listener does not.
        Assert.Equal(0, Native.Libc.fcntl(server.Number, Native.Libc.FGetFlags, 0) & Native.Libc.NonBlocking);
    }

    [Fact]
    public void Accepting_on_an_ended_listener_is_an_error()
    {
        using var folder = new TemporaryFolder();
        using var listener = UnixSocket.Listen(folder.Of("s"), UnixSocketType.Stream);
        listener.Shutdown();
        Assert.Equal(Errno.EINVAL, DescriptorTests.Refusal(listener.Accept));
    }
}
