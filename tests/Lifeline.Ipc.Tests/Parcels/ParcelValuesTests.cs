namespace Lifeline.Ipc.Tests.Parcels;

public class ParcelValuesTests
{
    [Fact]
    public void Small_integers_take_four_bytes_and_are_extended()
    {
        using var parcel = new Parcel();

        parcel.WriteInt8(-2);
        parcel.WriteInt16(-3);
        parcel.WriteUInt8(0xfe);
        parcel.WriteUInt16(0xfffd);
        parcel.WriteBoolean(true);

        Assert.Equal("FEFFFFFF" + "FDFFFFFF" + "FE000000" + "FDFF0000" + "01000000", Convert.ToHexString(parcel.Data));
    }

    [Fact]
    public void Large_integers_are_little_endian_and_only_four_aligned()
    {
        using var parcel = new Parcel();

        parcel.WriteInt32(0x01020304);
        parcel.WriteInt64(0x0102030405060708);
        parcel.WriteDouble(1.0);
        parcel.WriteSingle(1.0f);

        Assert.Equal("04030201" + "0807060504030201" + "000000000000F03F" + "0000803F", Convert.ToHexString(parcel.Data));
    }

    [Fact]
    public void Each_type_is_read_back_with_its_extremes()
    {
        using var parcel = new Parcel();
        parcel.WriteInt8(sbyte.MinValue);
        parcel.WriteInt16(short.MinValue);
        parcel.WriteInt32(int.MinValue);
        parcel.WriteInt64(long.MinValue);
        parcel.WriteUInt8(byte.MaxValue);
        parcel.WriteUInt16(ushort.MaxValue);
        parcel.WriteUInt32(uint.MaxValue);
        parcel.WriteUInt64(ulong.MaxValue);
        parcel.WriteSingle(float.NegativeInfinity);
        parcel.WriteDouble(double.Epsilon);
        parcel.WriteBoolean(false);

        Assert.Equal(sbyte.MinValue, parcel.ReadInt8());
        Assert.Equal(short.MinValue, parcel.ReadInt16());
        Assert.Equal(int.MinValue, parcel.ReadInt32());
        Assert.Equal(long.MinValue, parcel.ReadInt64());
        Assert.Equal(byte.MaxValue, parcel.ReadUInt8());
        Assert.Equal(ushort.MaxValue, parcel.ReadUInt16());
        Assert.Equal(uint.MaxValue, parcel.ReadUInt32());
        Assert.Equal(ulong.MaxValue, parcel.ReadUInt64());
        Assert.Equal(float.NegativeInfinity, parcel.ReadSingle());
        Assert.Equal(double.Epsilon, parcel.ReadDouble());
        Assert.False(parcel.ReadBoolean());
        Assert.Equal(0, parcel.ReadableBytes);
    }

    [Fact]
    public void Small_integers_are_read_truncated()
    {
        using var parcel = new Parcel();
        parcel.WriteInt32(0x12345678);

        Assert.Equal(0x78, parcel.ReadInt8());
        parcel.RewindRead(0);
        Assert.Equal(0x5678, parcel.ReadUInt16());
        parcel.RewindRead(0);
        Assert.True(parcel.ReadBoolean());
        Assert.Equal(4, parcel.ReadPosition);
    }

    [Fact]
    public void A_short_read_leaves_the_cursor_and_says_what_is_left()
    {
        using var parcel = new Parcel();
        parcel.WriteInt32(7);

        var refusal = Faults.Refused(parcel, ParcelFault.ShortRead, p => p.ReadInt64());
        Assert.Equal(IpcError.ParcelRead, refusal.Error);
        Assert.Equal("ReadInt64", refusal.Operation);
        Assert.Equal(8, refusal.Value);
        Assert.Equal(4, refusal.Limit);
        Assert.Equal(7, parcel.ReadInt32());
        Faults.Refused(parcel, ParcelFault.ShortRead, p => p.ReadInt8());
    }

    [Fact]
    public void Unaligned_positions_can_be_read_after_a_rewind()
    {
        using var parcel = new Parcel();
        parcel.WriteInt32(0x04030201);
        parcel.WriteInt32(0x08070605);

        parcel.RewindRead(1);

        Assert.Equal(0x05040302, parcel.ReadInt32());
        Assert.Equal(5, parcel.ReadPosition);
    }

    [Fact]
    public void Reading_a_buffer_does_not_skip_its_padding()
    {
        using var parcel = new Parcel();
        parcel.WriteBuffer([1, 2, 3, 4, 5]);
        parcel.WriteInt32(0x0a0b0c0d);
        Assert.Equal(12, parcel.DataSize);

        Assert.Equal([1, 2, 3, 4, 5], parcel.ReadBuffer(5).ToArray());

        Assert.Equal(5, parcel.ReadPosition);
        Assert.Equal(0x0d000000, parcel.ReadInt32());
    }

    [Fact]
    public void A_buffer_longer_than_what_is_left_or_negative_is_refused()
    {
        using var parcel = new Parcel();
        parcel.WriteBuffer([1, 2, 3, 4]);

        Faults.Refused(parcel, ParcelFault.ShortRead, p => p.ReadBuffer(5));
        Faults.Refused(parcel, ParcelFault.InvalidLength, p => p.ReadBuffer(-1));
        Assert.True(parcel.ReadBuffer(0).IsEmpty);
    }

    [Fact]
    public void Counted_bytes_skip_their_padding()
    {
        using var parcel = new Parcel();
        parcel.WriteBytes([1, 2, 3, 4, 5]);
        parcel.WriteBytes([]);
        parcel.WriteInt32(9);
        Assert.Equal("05000000" + "0102030405000000" + "00000000" + "09000000", Convert.ToHexString(parcel.Data));

        Assert.Equal([1, 2, 3, 4, 5], parcel.ReadBytes());
        Assert.Empty(parcel.ReadBytes());
        Assert.Equal(9, parcel.ReadInt32());
        parcel.RewindRead(0);
        Assert.Equal([1, 2, 3, 4, 5], parcel.ReadBytesInPlace().ToArray());
        Assert.Equal(12, parcel.ReadPosition);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void A_count_that_the_data_cannot_hold_is_refused(int count)
    {
        using var parcel = new Parcel();
        parcel.WriteInt32(count);
        parcel.WriteInt32(0);

        Faults.Refused(parcel, ParcelFault.InvalidLength, p => p.ReadBytes());
        Faults.Refused(parcel, ParcelFault.InvalidLength, p => p.ReadArray<long>());
        Faults.Refused(parcel, ParcelFault.InvalidLength, p => p.ReadArray(new byte[16]));
    }

    [Fact]
    public void Arrays_are_a_count_and_the_raw_elements()
    {
        using var parcel = new Parcel();
        parcel.WriteArray<short>([1, -1, 2]);
        parcel.WriteArray<double>([0.5, double.NaN]);
        parcel.WriteArray<char>("ab");
        parcel.WriteArray<Int128>([]);
        Assert.Equal("03000000" + "0100FFFF02000000", Convert.ToHexString(parcel.Data[..12]));

        Assert.Equal([1, -1, 2], parcel.ReadArray<short>());
        double[] doubles = new double[3];
        Assert.Equal(2, parcel.ReadArray(doubles.AsSpan()));
        Assert.Equal([0.5, double.NaN, 0], doubles);
        Assert.Equal("ab", parcel.ReadArray<char>());
        Assert.Empty(parcel.ReadArray<Int128>());
        Assert.Equal(0, parcel.ReadableBytes);
    }

    [Fact]
    public void An_array_that_does_not_fit_the_destination_stays_unread()
    {
        using var parcel = new Parcel();
        parcel.WriteArray<int>([1, 2, 3]);

        var refusal = Faults.Refused(parcel, ParcelFault.InvalidLength, p => p.ReadArray(new int[2].AsSpan()));
        Assert.Equal(3, refusal.Value);
        Assert.Equal(2, refusal.Limit);
        Faults.Refused(parcel, ParcelFault.TooLarge, p => p.WriteArray<long>(new long[25_601]));
    }

    [Fact]
    public void Bytes_read_in_place_can_be_written_back_even_when_the_memory_moves()
    {
        using var parcel = new Parcel();
        byte[] data = [.. Enumerable.Range(0, 60).Select(i => (byte)i)];
        parcel.WriteBuffer(data);
        for (int round = 0; round < 100; round++)
        {
            parcel.RewindRead(round * 60);
            parcel.WriteBuffer(parcel.ReadBuffer(60));
        }

        for (int offset = 0; offset < parcel.DataSize; offset += 60)
            Assert.Equal(data, parcel.Data.Slice(offset, 60).ToArray());
    }

    [Fact]
    public void Text_read_in_place_can_be_written_back_even_when_its_memory_is_freed()
    {
        string text = new('t', 190);
        using var first = new Parcel();
        first.WriteString(text);
        using var second = new Parcel();
        second.WriteBuffer(new byte[200]);
        // With the shelves full, the block that a growing parcel leaves goes back to the system.
        Parcel[] idle = [.. Enumerable.Range(0, 100).Select(_ => new Parcel())];
        foreach (Parcel each in idle)
            each.WriteInt32(1);
        foreach (Parcel each in idle)
            each.Dispose();

        first.WriteUtf8String(first.ReadUtf8String());
        second.WriteBytes(second.ReadBuffer(200));

        Assert.Equal(text, first.ReadString());
        Assert.Equal(new byte[200], second.Data.Slice(204, 200).ToArray());
    }

    [Fact]
    public void Rewinding_the_write_position_cuts_off_and_the_padding_may_be_gone()
    {
        using var parcel = new Parcel();
        parcel.WriteBytes([1, 2, 3, 4, 5]);
        parcel.WriteInt32(1);

        parcel.RewindWrite(9);

        Assert.Equal(9, parcel.DataSize);
        Assert.Equal([1, 2, 3, 4, 5], parcel.ReadBytes());
        Assert.Equal(9, parcel.ReadPosition);
        Assert.Equal(0, parcel.ReadableBytes);
        parcel.WriteInt32(2);
        Assert.Equal(13, parcel.DataSize);
        Assert.Equal(2, parcel.ReadInt32());
    }

    [Fact]
    public void Positions_outside_of_the_data_are_refused()
    {
        using var parcel = new Parcel();
        parcel.WriteInt64(1);

        parcel.RewindRead(8);
        parcel.RewindRead(0);
        foreach (int position in (int[])[-1, 9, int.MaxValue, int.MinValue])
        {
            Faults.Refused(parcel, ParcelFault.InvalidPosition, p => p.RewindRead(position));
            var refusal = Faults.Refused(parcel, ParcelFault.InvalidPosition, p => p.RewindWrite(position));
            Assert.Equal(position, refusal.Value);
            Assert.Equal(8, refusal.Limit);
        }
    }

    [Fact]
    public void A_read_position_past_the_cut_reads_nothing()
    {
        using var parcel = new Parcel();
        parcel.WriteInt64(1);
        parcel.ReadInt64();

        parcel.RewindWrite(4);

        Assert.Equal(8, parcel.ReadPosition);
        Assert.Equal(0, parcel.ReadableBytes);
        Faults.Refused(parcel, ParcelFault.ShortRead, p => p.ReadInt8());
        Faults.Refused(parcel, ParcelFault.ShortRead, p => p.ReadString());
        Faults.Refused(parcel, ParcelFault.ShortRead, p => p.ReadBuffer(0));
        Faults.Refused(parcel, ParcelFault.NoObject, p => p.ReadDescriptor());
    }

    [Fact]
    public void A_reset_parcel_is_empty_and_keeps_its_memory()
    {
        using var parcel = new Parcel();
        parcel.WriteBuffer(new byte[1000]);
        parcel.ReadInt32();

        parcel.Reset();

        Assert.Equal(0, parcel.DataSize);
        Assert.Equal(0, parcel.ReadPosition);
        Assert.Equal(1024, parcel.WritableBytes);
    }
}
