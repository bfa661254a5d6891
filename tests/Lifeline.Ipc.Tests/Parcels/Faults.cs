namespace Lifeline.Ipc.Tests.Parcels;

internal static class Faults
{
    /// <summary>Asserts that <paramref name="action"/> is refused for <paramref name="fault"/> and that the parcel is as it was.</summary>
    internal static ParcelException Refused(Parcel parcel, ParcelFault fault, Action<Parcel> action)
    {
        int size = parcel.DataSize;
        int read = parcel.ReadPosition;
        int objects = parcel.Objects.Count;
        byte[] data = parcel.Data.ToArray();
        var refusal = Assert.Throws<ParcelException>(() => action(parcel));
        Assert.Equal(fault, refusal.Fault);
        Assert.Equal(size, parcel.DataSize);
        Assert.Equal(read, parcel.ReadPosition);
        Assert.Equal(objects, parcel.Objects.Count);
        Assert.Equal(data, parcel.Data.ToArray());
        return refusal;
    }

    /// <summary>A parcel as the receiver of <paramref name="sent"/> has it.</summary>
    internal static Parcel Received(Parcel sent)
    {
        var objects = sent.Objects.Select(o => new ReceivedObject(o.Offset, o.Kind, o.Payload is Lifeline.Linux.Descriptor d ? d.Duplicate() : o.Payload)).ToArray();
        return Parcel.FromReceived(sent.Data, objects);
    }
}
