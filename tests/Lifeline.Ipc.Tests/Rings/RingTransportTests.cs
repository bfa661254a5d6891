using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Ipc.Tests.Transport;
using Lifeline.Ipc.Transport;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Rings;

/// <summary>The ring together with its socket: order across both, doorbells, and peers that do not keep the rules.</summary>
public sealed class RingTransportTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task No_wake_up_is_lost_whenever_either_side_falls_asleep(int seed)
    {
        const int count = 5000;
        (TransportEnd left, TransportEnd right) = TransportEnd.CreateRings(4096);
        using (left)
        using (right)
        {
            Task sending = Task.Run(() =>
            {
                var random = new Random(seed);
                for (int i = 0; i < count; i++)
                {
                    while (left.TrySend(Numbered(i, 4 + random.Next(600))) == SendStatus.Full)
                        left.WaitWritable();
                    Dawdle(random);
                }
            });
            Task receiving = Task.Run(() =>
            {
                var random = new Random(-seed);
                for (int i = 0; i < count; i++)
                {
                    Assert.Equal(i, BitConverter.ToInt32(right.Receive()!.Value.Record));
                    Dawdle(random);
                }
            });
            await sending.Soon();
            await receiving.Soon();
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Order_holds_between_ring_socket_and_descriptors(int seed)
    {
        const int count = 600;
        (TransportEnd left, TransportEnd right) = TransportEnd.CreateRings(16 << 10);
        using Descriptor nothing = Descriptor.Open("/dev/null", OpenFlags.ReadWrite);
        using (left)
        using (right)
        {
            Task sending = Task.Run(() =>
            {
                var random = new Random(seed);
                for (int i = 0; i < count; i++)
                {
                    byte[] record = Numbered(i, random.Next(3) == 0 ? random.Next(4, 50_000) : random.Next(4, 300));
                    Descriptor[] descriptors = [.. Enumerable.Repeat(nothing, random.Next(4) == 0 ? random.Next(1, 4) : 0)];
                    record[^1] = (byte)(record.Length > 4 ? descriptors.Length : record[^1]);
                    while (left.TrySend(record, descriptors) == SendStatus.Full)
                        left.WaitWritable();
                }
            });
            await Task.Run(() =>
            {
                for (int i = 0; i < count; i++)
                {
                    (byte[] record, Descriptor[] descriptors) = right.Receive()!.Value;
                    Assert.Equal(i, BitConverter.ToInt32(record));
                    if (record.Length > 4)
                        Assert.Equal(record[^1], descriptors.Length);
                    foreach (Descriptor descriptor in descriptors)
                        descriptor.Dispose();
                }
            }).Soon();
            await sending.Soon();
        }
    }

    [Fact]
    public void An_announcement_without_its_record_is_a_violation()
    {
        (TransportEnd left, TransportEnd right) = TransportEnd.CreateRings(4096);
        using (left)
        using (right)
        {
            Forge(right, 100);
            Assert.Contains("socket does not have", Assert.Throws<ProtocolViolationException>(() => right.TryReceive()).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_announcement_of_another_length_is_a_violation()
    {
        (TransportEnd left, TransportEnd right) = TransportEnd.CreateRings(4096);
        using (left)
        using (right)
        {
            ((UnixSocket)left.Transport.Pollable!).Send(new byte[99]);
            Forge(right, 100);
            Assert.Throws<ProtocolViolationException>(() => right.TryReceive());
        }
    }

    [Fact]
    public void Records_on_the_socket_that_nothing_announces_are_a_violation()
    {
        (TransportEnd left, TransportEnd right) = TransportEnd.CreateRings(4096);
        using (left)
        using (right)
        {
            for (int i = 0; i < 2; i++)
                ((UnixSocket)left.Transport.Pollable!).Send(new byte[99]);
            Assert.Equal(ReceiveStatus.Empty, right.TryReceive());
            right.Transport.NotePollable();
            Assert.Throws<ProtocolViolationException>(() => right.TryReceive());
        }
    }

    [Fact]
    public void A_scribbled_head_is_told_by_the_receiving_side()
    {
        (TransportEnd left, TransportEnd right) = TransportEnd.CreateRings(4096);
        using (left)
        using (right)
        {
            left.Memory.Lane(fromCreator: true).Head = 1 << 30;
            SendStatus status;
            do
                status = left.TrySend(new byte[500]);
            while (status == SendStatus.Done);
            Assert.Equal(SendStatus.Closed, status);
            Assert.Contains("head", Assert.Throws<ProtocolViolationException>(() => left.TryReceive()).Message, StringComparison.Ordinal);
        }
    }

    /// <summary>An announcement from the left end, as a forger would write it.</summary>
    private static unsafe void Forge(TransportEnd right, int length)
    {
        var lane = right.Memory.Lane(fromCreator: true);
        *(ulong*)lane.Data = (uint)length | (3UL << 32);
        Volatile.Write(ref lane.Tail, 8);
    }

    private static byte[] Numbered(int number, int length)
    {
        byte[] record = new byte[length];
        BitConverter.TryWriteBytes(record, number);
        return record;
    }

    private static void Dawdle(Random random)
    {
        switch (random.Next(12))
        {
            case 0:
                Thread.Yield();
                break;
            case 1:
                Thread.SpinWait(random.Next(3000));
                break;
        }
    }
}
