using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Ipc.Transport;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Transport;

public sealed class TransportTests_over_memory() : TransportTests(TransportKind.Memory);

public sealed class TransportTests_over_a_socket() : TransportTests(TransportKind.Socket);

public sealed class TransportTests_over_rings() : TransportTests(TransportKind.Ring);

/// <summary>What every transport must do: the seam of the design.</summary>
public abstract class TransportTests(TransportKind kind)
{
    [Fact]
    public void Records_arrive_whole_and_in_order_both_ways()
    {
        (TransportEnd left, TransportEnd right) = TransportEnd.CreatePair(kind);
        using (left)
        using (right)
        {
            for (int i = 0; i < 50; i++)
            {
                Assert.Equal(SendStatus.Done, left.TrySend(Bytes(i, i + 1)));
                Assert.Equal(SendStatus.Done, right.TrySend(Bytes(-i, i + 100)));
            }

            for (int i = 0; i < 50; i++)
            {
                Assert.Equal(Bytes(i, i + 1), right.Receive()!.Value.Record);
                Assert.Equal(Bytes(-i, i + 100), left.Receive()!.Value.Record);
            }

            Assert.Equal(ReceiveStatus.Empty, right.TryReceive());
        }
    }

    [Fact]
    public void The_largest_record_fits()
    {
        (TransportEnd left, TransportEnd right) = TransportEnd.CreatePair(kind);
        using (left)
        using (right)
        {
            byte[] record = Bytes(3, RecordHeader.MaxRecordSize);
            Assert.Equal(SendStatus.Done, left.TrySend(record));
            Assert.Equal(record, right.Receive()!.Value.Record);
        }
    }

    [Fact]
    public void Descriptors_come_with_their_record_and_belong_to_the_receiver()
    {
        (TransportEnd left, TransportEnd right) = TransportEnd.CreatePair(kind);
        (Descriptor read, Descriptor write) = Pipe.Create();
        using (left)
        using (right)
        using (read)
        using (write)
        {
            long inode = (long)read.Stat().Inode;
            Descriptor[] many = [.. Enumerable.Repeat(read, Parcel.MaxDescriptors)];
            Assert.Equal(SendStatus.Done, left.TrySend([1]));
            Assert.Equal(SendStatus.Done, left.TrySend([2], many));
            Assert.Equal(SendStatus.Done, left.TrySend([3], write));
            Assert.Empty(right.Receive()!.Value.Descriptors);
            Descriptor[] received = right.Receive()!.Value.Descriptors;
            Assert.Equal(many.Length, received.Length);
            Assert.All(received, d => Assert.Equal(inode, (long)d.Stat().Inode));
            Assert.Equal(many.Length, received.Select(d => d.Number).Append(read.Number).Distinct().Count() - 1);
            Descriptor single = Assert.Single(right.Receive()!.Value.Descriptors);
            foreach (Descriptor descriptor in received.Append(single))
                descriptor.Dispose();
        }
    }

    [Fact]
    public void A_full_transport_says_so_loses_nothing_and_tells_when_there_is_room()
    {
        (TransportEnd left, TransportEnd right) = TransportEnd.CreatePair(kind);
        using (left)
        using (right)
        {
            int sent = 0;
            while (left.TrySend(Bytes(sent, 10_000)) == SendStatus.Done)
                sent++;
            Assert.InRange(sent, 10, 1_000_000);
            for (int i = 0; i < sent; i++)
                Assert.Equal(Bytes(i, 10_000), right.Receive()!.Value.Record);
            left.WaitWritable();
            Assert.Equal(SendStatus.Done, left.TrySend([7]));
            Assert.Equal([7], right.Receive()!.Value.Record);
        }
    }

    [Fact]
    public void What_was_sent_before_the_end_is_received_after_it()
    {
        (TransportEnd left, TransportEnd right) = TransportEnd.CreatePair(kind);
        using (right)
        {
            using (left)
            {
                // Unread by the other side: a reset instead of a plain end.
                right.TrySend([9]);
                for (int i = 0; i < 20; i++)
                    left.TrySend(Bytes(i, 8));
            }

            for (int i = 0; i < 20; i++)
                Assert.Equal(Bytes(i, 8), right.Receive()!.Value.Record);
            Assert.Null(right.Receive());
            Assert.Null(right.Receive());
            Assert.Equal(SendStatus.Closed, right.TrySend([1]));
        }
    }

    [Fact]
    public void A_shutdown_lets_the_peer_read_the_rest_and_then_the_end()
    {
        (TransportEnd left, TransportEnd right) = TransportEnd.CreatePair(kind);
        using (left)
        using (right)
        {
            left.TrySend([1]);
            left.Transport.Shutdown();
            Assert.Equal([1], right.Receive()!.Value.Record);
            Assert.Null(right.Receive());
            Assert.Equal(SendStatus.Closed, left.TrySend([2]));
        }
    }

    [Fact]
    public void The_peer_is_known_by_the_kernel()
    {
        (TransportEnd left, TransportEnd right) = TransportEnd.CreatePair(kind);
        using (left)
        using (right)
            Assert.Equal(new CallerIdentity(CurrentProcess.Id, CurrentProcess.Uid, CurrentProcess.Gid), left.Transport.Identify());
    }

    [Fact]
    public async Task Sender_and_receiver_may_work_at_the_same_time()
    {
        const int count = 20_000;
        (TransportEnd left, TransportEnd right) = TransportEnd.CreatePair(kind);
        using (left)
        using (right)
        {
            Task sending = Task.Run(() =>
            {
                for (int i = 0; i < count; i++)
                {
                    while (left.TrySend(Bytes(i, 16 + (i % 500))) == SendStatus.Full)
                        left.WaitWritable();
                }
            });
            await Task.Run(() =>
            {
                for (int i = 0; i < count; i++)
                    Assert.Equal(Bytes(i, 16 + (i % 500)), right.Receive()!.Value.Record);
            }).Soon();
            await sending.Soon();
        }
    }

    private static byte[] Bytes(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Span<byte>(bytes).Fill((byte)seed);
        if (length >= 4)
            BitConverter.TryWriteBytes(bytes, seed);
        return bytes;
    }
}
