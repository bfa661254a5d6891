using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Parcels;

public class ParcelReceivedTests
{
    [Fact]
    public void A_received_parcel_can_be_read_but_every_write_is_refused()
    {
        using Descriptor descriptor = ParcelObjectsTests.OpenSomething();
        using var parcel = Parcel.FromReceived(new byte[64], []);
        Assert.True(parcel.IsReadOnly);
        Assert.Equal(0, parcel.WritableBytes);
        Assert.Equal(64, parcel.ReadableBytes);

        Action<Parcel>[] writes =
        [
            p => p.WriteInt8(1), p => p.WriteInt16(1), p => p.WriteInt32(1), p => p.WriteInt64(1),
            p => p.WriteUInt8(1), p => p.WriteUInt16(1), p => p.WriteUInt32(1), p => p.WriteUInt64(1),
            p => p.WriteSingle(1), p => p.WriteDouble(1), p => p.WriteBoolean(true),
            p => p.WriteString(""), p => p.WriteNullableString(null), p => p.WriteNullableString("a"), p => p.WriteUtf8String("a"u8),
            p => p.WriteBuffer([]), p => p.WriteBuffer([1]), p => p.WriteBytes([]), p => p.WriteArray<int>([]),
            p => p.WriteInterfaceToken("t"), p => p.WriteNull(), p => p.WriteDescriptor(descriptor),
            p => p.Append(p), p => p.RewindWrite(0), p => p.RewindWrite(64), p => p.Reset(),
        ];
        foreach (Action<Parcel> write in writes)
            Assert.Equal(IpcError.ParcelWrite, Faults.Refused(parcel, ParcelFault.ReadOnly, write).Error);
        Assert.Equal(0, parcel.ReadInt64());
    }

    [Fact]
    public void The_data_are_copied_once_and_the_senders_records_are_not_believed()
    {
        byte[] data = [.. Enumerable.Repeat((byte)0xee, 28)];
        using var parcel = Parcel.FromReceived(data, [new ReceivedObject(4, ParcelObjectKind.Null, null)]);
        Array.Clear(data);

        Assert.Equal("EEEEEEEE" + new string('0', 48), Convert.ToHexString(parcel.Data));
        Assert.Equal(unchecked((int)0xeeeeeeee), parcel.ReadInt32());
        Assert.Null(parcel.ReadProxy());
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(41, 48)]
    [InlineData(0, 23)]
    [InlineData(int.MinValue, 0)]
    [InlineData(0, int.MaxValue)]
    [InlineData(24, 0)]
    [InlineData(0, 0)]
    public void A_table_of_objects_that_contradicts_the_data_is_refused(int first, int second)
    {
        byte[] data = new byte[64];
        ReceivedObject[] table = [new(first, ParcelObjectKind.Null, null), new(second, ParcelObjectKind.Null, null)];

        var refusal = Assert.Throws<ParcelException>(() => Parcel.FromReceived(data, table));

        Assert.Equal(ParcelFault.InvalidObjectTable, refusal.Fault);
        Assert.Equal(IpcError.ParcelRead, refusal.Error);
    }

    [Fact]
    public void Too_much_of_anything_is_not_received()
    {
        Assert.Equal(ParcelFault.InvalidLength, Assert.Throws<ParcelException>(() => Parcel.FromReceived(new byte[204_801], [])).Fault);
        using var full = Parcel.FromReceived(new byte[204_800], []);
        Assert.Equal(204_800, full.DataSize);

        ReceivedObject[] table = [.. Enumerable.Range(0, 1025).Select(i => new ReceivedObject(i * 24, ParcelObjectKind.Null, null))];
        Assert.Equal(ParcelFault.InvalidObjectTable, Assert.Throws<ParcelException>(() => Parcel.FromReceived(new byte[30_000], table)).Fault);
        using var most = Parcel.FromReceived(new byte[30_000], table.AsSpan(0, 1024));
        Assert.Equal(1024, most.Objects.Count);

        using Descriptor descriptor = ParcelObjectsTests.OpenSomething();
        ReceivedObject[] descriptors = [.. Enumerable.Range(0, 254).Select(i => new ReceivedObject(i * 24, ParcelObjectKind.Descriptor, descriptor))];
        Assert.Equal(ParcelFault.InvalidObjectTable, Assert.Throws<ParcelException>(() => Parcel.FromReceived(new byte[30_000], descriptors)).Fault);
        Assert.False(descriptor.IsClosed);
    }

    [Theory]
    [InlineData((int)ParcelObjectKind.Stub)]
    [InlineData((int)ParcelObjectKind.Proxy)]
    [InlineData((int)ParcelObjectKind.Descriptor)]
    [InlineData(4)]
    [InlineData(-1)]
    public void An_object_must_be_of_its_kind(int kind)
    {
        var refusal = Assert.Throws<ParcelException>(() => Parcel.FromReceived(new byte[24], [new ReceivedObject(0, (ParcelObjectKind)kind, "x")]));
        Assert.Equal(ParcelFault.InvalidObjectTable, refusal.Fault);
    }

    [Fact]
    public void A_parcel_can_be_loaded_again_and_forgets_what_it_held()
    {
        (Descriptor read, Descriptor write) = Pipe.Create();
        using var parcel = Parcel.FromReceived(new byte[24], [new ReceivedObject(0, ParcelObjectKind.Descriptor, write)]);

        parcel.LoadReceived([1, 0, 0, 0], []);

        Assert.Equal(0, read.Read(new byte[1]));
        Assert.Empty(parcel.Objects);
        Assert.Equal(1, parcel.ReadInt32());
        Assert.Throws<ParcelException>(() => parcel.LoadReceived(new byte[204_801], []));
        Assert.Equal(0, parcel.DataSize);
        read.Dispose();
    }

    [Fact]
    public void Everything_that_was_sent_is_received()
    {
        var target = new CountingTarget();
        using Descriptor descriptor = ParcelObjectsTests.OpenSomething();
        using var sent = new Parcel();
        sent.WriteInterfaceToken("test.IEverything");
        sent.WriteDescriptor(descriptor);
        sent.WriteString("äöü");
        sent.WriteNull();
        sent.WriteProxy(new IpcProxy(target));
        sent.WriteArray<uint>([1, 2]);

        using Parcel received = Faults.Received(sent);

        received.EnforceInterface("test.IEverything");
        received.ReadDescriptor().Dispose();
        Assert.Equal("äöü", received.ReadString());
        Assert.Null(received.ReadStub());
        received.ReadProxy()!.Dispose();
        Assert.Equal([1u, 2u], received.ReadArray<uint>());
        Assert.Equal(0, received.ReadableBytes);
        Assert.Equal(sent.Data.ToArray(), received.Data.ToArray());
    }
}
