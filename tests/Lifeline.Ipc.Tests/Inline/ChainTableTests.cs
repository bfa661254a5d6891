using Lifeline.Ipc.Calls;
using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lifeline.Ipc.Tests.Inline;

public sealed class ChainTableTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Fact]
    public void Chains_that_share_a_place_are_told_apart_and_the_latest_call_of_a_chain_serves()
    {
        var table = new ChainTable();
        using var reply = new Parcel();
        // The same place: 64 places, and the lowest bit is always set.
        const ulong first = 1;
        const ulong second = 1 + (64 << 1);
        BlockingCall outer = Call(1, first);
        BlockingCall collides = Call(2, second);
        BlockingCall inner = Call(3, first);
        table.Enter(outer);
        table.Enter(collides);
        table.Enter(inner);
        Assert.True(table.TryServe(Request(first), out bool waits));
        Assert.True(waits);
        Assert.True(inner.NeedsThread);
        Assert.False(outer.NeedsThread);
        Assert.True(table.TryServe(Request(second), out _));
        Assert.True(collides.NeedsThread);
        Assert.False(table.TryServe(Request(5), out waits));
        Assert.False(waits);
        Assert.False(table.TryServe(Request(0), out _));

        table.Leave(outer);
        Assert.True(table.IsWaiting(first));
        Assert.True(table.TryServe(Request(first), out _));
        table.Leave(inner);
        Assert.False(table.TryServe(Request(first), out waits));
        Assert.False(waits);
        table.Leave(collides);
        Assert.False(table.IsWaiting(first));
        Assert.False(table.IsWaiting(second));

        BlockingCall Call(ulong id, ulong chain) => BlockingCall.Rent(id, chain, reply);
    }

    [Fact]
    public void An_object_that_is_used_again_takes_nothing_of_its_earlier_chain()
    {
        using var reply = new Parcel();
        BlockingCall call = BlockingCall.Rent(1, 3, reply);
        call.TryComplete(reply);
        Assert.False(call.TryOffer(Request(3)));
        call.GiveBack();
        BlockingCall again = BlockingCall.Rent(2, 7, reply);
        Assert.Same(call, again);
        Assert.False(again.IsDecided);
        Assert.False(again.TryOffer(Request(3)));
        Assert.True(again.TryOffer(Request(7)));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_table_knows_exactly_the_chains_that_wait(int seed)
    {
        var random = new Random(seed);
        var table = new ChainTable();
        var waiting = new List<BlockingCall>();
        using var reply = new Parcel();
        for (int step = 0; step < 5000; step++)
        {
            if (waiting.Count == 0 || (waiting.Count < 100 && random.Next(2) == 0))
            {
                BlockingCall call = BlockingCall.Rent((ulong)step, ((ulong)random.Next(300) << 1) | 1, reply);
                table.Enter(call);
                waiting.Add(call);
            }
            else
            {
                int index = random.Next(waiting.Count);
                table.Leave(waiting[index]);
                waiting.RemoveAt(index);
            }

            ulong chain = ((ulong)random.Next(300) << 1) | 1;
            bool isWaiting = waiting.Any(c => c.Chain == chain);
            table.TryServe(Request(chain), out bool waits);
            Assert.Equal(isWaiting, waits);
            Assert.True(!isWaiting || table.IsWaiting(chain));
        }
    }

    private static InboundRequest Request(ulong chain) =>
        new(Stubs.Increment(), 1, new CallContext(CallerIdentity.Self, null, isOneWay: false, chain), null!, NullLogger.Instance);
}
