using Lifeline.Ipc.Calls;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Parcels;

public class ParcelObjectsTests
{
    [Fact]
    public void A_descriptor_takes_24_bytes_and_both_sides_have_their_own()
    {
        (Descriptor read, Descriptor write) = Pipe.Create();
        using var parcel = new Parcel();
        parcel.WriteDescriptor(write);
        write.Dispose();
        Assert.Equal(24, parcel.DataSize);
        Assert.Equal(1, parcel.DescriptorCount);

        using Descriptor copy = parcel.ReadDescriptor();
        parcel.Dispose();
        copy.Write([7]);

        byte[] got = new byte[4];
        Assert.Equal(1, read.Read(got));
        Assert.Equal(7, got[0]);
        read.Dispose();
    }

    [Fact]
    public void Each_read_of_a_descriptor_gives_another_duplicate()
    {
        using Descriptor descriptor = OpenSomething();
        using var parcel = new Parcel();
        parcel.WriteDescriptor(descriptor);

        using Descriptor first = parcel.ReadDescriptor();
        parcel.RewindRead(0);
        using Descriptor second = parcel.ReadDescriptor();

        Assert.NotEqual(first.Number, second.Number);
        Assert.Equal(24, parcel.ReadPosition);
    }

    [Fact]
    public void The_parcel_closes_its_descriptors_when_it_ends_is_reset_or_cut()
    {
        foreach (Action<Parcel> end in (Action<Parcel>[])[p => p.Dispose(), p => p.Reset(), p => p.RewindWrite(23), p => p.RewindWrite(0)])
        {
            (Descriptor read, Descriptor write) = Pipe.Create();
            using var parcel = new Parcel();
            parcel.WriteDescriptor(write);
            write.Dispose();

            end(parcel);

            Assert.Equal(0, read.Read(new byte[1]));
            Assert.Equal(0, parcel.DescriptorCount);
            Assert.Empty(parcel.Objects);
            read.Dispose();
        }
    }

    [Fact]
    public void At_most_253_descriptors_fit()
    {
        using Descriptor descriptor = OpenSomething();
        using var parcel = new Parcel();
        for (int i = 0; i < Parcel.MaxDescriptors; i++)
            parcel.WriteDescriptor(descriptor);

        var refusal = Faults.Refused(parcel, ParcelFault.TooManyDescriptors, p => p.WriteDescriptor(descriptor));
        Assert.Equal(254, refusal.Value);
        Assert.Equal(253, refusal.Limit);
        using var one = new Parcel();
        one.WriteDescriptor(descriptor);
        Faults.Refused(parcel, ParcelFault.TooManyDescriptors, p => p.Append(one));
        parcel.WriteNull();
    }

    [Fact]
    public void A_closed_descriptor_is_not_written()
    {
        Descriptor descriptor = OpenSomething();
        descriptor.Dispose();
        using var parcel = new Parcel();

        Assert.ThrowsAny<Exception>(() => parcel.WriteDescriptor(descriptor));
        Assert.Throws<ArgumentNullException>(() => parcel.WriteDescriptor(null!));

        Assert.Equal(0, parcel.DataSize);
        Assert.Empty(parcel.Objects);
    }

    [Fact]
    public void A_stub_that_comes_home_is_the_stub_itself()
    {
        var stub = new SilentStub();
        using var parcel = new Parcel();
        parcel.WriteStub(stub);
        Assert.Equal(24, parcel.DataSize);

        Assert.Same(stub, parcel.ReadStub());
        parcel.RewindRead(0);
        using IpcProxy? proxy = parcel.ReadProxy();

        Assert.Same(stub, proxy!.LocalStub);
        parcel.WriteProxy(proxy);
        Assert.Equal(ParcelObjectKind.Stub, parcel.Objects[1].Kind);
        Assert.Same(stub, parcel.ReadStub());
        Assert.Throws<ArgumentNullException>(() => parcel.WriteStub(null!));
        Assert.Throws<ArgumentNullException>(() => parcel.WriteProxy(null!));
    }

    [Fact]
    public void The_parcel_holds_a_reference_of_its_own_to_a_proxy()
    {
        var target = new CountingTarget();
        var proxy = new IpcProxy(target);
        using var parcel = new Parcel();
        parcel.WriteProxy(proxy);
        proxy.Dispose();
        Assert.Equal(1, target.Handles);

        IpcProxy read = parcel.ReadProxy()!;
        Assert.Equal(2, target.Handles);
        parcel.Dispose();
        Assert.Equal(1, target.Handles);
        Assert.False(read.IsDead);
        read.Dispose();
        Assert.Equal(0, target.Handles);
        using var other = new Parcel();
        Assert.Throws<ObjectDisposedException>(() => other.WriteProxy(proxy));
        Assert.Equal(0, other.DataSize);
    }

    [Fact]
    public void A_stub_that_can_be_disposed_is_not_disposed_by_the_parcel()
    {
        var stub = new SilentStub();
        using (var parcel = new Parcel())
        {
            parcel.WriteStub(stub);
        }

        Assert.False(stub.IsDisposed);
    }

    [Fact]
    public void Null_is_read_as_no_proxy_and_no_stub()
    {
        using var parcel = new Parcel();
        parcel.WriteNull();
        parcel.WriteNull();

        Assert.Null(parcel.ReadProxy());
        Assert.Null(parcel.ReadStub());
        Assert.Equal(48, parcel.ReadPosition);
    }

    [Fact]
    public void An_object_is_read_only_where_it_was_written_and_as_what_it_is()
    {
        using Descriptor descriptor = OpenSomething();
        using var foreign = new IpcProxy(new CountingTarget());
        using var parcel = new Parcel();
        parcel.WriteInt32(1);
        parcel.WriteDescriptor(descriptor);
        parcel.WriteProxy(foreign);

        Faults.Refused(parcel, ParcelFault.NoObject, p => p.ReadDescriptor());
        parcel.RewindRead(8);
        Faults.Refused(parcel, ParcelFault.NoObject, p => p.ReadProxy());
        parcel.RewindRead(4);
        var refusal = Faults.Refused(parcel, ParcelFault.WrongObjectKind, p => p.ReadProxy());
        Assert.Contains("Descriptor", refusal.Message, StringComparison.Ordinal);
        Faults.Refused(parcel, ParcelFault.WrongObjectKind, p => p.ReadStub());
        parcel.ReadDescriptor().Dispose();
        Faults.Refused(parcel, ParcelFault.WrongObjectKind, p => p.ReadStub());
        Faults.Refused(parcel, ParcelFault.WrongObjectKind, p => p.ReadDescriptor());
        parcel.ReadProxy()!.Dispose();
        Faults.Refused(parcel, ParcelFault.NoObject, p => p.ReadProxy());
    }

    [Fact]
    public void Plain_reads_never_touch_an_object()
    {
        using var parcel = new Parcel();
        parcel.WriteInt32(1);
        parcel.WriteNull();
        parcel.WriteInt32(2);

        Faults.Refused(parcel, ParcelFault.ObjectOverlap, p => p.ReadInt64());
        Faults.Refused(parcel, ParcelFault.ObjectOverlap, p => p.ReadBuffer(5));
        Assert.Equal(1, parcel.ReadInt32());
        foreach (int position in (int[])[1, 4, 8, 27])
        {
            parcel.RewindRead(position);
            var refusal = Faults.Refused(parcel, ParcelFault.ObjectOverlap, p => p.ReadInt32());
            Assert.Equal(position, refusal.Value);
            Faults.Refused(parcel, ParcelFault.ObjectOverlap, p => p.ReadString());
            Faults.Refused(parcel, ParcelFault.ObjectOverlap, p => p.ReadBytes());
            Faults.Refused(parcel, ParcelFault.ObjectOverlap, p => p.ReadBuffer(4));
        }

        parcel.RewindRead(4);
        Faults.Refused(parcel, ParcelFault.ObjectOverlap, p => p.ReadInterfaceToken());
        Faults.Refused(parcel, ParcelFault.ObjectOverlap, p => p.ReadBuffer(1));

        parcel.RewindRead(28);
        Assert.Equal(2, parcel.ReadInt32());
    }

    [Fact]
    public void Rewinding_drops_just_the_objects_that_no_longer_fit()
    {
        using var parcel = new Parcel();
        parcel.WriteNull();
        parcel.WriteNull();
        parcel.WriteNull();

        parcel.RewindWrite(71);
        Assert.Equal(2, parcel.Objects.Count);
        parcel.RewindWrite(48);
        Assert.Equal(2, parcel.Objects.Count);
        parcel.RewindWrite(25);
        Assert.Single(parcel.Objects);
        parcel.WriteNull();
        Assert.Equal(25, parcel.Objects[1].Offset);
        Assert.Null(parcel.ReadStub());
        parcel.RewindRead(25);
        Assert.Null(parcel.ReadStub());
    }

    internal static Descriptor OpenSomething()
    {
        (Descriptor read, Descriptor write) = Pipe.Create();
        write.Dispose();
        return read;
    }

    private sealed class SilentStub() : IpcStub("test.ISilent"), IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;

        protected internal override ValueTask OnRequestAsync(uint code, Parcel data, Parcel reply, CallContext context) => default;
    }
}
