namespace Lifeline.Ipc.Tests.Parcels;

public class ParcelLimitsTests
{
    [Fact]
    public void A_new_parcel_is_empty_and_has_no_capacity()
    {
        using var parcel = new Parcel();

        Assert.Equal(0, parcel.DataSize);
        Assert.Equal(0, parcel.WritableBytes);
        Assert.Equal(0, parcel.ReadableBytes);
        Assert.Equal(0, parcel.ReadPosition);
        Assert.Equal(0, parcel.WritePosition);
        Assert.False(parcel.IsReadOnly);
    }

    [Fact]
    public void After_one_write_of_four_bytes_sixty_are_writable()
    {
        using var parcel = new Parcel();

        parcel.WriteInt32(1);

        Assert.Equal(60, parcel.WritableBytes);
        Assert.Equal(4, parcel.DataSize);
        Assert.Equal(4, parcel.WritePosition);
        Assert.Equal(4, parcel.ReadableBytes);
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(64, 64)]
    [InlineData(65, 128)]
    [InlineData(129, 256)]
    [InlineData(2048, 2048)]
    [InlineData(2049, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 8192)]
    [InlineData(8191, 8192)]
    [InlineData(8192, 12_288)]
    [InlineData(200_703, 200_704)]
    [InlineData(200_704, 204_800)]
    [InlineData(204_800, 204_800)]
    public void Capacity_grows_by_doubling_to_one_page_and_then_to_the_page_strictly_above(int need, int capacity)
    {
        Assert.Equal(capacity, Parcel.CapacityFor(need));
    }

    [Fact]
    public void The_capacity_seen_from_outside_follows_the_same_rule()
    {
        using var parcel = new Parcel();
        for (int written = 4; written <= Parcel.MaxDataSize; written += 4)
        {
            int before = parcel.WritableBytes + parcel.DataSize;
            parcel.WriteInt32(written);
            int after = parcel.WritableBytes + parcel.DataSize;
            Assert.Equal(before >= written ? before : Parcel.CapacityFor(written), after);
        }
    }

    [Fact]
    public void Exactly_51200_int32_fit()
    {
        using var parcel = new Parcel();
        for (int i = 0; i < 51_200; i++)
            parcel.WriteInt32(i);

        Assert.Equal(204_800, parcel.DataSize);
        var refusal = Faults.Refused(parcel, ParcelFault.TooLarge, p => p.WriteInt32(0));
        Assert.Equal(IpcError.ParcelWrite, refusal.Error);
        Assert.Equal("WriteInt32", refusal.Operation);
        Assert.Equal(204_804, refusal.Value);
        Assert.Equal(204_800, refusal.Limit);
        Assert.Contains("204804", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("MaxDataSize", refusal.Message, StringComparison.Ordinal);
        for (int i = 0; i < 51_200; i++)
            Assert.Equal(i, parcel.ReadInt32());
        Assert.Equal(0, parcel.ReadableBytes);
    }

    [Fact]
    public void Exactly_25600_int64_fit()
    {
        using var parcel = new Parcel();
        for (long i = 0; i < 25_600; i++)
            parcel.WriteInt64(i << 32);

        Faults.Refused(parcel, ParcelFault.TooLarge, p => p.WriteInt64(0));
        Faults.Refused(parcel, ParcelFault.TooLarge, p => p.WriteInt8(0));
    }

    [Theory]
    [InlineData(204_797, true)]
    [InlineData(204_800, true)]
    [InlineData(204_801, false)]
    [InlineData(1_000_000, false)]
    public void A_buffer_of_up_to_204800_bytes_fits(int length, bool fits)
    {
        using var parcel = new Parcel();
        byte[] buffer = new byte[length];

        if (fits)
            parcel.WriteBuffer(buffer);
        else
            Faults.Refused(parcel, ParcelFault.TooLarge, p => p.WriteBuffer(buffer));

        Assert.Equal(fits ? 204_800 : 0, parcel.DataSize);
    }

    [Theory]
    [InlineData(204_796, true)]
    [InlineData(204_797, false)]
    public void Counted_bytes_need_four_for_the_count(int length, bool fits)
    {
        using var parcel = new Parcel();
        byte[] buffer = new byte[length];

        if (fits)
            parcel.WriteBytes(buffer);
        else
            Faults.Refused(parcel, ParcelFault.TooLarge, p => p.WriteBytes(buffer));
    }

    [Fact]
    public void At_most_1024_objects_fit()
    {
        using var parcel = new Parcel();
        for (int i = 0; i < Parcel.MaxObjects; i++)
            parcel.WriteNull();

        var refusal = Faults.Refused(parcel, ParcelFault.TooManyObjects, p => p.WriteNull());
        Assert.Equal(1025, refusal.Value);
        Assert.Equal(1024, refusal.Limit);
        Assert.Equal(1024 * 24, parcel.DataSize);
    }

    [Fact]
    public void A_disposed_parcel_says_so_whatever_is_asked()
    {
        var parcel = new Parcel();
        parcel.WriteInt32(1);
        parcel.Dispose();
        parcel.Dispose();

        Assert.Throws<ObjectDisposedException>(() => parcel.WriteInt32(1));
        Assert.Throws<ObjectDisposedException>(() => parcel.ReadInt32());
        Assert.Throws<ObjectDisposedException>(() => parcel.ReadString());
        Assert.Throws<ObjectDisposedException>(() => parcel.ReadBytes());
        Assert.Throws<ObjectDisposedException>(() => parcel.WriteString("a"));
        Assert.Throws<ObjectDisposedException>(() => parcel.WriteNull());
        Assert.Throws<ObjectDisposedException>(() => parcel.ReadDescriptor());
        Assert.Throws<ObjectDisposedException>(() => parcel.RewindRead(0));
        Assert.Throws<ObjectDisposedException>(() => parcel.RewindWrite(0));
        Assert.Throws<ObjectDisposedException>(parcel.Reset);
        using var other = new Parcel();
        Assert.Throws<ObjectDisposedException>(() => other.Append(parcel));
        Assert.Equal(0, parcel.DataSize);
        Assert.Equal(0, parcel.WritableBytes);
    }
}
