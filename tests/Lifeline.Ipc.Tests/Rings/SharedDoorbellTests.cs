using System.Diagnostics;
using Lifeline.Ipc.Rings;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Rings;

/// <summary>Sessions between the same endpoints share a doorbell.</summary>
public sealed class SharedDoorbellTests
{
    [Fact]
    public async Task The_first_session_carries_the_doorbells_of_the_others_both_ways()
    {
        await using var home = new IpcEndpoint();
        await using var guest = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, Stubs.Increment());
        IpcSession[] sessions = [await guest.ConnectAsync(path).Soon(), await guest.ConnectAsync(path).Soon(), await guest.ConnectAsync(path).Soon()];
        Assert.Equal([false, true, true], sessions.Select(s => s.HasCarrier));
        Assert.Equal([false, true, true], home.Sessions.OrderBy(s => s.Id).Select(s => s.HasCarrier));
        for (int i = 0; i < 200; i++)
            Assert.Equal(i + 1, await sessions[i % 3].Root.CallIntAsync(1, i));
    }

    [Fact]
    public async Task Sessions_with_other_endpoints_ring_for_themselves()
    {
        await using var home = new IpcEndpoint();
        await using var guest = new IpcEndpoint();
        await using var other = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, Stubs.Increment());
        IpcSession first = await guest.ConnectAsync(path).Soon();
        IpcSession second = await other.ConnectAsync(path).Soon();
        Assert.False(first.HasCarrier || second.HasCarrier);
        Assert.Equal(2, await second.Root.CallIntAsync(1, 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_the_carrier_ends_no_doorbell_is_lost(bool closedByReceiver)
    {
        await using var home = new IpcEndpoint();
        await using var guest = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, Stubs.Increment());
        for (int round = 0; round < 30; round++)
        {
            IpcSession carrier = await guest.ConnectAsync(path).Soon();
            IpcSession[] carried = [await guest.ConnectAsync(path).Soon(), await guest.ConnectAsync(path).Soon()];
            IpcSession ended = closedByReceiver ? home.Sessions.OrderBy(s => s.Id).First(s => !s.HasCarrier && s.IsOpen) : carrier;
            Task<int>[] calls = [.. carried.SelectMany(s => Enumerable.Range(0, 20).Select(i => s.Root.CallIntAsync(1, i)))];
            ended.Close("enough");
            await Task.WhenAll(calls).Soon();
            await carrier.Closed.Soon();
            Assert.DoesNotContain(carried, s => s.HasCarrier);
            Assert.Equal(8, await carried[0].Root.CallIntAsync(1, 7));
            foreach (IpcSession session in carried)
                session.Close("next round");
            await Task.WhenAll(carried.Select(s => s.Closed)).Soon();
            await Eventually(() => home.Sessions.Count == 0);
        }
    }

    [Fact]
    public async Task A_caller_that_receives_the_doorbell_of_another_session_passes_it_on()
    {
        await using var home = new IpcEndpoint();
        await using var guest = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        Signal told = new();
        IpcProxy? back = null;
        home.Listen(path, Stubs.OfAsync(async (code, data, reply, _) =>
        {
            if (code == 1)
            {
                back = data.ReadProxy();
                return;
            }

            using var empty = new Parcel();
            back!.Post(1, empty);
            await told.Task.Soon();
        }));
        IpcSession carrier = await guest.ConnectAsync(path).Soon();
        IpcSession carried = await guest.ConnectAsync(path).Soon();
        using (Parcel stub = Stubs.With(Stubs.Of((_, _, _, _) => told.TrySetResult())))
            carried.Root.Call(1, stub).Dispose();
        for (int i = 0; i < 20; i++)
        {
            told = new Signal();
            using var empty = new Parcel();
            carrier.Root.Call(2, empty).Dispose();
        }
    }

    [Fact]
    public async Task A_raw_peer_can_ring_for_one_session_through_another()
    {
        await using var home = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, Stubs.Increment());
        using var first = RawRingPeer.Connect(path);
        using var second = RawRingPeer.Connect(path);
        for (int i = 0; i < 5; i++)
        {
            // It falls asleep, and what it is told of comes the same way.
            second.Arm();
            second.SendSilently(RawRingPeer.CallHeader((ulong)i + 1), BitConverter.GetBytes(i));
            first.Send(RingRecord.Look, BitConverter.GetBytes(second.Number));
            Assert.Equal(RawRingPeer.OwnNumber, first.ReceiveLook());
            Assert.Equal(BitConverter.GetBytes(i + 1), second.Receive().Data);
        }
    }

    [Fact]
    public async Task A_doorbell_for_another_session_in_a_ring_that_is_all_but_full_takes_no_wake_up_from_who_waits_for_room()
    {
        const int replies = 12;
        await using var home = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        // Ten fit into the ring, and a doorbell after them.
        home.Listen(path, Stubs.Of((code, _, reply, _) => reply.WriteBuffer(new byte[code == 1 ? 6000 : 4])));
        using var carrier = RawRingPeer.Connect(path);
        await Eventually(() => home.Sessions.Count == 1);
        IpcSession full = home.Sessions.Single();
        using var carried = RawRingPeer.Connect(path);
        for (ulong i = 1; i <= replies; i++)
            carrier.Send(RawRingPeer.CallHeader(i), []);
        await Eventually(() => full.GetMemoryUse().QueuedOutBytes > 0);
        carried.Arm();
        carried.Send(RawRingPeer.CallHeader(1) with { Code = 2 }, []);
        await Eventually(() => carried.HasArrived);
        Assert.Equal(new byte[4], carried.Receive().Data);
        for (int i = 0; i < replies; i++)
            Assert.Equal(6000, carrier.Receive().Data.Length);
    }

    [Fact]
    public async Task Doorbells_for_sessions_of_others_or_of_nobody_do_nothing()
    {
        await using var home = new IpcEndpoint();
        await using var guest = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, Stubs.Increment());
        await guest.ConnectAsync(path).Soon();
        await Eventually(() => home.Sessions.Count == 1);
        ulong stranger = (ulong)home.Sessions.Single().Id;
        using var peer = RawRingPeer.Connect(path);
        foreach (ulong number in (ulong[])[stranger, 0, 77, (ulong)long.MaxValue, ulong.MaxValue, peer.Number])
            peer.Send(RingRecord.Look, BitConverter.GetBytes(number));
        peer.Send(RawRingPeer.CallHeader(1), BitConverter.GetBytes(4));
        Assert.Equal(BitConverter.GetBytes(5), peer.Receive().Data);
    }

    [Fact]
    public async Task A_flood_of_doorbells_costs_the_others_no_more_than_their_turns()
    {
        await using var home = new IpcEndpoint();
        await using var guest = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, Stubs.Increment());
        IpcSession good = await guest.ConnectAsync(path).Soon();
        using var peer = RawRingPeer.Connect(path);
        byte[] number = BitConverter.GetBytes(peer.Number);
        await using (new Flood(() => peer.TrySend(RingRecord.Look, number)))
        {
            for (int i = 0; i < 200; i++)
                Assert.Equal(i + 1, good.Root.CallInt(1, i));
        }

        Assert.Equal(2, home.Sessions.Count);
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(7, 16)]
    [InlineData(8, 8)]
    public async Task A_doorbell_that_is_not_in_order_ends_the_session(uint form, int length)
    {
        await using var home = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, Stubs.Increment());
        using var peer = RawRingPeer.Connect(path);
        await Eventually(() => home.Sessions.Count == 1);
        IpcSession session = home.Sessions.Single();
        peer.Send((RingRecord)form, new byte[length]);
        await session.Closed.Soon();
        Assert.Contains("protocol violation", session.CloseReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_gaps_in_a_row_end_the_session()
    {
        await using var home = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, Stubs.Increment());
        using var peer = RawRingPeer.Connect(path);
        await Eventually(() => home.Sessions.Count == 1);
        IpcSession session = home.Sessions.Single();
        peer.SendTogether(RingRecord.Skip, 16);
        await session.Closed.Soon();
        Assert.Contains("two gaps in a row", session.CloseReason, StringComparison.Ordinal);
    }

    private static async Task Eventually(Func<bool> condition)
    {
        long begin = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < Deadline.Limit);
            await Task.Yield();
        }
    }
}
