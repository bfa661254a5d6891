using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Parcels;

public class ParcelAppendTests
{
    [Fact]
    public void All_of_the_source_is_appended_wherever_it_was_read_to()
    {
        using var source = new Parcel();
        source.WriteInt32(1);
        source.WriteInt32(2);
        source.ReadInt32();
        using var parcel = new Parcel();
        parcel.WriteInt32(0);

        parcel.Append(source);

        Assert.Equal("00000000" + "01000000" + "02000000", Convert.ToHexString(parcel.Data));
        Assert.Equal(4, source.ReadPosition);
        Assert.Equal(0, parcel.ReadPosition);
    }

    [Fact]
    public void An_empty_source_appends_nothing()
    {
        using var source = new Parcel();
        using var parcel = new Parcel();

        parcel.Append(source);

        Assert.Equal(0, parcel.DataSize);
        Assert.Equal(0, parcel.WritableBytes);
        Assert.Throws<ArgumentNullException>(() => parcel.Append(null!));
    }

    [Fact]
    public void What_is_appended_is_padded()
    {
        using var source = new Parcel();
        source.WriteInt64(-1);
        source.RewindWrite(5);
        using var parcel = new Parcel();

        parcel.Append(source);

        Assert.Equal("FFFFFFFFFF000000", Convert.ToHexString(parcel.Data));
    }

    [Fact]
    public void Objects_move_with_their_data_and_stay_in_the_source()
    {
        (Descriptor read, Descriptor write) = Pipe.Create();
        var target = new CountingTarget();
        using var source = new Parcel();
        source.WriteInt32(9);
        source.WriteDescriptor(write);
        using (var proxy = new IpcProxy(target))
            source.WriteProxy(proxy);
        source.WriteNull();
        write.Dispose();
        using var parcel = new Parcel();
        parcel.WriteInt32(8);
        parcel.WriteNull();

        parcel.Append(source);
        source.Dispose();

        Assert.Equal([4, 32, 56, 80], parcel.Objects.Select(o => o.Offset));
        Assert.Equal(1, parcel.DescriptorCount);
        Assert.Equal(1, target.Handles);
        parcel.RewindRead(32);
        using (Descriptor copy = parcel.ReadDescriptor())
            copy.Write([5]);
        parcel.ReadProxy()!.Dispose();
        Assert.Null(parcel.ReadStub());
        byte[] got = new byte[2];
        Assert.Equal(1, read.Read(got));
        parcel.Dispose();
        Assert.Equal(0, read.Read(got));
        Assert.Equal(0, target.Handles);
        read.Dispose();
    }

    [Fact]
    public void A_parcel_can_be_appended_to_itself()
    {
        using Descriptor descriptor = ParcelObjectsTests.OpenSomething();
        using var parcel = new Parcel();
        parcel.WriteInt32(1);
        parcel.WriteDescriptor(descriptor);
        for (int i = 0; i < 5; i++)
            parcel.Append(parcel);

        Assert.Equal(28 * 32, parcel.DataSize);
        Assert.Equal(32, parcel.DescriptorCount);
        for (int i = 0; i < 32; i++)
        {
            Assert.Equal(1, parcel.ReadInt32());
            parcel.ReadDescriptor().Dispose();
        }
    }

    [Fact]
    public void A_received_parcel_can_be_appended_but_not_appended_to()
    {
        using var sent = new Parcel();
        sent.WriteString("abc");
        sent.WriteNull();
        using Parcel received = Faults.Received(sent);
        using var parcel = new Parcel();

        parcel.Append(received);

        Assert.Equal("abc", parcel.ReadString());
        Assert.Null(parcel.ReadProxy());
        Faults.Refused(received, ParcelFault.ReadOnly, p => p.Append(parcel));
    }

    [Fact]
    public void An_append_that_fails_half_way_leaves_nothing_behind()
    {
        using Descriptor descriptor = ParcelObjectsTests.OpenSomething();
        var target = new CountingTarget();
        using var source = new Parcel();
        source.WriteProxy(new IpcProxy(target));
        source.WriteDescriptor(descriptor);
        ((Descriptor)source.Objects[1].Payload!).Dispose();
        using var parcel = new Parcel();
        parcel.WriteNull();
        int held = target.Handles;

        Assert.Throws<ObjectDisposedException>(() => parcel.Append(source));

        Assert.Single(parcel.Objects);
        Assert.Equal(24, parcel.DataSize);
        Assert.Equal(0, parcel.DescriptorCount);
        Assert.Equal(held, target.Handles);
    }

    [Fact]
    public void What_does_not_fit_is_not_appended_at_all()
    {
        using var large = new Parcel();
        large.WriteBuffer(new byte[150_000]);
        using var half = new Parcel();
        half.WriteInt32(1);
        half.WriteNull();
        half.Append(large);

        var refusal = Faults.Refused(half, ParcelFault.TooLarge, p => p.Append(large));
        Assert.Equal(300_028, refusal.Value);

        using var many = new Parcel();
        for (int i = 0; i < 600; i++)
            many.WriteNull();
        Faults.Refused(many, ParcelFault.TooManyObjects, p => p.Append(many));
    }
}
