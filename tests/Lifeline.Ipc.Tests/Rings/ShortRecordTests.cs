using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Rings;

/// <summary>Plain data in the ring's own forms.</summary>
public sealed class ShortRecordTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_goes_in_short_comes_out_whole(int seed)
    {
        var random = new Random(seed);
        RingMemory memory = RingMemory.TryCreate(1 << 20, out MemoryFile? file, out _)!;
        file!.Dispose();
        var producer = new RingProducer(memory.Lane(true));
        var consumer = new RingConsumer(memory.Lane(true));
        byte[] buffer = new byte[RecordHeader.MaxRecordSize + 1];
        for (int i = 0; i < 2000; i++)
        {
            byte[] data = new byte[random.Next(20) == 0 ? random.Next(Parcel.MaxDataSize + 1) : random.Next(300)];
            random.NextBytes(data);
            RecordHeader header = Header(random, data.Length);
            RingRecord form = ShortRecord.FormOf(header);
            Assert.True(ShortRecord.IsShort(form));
            int length = ShortRecord.Prefix(form) + data.Length;
            Assert.True(producer.TryReserve(length, out Span<byte> place));
            ShortRecord.Write(form, header, place);
            data.CopyTo(place[ShortRecord.Prefix(form)..]);
            producer.Publish(length, form);

            Assert.Equal(RingFind.Record, consumer.TryTake(buffer, out int taken));
            var read = RecordHeader.Read(buffer.AsSpan(0, taken), 0);
            Assert.Equal((header.Kind, header.Id, header.Target, header.Code, header.Chain), (read.Kind, read.Id, read.Target, read.Code, read.Chain));
            Assert.Equal(data, ObjectTable.Data(read, buffer.AsSpan(0, taken)).ToArray());
            consumer.TryArm(RingSleep.Doorbell);
        }

        memory.Release();
    }

    [Theory]
    [InlineData(4u, 7)]
    [InlineData(4u, Parcel.MaxDataSize + 9)]
    [InlineData(5u, 23)]
    [InlineData(5u, Parcel.MaxDataSize + 25)]
    [InlineData(6u, 0)]
    [InlineData(6u, Parcel.MaxDataSize + 9)]
    [InlineData(7u, 100)]
    [InlineData(0u, 100)]
    public void A_length_that_cannot_be_is_found(uint form, int length)
    {
        RingMemory memory = RingMemory.TryCreate(1 << 20, out MemoryFile? file, out _)!;
        file!.Dispose();
        var producer = new RingProducer(memory.Lane(true));
        var consumer = new RingConsumer(memory.Lane(true));
        Assert.True(producer.TryReserve(length, out _));
        producer.Publish(length, (RingRecord)form);
        Assert.Throws<ProtocolViolationException>(() => consumer.Peek(out _, out _, out _));
        Assert.Throws<ProtocolViolationException>(() => consumer.TryTake(new byte[RecordHeader.MaxRecordSize + 1], out _));
        memory.Release();
    }

    [Fact]
    public void What_does_not_fit_the_short_forms_goes_as_it_is()
    {
        Assert.Equal(RingRecord.Here, ShortRecord.FormOf(new RecordHeader { Kind = RecordKind.Reply, Status = 3 }));
        Assert.Equal(RingRecord.Here, ShortRecord.FormOf(new RecordHeader { Kind = RecordKind.Call, Target = 1UL << 32 }));
        Assert.Equal(RingRecord.Here, ShortRecord.FormOf(new RecordHeader { Kind = RecordKind.OneWay, Target = ulong.MaxValue }));
        Assert.Equal(RingRecord.Here, ShortRecord.FormOf(new RecordHeader { Kind = RecordKind.Cancel, Id = 1 }));
    }

    private static RecordHeader Header(Random random, int dataLength) => random.Next(3) switch
    {
        0 => new RecordHeader { Kind = RecordKind.OneWay, Target = (uint)random.Next(1, int.MaxValue), Code = (uint)random.Next(1, 0x00FFFFFF), DataLength = dataLength },
        1 => new RecordHeader
        {
            Kind = RecordKind.Call,
            Target = uint.MaxValue,
            Code = (uint)random.Next(1, 0x00FFFFFF),
            Id = (ulong)random.NextInt64(1, long.MaxValue),
            Chain = (ulong)random.NextInt64(1, long.MaxValue),
            DataLength = dataLength,
        },
        _ => new RecordHeader { Kind = RecordKind.Reply, Id = (ulong)random.NextInt64(1, long.MaxValue), DataLength = dataLength },
    };
}
