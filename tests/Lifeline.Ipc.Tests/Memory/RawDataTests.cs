using CsCheck;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Memory;

public class RawDataTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(Parcel.MaxInlineRawData, 0)]
    [InlineData(Parcel.MaxInlineRawData + 1, 1)]
    [InlineData(20_000_000, 1)]
    public void A_block_is_read_as_it_was_written_and_is_memory_beyond_32_KiB(int size, int descriptors)
    {
        using var parcel = new Parcel();
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        parcel.WriteInt32(1);
        parcel.WriteRawData(bytes);
        parcel.WriteInt32(2);
        Assert.Equal(descriptors, parcel.DescriptorCount);
        Assert.Equal(1, parcel.ReadInt32());
        Assert.Equal(size, parcel.PeekRawDataSize());
        using var data = parcel.ReadRawData(size);
        Assert.Equal(2, parcel.ReadInt32());
        Assert.Equal(size, data.Size);
        Assert.True(data.Bytes.SequenceEqual(bytes));
        Assert.True(data.Memory.Span.SequenceEqual(bytes));
    }

    [Fact]
    public void The_largest_is_128_MiB()
    {
        using var parcel = new Parcel();
        var bytes = GC.AllocateUninitializedArray<byte>(Parcel.MaxRawDataSize + 1);
        var error = Assert.Throws<ParcelException>(() => parcel.WriteRawData(bytes));
        Assert.Equal((IpcError.CheckParam, ParcelFault.InvalidLength, 0), (error.Error, error.Fault, parcel.DataSize));
        parcel.WriteRawData(bytes.AsSpan(1));
        using var data = parcel.ReadRawData(Parcel.MaxRawDataSize);
        Assert.Equal(Parcel.MaxRawDataSize, data.Size);
    }

    [Fact]
    public void The_size_read_must_be_the_size_written() => Gen.Int[0, 70_000].Select(Gen.Int[-5, 5].Where(d => d != 0)).Sample((size, difference) =>
    {
        using var parcel = new Parcel();
        parcel.WriteRawData(new byte[size]);
        Assert.Equal(ParcelFault.InvalidLength, Assert.Throws<ParcelException>(() => parcel.ReadRawData(size + difference)).Fault);
        Assert.Equal(0, parcel.ReadPosition);
        parcel.ReadRawData(size).Dispose();
    }, iter: 200);

    [Fact]
    public void A_parcel_holds_one_also_after_append_and_a_new_one_after_reset()
    {
        using var parcel = new Parcel();
        parcel.WriteInt32(0);
        parcel.WriteRawData(new byte[40_000]);
        Assert.Equal(ParcelFault.SecondRawBlock, Assert.Throws<ParcelException>(() => parcel.WriteRawData([1])).Fault);
        using var other = new Parcel();
        other.Append(parcel);
        Assert.Equal(ParcelFault.SecondRawBlock, Assert.Throws<ParcelException>(() => other.WriteRawData([1])).Fault);
        Assert.Equal(ParcelFault.SecondRawBlock, Assert.Throws<ParcelException>(() => other.Append(parcel)).Fault);
        parcel.RewindWrite(8);
        parcel.RewindWrite(4);
        parcel.WriteRawData([1]);
        parcel.RewindWrite(parcel.WritePosition - 4);
        parcel.WriteRawData([3]);
        parcel.Reset();
        parcel.WriteRawData([2]);
        using var data = parcel.ReadRawData(1);
        Assert.Equal([2], data.Bytes.ToArray());
    }

    [Fact]
    public void What_the_sender_could_still_change_is_not_accepted()
    {
        foreach (var seals in (MemorySeals[])[MemorySeals.None, MemorySeals.Shrink | MemorySeals.Grow, MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.FutureWrite])
        {
            using var parcel = new Parcel();
            using var file = MemoryFile.Create("hostile", 40_000);
            file.Seal(seals);
            parcel.WriteInt32(40_000);
            parcel.WriteDescriptor(file);
            Assert.Equal(ParcelFault.InvalidMemory, Assert.Throws<ParcelException>(() => parcel.ReadRawData(40_000)).Fault);
            Assert.Equal(0, parcel.ReadPosition);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    [InlineData(int.MinValue)]
    [InlineData(Parcel.MaxRawDataSize)]
    [InlineData(Parcel.MaxRawDataSize + 1)]
    public void A_size_that_is_not_true_is_refused(int said)
    {
        using var parcel = new Parcel();
        parcel.WriteInt32(said);
        parcel.WriteInt32(0);
        Assert.Throws<ParcelException>(() => parcel.ReadRawData(said));
        Assert.Equal(0, parcel.ReadPosition);
    }

    [Fact]
    public async Task It_goes_to_another_process_and_back()
    {
        var root = new DelegateStub("test", (_, data, reply, _) =>
        {
            using var raw = data.ReadRawData(data.PeekRawDataSize());
            reply.WriteRawData(raw.Bytes);
            return ValueTask.CompletedTask;
        });
        await using var pair = await IpcPair.OpenAsync(TransportKind.Socket, root);
        foreach (var size in (int[])[10, 5_000_000])
        {
            var bytes = new byte[size];
            new Random(size).NextBytes(bytes);
            using var data = new Parcel();
            data.WriteRawData(bytes);
            using var reply = await pair.Root.CallAsync(1, data).Soon();
            using var back = reply.ReadRawData(size);
            Assert.True(back.Bytes.SequenceEqual(bytes));
        }
    }
}
