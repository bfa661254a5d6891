namespace Lifeline.Ipc.Tests.Parcels;

public unsafe class ParcelMemoryTests
{
    [Fact]
    public void Idle_memory_is_bounded_however_many_parcels_end()
    {
        Parcel[] parcels = [.. Enumerable.Range(0, 300).Select(_ => new Parcel())];
        for (int i = 0; i < parcels.Length; i++)
            parcels[i].WriteBuffer(new byte[(i + 1) * 600]);

        foreach (Parcel parcel in parcels)
            parcel.Dispose();

        Assert.InRange(ParcelMemory.IdleBytes, 1, ParcelMemory.MaxIdleBytes);
        Assert.True(ParcelMemory.MaxIdleBytes <= 4 << 20);
    }

    [Theory]
    [InlineData(1, 256)]
    [InlineData(257, 1024)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 16_384)]
    [InlineData(204_800, 204_800)]
    public void A_block_is_at_least_as_large_as_asked(int minimum, int expected)
    {
        byte* block = ParcelMemory.Rent(minimum, out int length);

        Assert.Equal(expected, length);
        new Span<byte>(block, length).Fill(1);
        ParcelMemory.Return(block, length);
    }

    [Fact]
    public void Sizes_that_no_parcel_has_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => { ParcelMemory.Rent(204_801, out _); });
        Assert.Throws<ArgumentOutOfRangeException>(() => ParcelMemory.Return((byte*)64, 100));
    }

    [Fact]
    public void Parcels_of_several_threads_never_share_memory()
    {
        Parallel.For(0, 4, thread =>
        {
            for (int round = 0; round < 500; round++)
            {
                using var parcel = new Parcel();
                for (int i = 0; i < 300; i++)
                    parcel.WriteInt32((thread << 16) + i);
                for (int i = 0; i < 300; i++)
                    Assert.Equal((thread << 16) + i, parcel.ReadInt32());
            }
        });
    }

    [Fact]
    public void A_forgotten_parcel_gives_its_memory_back()
    {
        Forget();
        for (int i = 0; i < 10; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.InRange(ParcelMemory.IdleBytes, 1, ParcelMemory.MaxIdleBytes);

        static void Forget()
        {
            for (int i = 0; i < 100; i++)
                new Parcel().WriteInt32(i);
        }
    }
}
