using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Inline;

/// <summary>Requests that run where they are received, and calls into a parcel of the caller's, cost no garbage.</summary>
[Collection(nameof(InlineAllocationTests))]
[CollectionDefinition(nameof(InlineAllocationTests), DisableParallelization = true)]
public sealed class InlineAllocationTests
{
    private const int Rows = 40;
    private const int Each = 2000;

    [Fact]
    public async Task A_call_allocates_nothing_on_its_thread_and_next_to_nothing_in_the_process()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Increment());
        await InlineStubs.OnThread(() =>
        {
            using Parcel data = Stubs.Int(1);
            using var reply = new Parcel();
            AssertLean(
                () =>
                {
                    for (int i = 0; i < Each; i++)
                        pair.Root.CallInto(1, data, reply);
                },
                ownMustBeZero: true);
        }).Soon();
    }

    [Fact]
    public async Task A_one_way_call_allocates_next_to_nothing_on_either_side()
    {
        int handled = 0;
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Of((_, _, _, _) => Interlocked.Increment(ref handled)));
        await InlineStubs.OnThread(() =>
        {
            using Parcel data = Stubs.Int(1);
            AssertLean(
                () =>
                {
                    int expected = Volatile.Read(ref handled);
                    for (int i = 0; i < Each; i++)
                    {
                        // Never more under way than the peer takes: what waits in a queue is a copy.
                        if (i % 200 == 0)
                            SpinWait.SpinUntil(() => Volatile.Read(ref handled) == expected, Deadline.Limit);
                        pair.Root.Post(1, data);
                        expected++;
                    }

                    Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref handled) == expected, Deadline.Limit));
                },
                ownMustBeZero: false);
        }).Soon();
    }

    /// <summary>The best of many rows: on a loaded machine a thread is held up now and then, and its requests go the long way for a while.</summary>
    private static void AssertLean(Action row, bool ownMustBeZero)
    {
        long bestOwn = long.MaxValue;
        long bestAll = long.MaxValue;
        for (int i = 0; i < Rows && (bestOwn > 0 || bestAll > Each); i++)
        {
            long all = GC.GetTotalAllocatedBytes(precise: true);
            long own = GC.GetAllocatedBytesForCurrentThread();
            row();
            bestOwn = Math.Min(bestOwn, GC.GetAllocatedBytesForCurrentThread() - own);
            bestAll = Math.Min(bestAll, GC.GetTotalAllocatedBytes(precise: true) - all);
        }

        if (ownMustBeZero)
            Assert.Equal(0, bestOwn);
        Assert.True(bestAll <= 8 * Each, $"{bestAll} bytes for {Each} requests");
    }
}
