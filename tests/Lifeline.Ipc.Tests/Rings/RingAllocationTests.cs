using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Rings;

public sealed class RingAllocationTests
{
    [Fact]
    public async Task Posting_allocates_nothing()
    {
        const int posts = 400;
        int handled = 0;
        var all = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, Stubs.Of((_, _, _, _) =>
        {
            if (Interlocked.Increment(ref handled) == 2 * posts)
                all.SetResult();
        }));
        using Parcel data = Stubs.Int(1);
        // The first ones bring the code into being, and the thread's own statics.
        Post(pair.Root, data, posts);
        Assert.Equal(0, Post(pair.Root, data, posts));
        await all.Task.Soon();
    }

    private static long Post(IpcProxy proxy, Parcel data, int count)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < count; i++)
            proxy.Post(1, data);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
