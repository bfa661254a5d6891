using System.Runtime.InteropServices;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Parcels;

public class ParcelListTests
{
    [Fact]
    public void Arrays_of_structs_are_read_as_they_were_written_also_in_place()
    {
        using var parcel = new Parcel();
        Sample[] samples = [new(1, 2.5, 'x'), new(-1, double.MaxValue, 'y')];
        parcel.WriteInt32(0);
        parcel.WriteArray<Sample>(samples);
        parcel.WriteArray<Sample>(samples);
        parcel.WriteArray<Guid>([]);
        parcel.WriteInt32(42);

        parcel.ReadInt32();
        Assert.Equal(samples, parcel.ReadSpan<Sample>().ToArray());
        Assert.Equal(samples, parcel.ReadArray<Sample>());
        Assert.True(parcel.ReadSpan<Guid>().IsEmpty);
        Assert.Equal(42, parcel.ReadInt32());
    }

    [Fact]
    public void A_span_longer_than_the_data_is_refused()
    {
        using var parcel = new Parcel();
        parcel.WriteInt32(2);
        parcel.WriteInt64(0);
        Faults.Refused(parcel, ParcelFault.InvalidLength, p => p.ReadSpan<long>());
        Assert.Equal(2, parcel.ReadSpan<int>().Length);
    }

    [Fact]
    public void Strings_travel_in_lists()
    {
        using var parcel = new Parcel();
        parcel.WriteStrings(["one", "", "drei"]);
        parcel.WriteStrings([]);
        Assert.Equal(["one", "", "drei"], parcel.ReadStrings());
        Assert.Empty(parcel.ReadStrings());
        Assert.Equal(0, parcel.ReadableBytes);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public void A_count_that_the_data_cannot_hold_is_refused(int count)
    {
        using var parcel = new Parcel();
        parcel.WriteInt32(count);
        parcel.WriteInt64(0);
        Faults.Refused(parcel, ParcelFault.InvalidLength, p => p.ReadStrings());
        Faults.Refused(parcel, ParcelFault.InvalidLength, p => p.ReadDescriptors());
    }

    [Fact]
    public void A_list_that_does_not_fit_is_not_written()
    {
        using var parcel = new Parcel();
        parcel.WriteStrings(["first"]);
        Faults.Refused(parcel, ParcelFault.TooLarge, p => p.WriteStrings(["short", new string('x', 204_790)]));
        Faults.Refused(parcel, ParcelFault.InvalidText, p => p.WriteStrings(["short", "a\0b"]));
        using Descriptor nothing = Descriptor.Open("/dev/null", OpenFlags.ReadWrite);
        Faults.Refused(parcel, ParcelFault.TooManyDescriptors, p => p.WriteDescriptors([.. Enumerable.Repeat(nothing, Parcel.MaxDescriptors + 1)]));
    }

    [Fact]
    public async Task Stubs_proxies_and_descriptors_travel_in_lists()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, Stubs.Of((_, data, reply, _) =>
        {
            IReadOnlyList<IpcProxy> stubs = data.ReadProxies();
            IReadOnlyList<Descriptor> files = data.ReadDescriptors();
            reply.WriteProxies(stubs);
            reply.WriteInt32(files.Count(f => !f.IsInvalid));
            foreach (IDisposable held in stubs.Cast<IDisposable>().Concat(files))
                held.Dispose();
        }));
        IpcStub[] mine = [Stubs.Increment(), Stubs.Increment(), Stubs.Increment()];
        using Descriptor nothing = Descriptor.Open("/dev/null", OpenFlags.ReadWrite);
        using var data = new Parcel();
        data.WriteStubs(mine);
        data.WriteDescriptors([nothing, nothing]);
        using Parcel reply = await pair.Root.CallAsync(1, data).Soon();
        Assert.Equal(mine, reply.ReadProxies().Select(p => p.LocalStub!));
        Assert.Equal(2, reply.ReadInt32());
    }

    [Fact]
    public void A_list_that_ends_with_something_else_is_refused_whole()
    {
        using var parcel = new Parcel();
        parcel.WriteInt32(2);
        parcel.WriteStub(Stubs.Increment());
        parcel.WriteNull();
        Faults.Refused(parcel, ParcelFault.NoObject, p => p.ReadProxies());
    }

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private readonly record struct Sample(int Id, double Value, char Mark);
}
