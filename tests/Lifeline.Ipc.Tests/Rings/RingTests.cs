using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Rings;

/// <summary>One ring, without a transport around it.</summary>
public sealed class RingTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Records_of_any_size_come_out_as_they_went_in_wherever_the_ring_wraps(int seed)
    {
        var random = new Random(seed);
        using var ring = new OneRing(1 << random.Next(12, 16));
        var expected = new Queue<byte[]>();
        byte[] buffer = new byte[RecordHeader.MaxRecordSize + 1];
        for (int step = 0; step < 20_000; step++)
        {
            if (random.Next(2) == 0)
            {
                byte[] record = new byte[random.Next(4) == 0 ? random.Next(ring.Producer.MaxRecord + 1) : random.Next(200)];
                random.NextBytes(record);
                bool sent = ring.TrySend(record);
                if (!sent && expected.Count == 0)
                {
                    // What was taken is given back at the latest when the receiver falls asleep.
                    Assert.True(ring.Consumer.TryArm(RingSleep.Doorbell));
                    Assert.True(sent = ring.TrySend(record));
                }

                if (sent)
                    expected.Enqueue(record);
            }
            else
            {
                RingFind find = ring.Consumer.TryTake(buffer, out int length);
                Assert.Equal(expected.Count > 0 ? RingFind.Record : RingFind.Nothing, find);
                if (expected.TryDequeue(out byte[]? record))
                    Assert.Equal(record, buffer[..length]);
                else
                    Assert.True(ring.Consumer.TryArm(RingSleep.Doorbell));
            }
        }
    }

    [Fact]
    public void The_largest_record_fits_into_an_empty_ring_at_any_position()
    {
        using var ring = new OneRing(RingMemory.MinRingBytes);
        byte[] buffer = new byte[RecordHeader.MaxRecordSize + 1];
        byte[] largest = new byte[ring.Producer.MaxRecord];
        for (int i = 0; i < 3000; i++)
        {
            Assert.True(ring.TrySend(new byte[(i * 13) % 700]));
            Assert.Equal(RingFind.Record, ring.Consumer.TryTake(buffer, out _));
            Assert.True(ring.Consumer.TryArm(RingSleep.Doorbell));
            Assert.True(ring.TrySend(largest));
            Assert.Equal(RingFind.Record, ring.Consumer.TryTake(buffer, out int length));
            Assert.Equal(largest.Length, length);
            Assert.True(ring.Consumer.TryArm(RingSleep.Doorbell));
        }
    }

    [Fact]
    public unsafe void A_ring_whose_receiver_sleeps_in_between_stays_in_its_first_two_kibibytes()
    {
        using var ring = new OneRing(256 << 10);
        byte[] buffer = new byte[RecordHeader.MaxRecordSize + 1];
        byte[] record = new byte[100];
        record.AsSpan().Fill(1);
        for (int i = 0; i < 10_000; i++)
        {
            Assert.True(ring.TrySend(record));
            Assert.Equal(RingFind.Record, ring.Consumer.TryTake(buffer, out _));
            Assert.True(ring.Consumer.TryArm(RingSleep.Doorbell));
        }

        Assert.True(new ReadOnlySpan<byte>(ring.Lane.Data + 2048, (256 << 10) - 2048).IndexOfAnyExcept((byte)0) < 0);
    }

    [Fact]
    public void Only_a_receiver_that_sleeps_is_woken_and_once()
    {
        using var ring = new OneRing(RingMemory.MinRingBytes);
        byte[] buffer = new byte[RecordHeader.MaxRecordSize + 1];
        ring.TrySend([1]);
        Assert.Equal(0, ring.Bells);
        Assert.False(ring.Consumer.TryArm(RingSleep.Doorbell));
        Assert.Equal(RingFind.Record, ring.Consumer.TryTake(buffer, out _));
        Assert.True(ring.Consumer.TryArm(RingSleep.Doorbell));
        ring.TrySend([2]);
        ring.TrySend([3]);
        Assert.Equal(1, ring.Bells);
    }

    [Theory]
    [InlineData(RingSleep.Doorbell)]
    [InlineData(RingSleep.Futex)]
    public void Who_ends_a_sleep_too_late_takes_no_doorbell_down(int how)
    {
        using var ring = new OneRing(RingMemory.MinRingBytes);
        Assert.True(ring.Consumer.TryArm(how));
        ring.Consumer.WakeSleeper();
        Assert.Equal(how == RingSleep.Doorbell ? RingSleep.Doorbell : RingSleep.Awake, ring.Lane.Sleeping);
        ring.TrySend([1]);
        Assert.Equal(how == RingSleep.Doorbell ? 1 : 0, ring.Bells);
    }

    [Theory]
    [InlineData("tail beyond the ring")]
    [InlineData("tail behind")]
    [InlineData("tail not aligned")]
    [InlineData("length beyond what is there")]
    [InlineData("length beyond the ring")]
    [InlineData("length beyond the largest record")]
    [InlineData("unknown kind")]
    [InlineData("skip beyond the ring")]
    [InlineData("announced length too large")]
    public void Nonsense_of_the_sender_is_found(string what)
    {
        using var ring = new OneRing(1 << 20);
        byte[] buffer = new byte[RecordHeader.MaxRecordSize + 1];
        ring.TrySend(new byte[100]);
        Assert.Equal(RingFind.Record, ring.Consumer.TryTake(buffer, out _));
        ring.TrySend(new byte[100]);
        ring.Scribble(what);
        Assert.Throws<ProtocolViolationException>(() => ring.Consumer.TryTake(buffer, out _));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(ulong.MaxValue)]
    public void Nonsense_of_the_receiver_is_found(ulong head)
    {
        using var ring = new OneRing(RingMemory.MinRingBytes);
        ring.Lane.Head = head == 8 ? 1 << 20 : head;
        Assert.Throws<ProtocolViolationException>(() =>
        {
            for (int i = 0; i < 100; i++)
                ring.TrySend(new byte[100]);
        });
    }

    [Fact]
    public void Memory_that_could_fault_is_not_mapped()
    {
        RingMemory mine = RingMemory.TryCreate(8192, out MemoryFile? file, out _)!;
        using (file)
        {
            Assert.Null(RingMemory.TryOpen(file!, 4096, out string? why));
            Assert.NotNull(why);
            Assert.Null(RingMemory.TryOpen(file!, 8191, out _));
            Assert.Null(RingMemory.TryOpen(file!, uint.MaxValue, out _));
            RingMemory theirs = RingMemory.TryOpen(file!, 8192, out _)!;
            theirs.Release();
            Assert.False(theirs.TryUse());
        }

        mine.Release();
        using MemoryFile unsealed = MemoryFile.Create("t", 4096 + 8192);
        Assert.Null(RingMemory.TryOpen(unsealed, 4096, out string? seals));
        Assert.Contains("seals", seals, StringComparison.Ordinal);
        (Descriptor read, Descriptor write) = Pipe.Create();
        using (read)
        using (write)
            Assert.Null(RingMemory.TryOpen(read, 4096, out _));
    }

    /// <summary>Both ends of one direction.</summary>
    private sealed class OneRing : IDisposable
    {
        private readonly RingMemory _memory;

        internal OneRing(int bytes)
        {
            _memory = RingMemory.TryCreate(bytes, out MemoryFile? file, out string? why) ?? throw new InvalidOperationException(why);
            file!.Dispose();
            Lane = _memory.Lane(fromCreator: true);
            Producer = new RingProducer(Lane);
            Consumer = new RingConsumer(Lane);
        }

        internal RingLane Lane { get; }

        internal RingProducer Producer { get; }

        internal RingConsumer Consumer { get; }

        internal int Bells { get; private set; }

        internal bool TrySend(ReadOnlySpan<byte> record)
        {
            if (!Producer.TryReserve(record.Length, out Span<byte> place))
                return false;
            record.CopyTo(place);
            if (Producer.Publish(record.Length, RingRecord.Here) != RingSleep.Awake)
                Bells++;
            return true;
        }

        /// <summary>The second record is at 112.</summary>
        internal unsafe void Scribble(string what)
        {
            ref ulong header = ref *(ulong*)(Lane.Data + 112);
            ref ulong tail = ref Lane.Tail;
            switch (what)
            {
                case "tail beyond the ring":
                    tail += (ulong)Lane.Bytes;
                    break;
                case "tail behind":
                    tail = 104;
                    break;
                case "tail not aligned":
                    tail += 3;
                    break;
                case "length beyond what is there":
                    header = 105 | (1UL << 32);
                    break;
                case "length beyond the ring":
                    header = uint.MaxValue | (1UL << 32);
                    break;
                case "length beyond the largest record":
                    tail += 300_000;
                    tail &= ~7UL;
                    header = (RecordHeader.MaxRecordSize + 1) | (1UL << 32);
                    break;
                case "unknown kind":
                    header = 8 | (77UL << 32);
                    break;
                case "skip beyond the ring":
                    header = (uint)Lane.Bytes | (2UL << 32);
                    break;
                default:
                    header = (RecordHeader.MaxRecordSize + 1) | (3UL << 32);
                    break;
            }
        }

        public void Dispose() => _memory.Release();
    }
}
