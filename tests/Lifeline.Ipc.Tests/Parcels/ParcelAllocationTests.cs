using System.Runtime.CompilerServices;

namespace Lifeline.Ipc.Tests.Parcels;

public class ParcelAllocationTests
{
    [Fact]
    public void A_parcel_that_is_used_again_allocates_nothing_for_values()
    {
        using var parcel = new Parcel();
        byte[] buffer = new byte[100];
        long[] numbers = new long[20];
        for (int i = 0; i < 200; i++)
            Cycle(parcel, buffer, numbers);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Cycle(parcel, buffer, numbers);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Loading_received_data_again_allocates_nothing()
    {
        byte[] data = new byte[3000];
        using var parcel = Parcel.FromReceived(data, []);
        for (int i = 0; i < 200; i++)
            Load(parcel, data);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Load(parcel, data);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Load(Parcel parcel, byte[] data)
    {
        parcel.LoadReceived(data, []);
        parcel.ReadInt64();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Cycle(Parcel parcel, byte[] buffer, long[] numbers)
    {
        parcel.Reset();
        parcel.WriteInterfaceToken("test.IAllocation");
        parcel.WriteInt8(1);
        parcel.WriteInt32(2);
        parcel.WriteInt64(3);
        parcel.WriteDouble(4);
        parcel.WriteBoolean(true);
        parcel.WriteString("a string");
        parcel.WriteBytes(buffer);
        parcel.WriteArray<long>(numbers);
        parcel.WriteNull();

        parcel.EnforceInterface("test.IAllocation");
        parcel.ReadInt8();
        parcel.ReadInt32();
        parcel.ReadInt64();
        parcel.ReadDouble();
        parcel.ReadBoolean();
        parcel.ReadUtf8String();
        parcel.ReadBytesInPlace();
        parcel.ReadArray(numbers.AsSpan());
        parcel.ReadProxy();
    }
}
