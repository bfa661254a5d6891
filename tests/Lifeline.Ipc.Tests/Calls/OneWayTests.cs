using System.Collections.Concurrent;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Calls;

public sealed class OneWayTests_over_memory() : OneWayTests(TransportKind.Memory);

public sealed class OneWayTests_over_a_socket() : OneWayTests(TransportKind.Socket);

public sealed class OneWayTests_over_rings() : OneWayTests(TransportKind.Ring);

public abstract class OneWayTests(TransportKind kind)
{
    [Fact]
    public async Task One_way_calls_to_a_stub_are_handled_one_at_a_time_and_in_order()
    {
        const int count = 3000;
        var seen = new List<int>();
        int inside = 0;
        bool overlapped = false;
        var done = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.OfAsync(async (_, data, _, context) =>
        {
            overlapped |= Interlocked.Increment(ref inside) != 1;
            Assert.True(context.IsOneWay);
            int value = data.ReadInt32();
            if (value % 7 == 0)
                await Task.Yield();
            seen.Add(value);
            Interlocked.Decrement(ref inside);
            if (value == count - 1)
                done.SetResult();
        }));
        for (int i = 0; i < count; i++)
        {
            using Parcel data = Stubs.Int(i);
            await pair.Root.PostAsync(1, data, Deadline.Limit);
        }

        await done.Task.Soon();
        Assert.Equal(Enumerable.Range(0, count), seen);
        Assert.False(overlapped);
    }

    [Fact]
    public async Task Each_of_several_threads_keeps_its_order()
    {
        var seen = new ConcurrentQueue<(int Sender, int Value)>();
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((code, data, _, _) =>
        {
            if (code == 1)
                seen.Enqueue((data.ReadInt32(), data.ReadInt32()));
        }));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(sender => Task.Run(async () =>
        {
            for (int i = 0; i < 500; i++)
            {
                using Parcel data = Stubs.Int(sender);
                data.WriteInt32(i);
                await pair.Root.PostAsync(1, data, Deadline.Limit);
            }
        }))).Soon();
        using Parcel last = Stubs.Int(0);
        (await pair.Root.CallAsync(2, last).Soon()).Dispose();
        while (seen.Count < 2000)
            (await pair.Root.CallAsync(2, last).Soon()).Dispose();
        foreach (IGrouping<int, (int Sender, int Value)> sender in seen.GroupBy(s => s.Sender))
            Assert.Equal(Enumerable.Range(0, 500), sender.Select(s => s.Value));
    }

    [Fact]
    public async Task A_hanging_one_way_handler_holds_up_neither_other_stubs_nor_calls()
    {
        var goOn = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.OfAsync(async (code, data, reply, context) =>
        {
            if (context.IsOneWay)
                await goOn.Task;
            else
                reply.WriteInt32(data.ReadInt32());
        }));
        pair.Root.PostInt(1, 0);
        pair.Root.PostInt(1, 0);
        Assert.Equal(5, await pair.Root.CallIntAsync(2, 5));
        goOn.SetResult();
    }

    [Fact]
    public async Task A_receiver_that_does_not_keep_up_makes_posts_fail_at_once_and_nothing_is_lost()
    {
        var goOn = new Signal();
        var seen = new List<int>();
        await using IpcPair pair = await IpcPair.OpenAsync(
            kind,
            Stubs.OfAsync(async (code, data, reply, _) =>
            {
                if (code == 2)
                {
                    reply.WriteInt32(data.ReadInt32());
                    return;
                }

                await goOn.Task;
                seen.Add(data.ReadInt32());
            }),
            client: o => o.OutboxBytes = 256 << 10,
            server: o => o.InboxMessages = 8);
        int posted = 0;
        IpcException? full = null;
        while (full is null)
        {
            using Parcel data = Stubs.Int(posted);
            data.WriteBuffer(new byte[1000]);
            try
            {
                pair.Root.Post(1, data);
                posted++;
            }
            catch (IpcException e)
            {
                full = e;
            }
        }

        Assert.Equal(IpcError.QueueFull, full.Error);
        Assert.Contains(nameof(IpcEndpointOptions.OutboxBytes), full.Message, StringComparison.Ordinal);
        Assert.InRange(posted, 100, 400);
        using Parcel waits = Stubs.Int(0);
        waits.WriteBuffer(new byte[1000]);
        IpcException waited = await Assert.ThrowsAsync<IpcLimitException>(() => pair.Root.PostAsync(1, waits, TimeSpan.FromMilliseconds(20)).Soon());
        Assert.Equal(IpcError.QueueFull, waited.Error);

        // A call waits for room up to its timeout, and gets through once there is some.
        using Parcel large = Stubs.Int(77);
        large.WriteBuffer(new byte[1000]);
        Task<Parcel> call = pair.Root.CallAsync(2, large).AsTask();
        goOn.SetResult();
        using (Parcel reply = await call.Soon())
            Assert.Equal(77, reply.ReadInt32());
        while (seen.Count < posted)
            await pair.Root.CallIntAsync(2, 0);
        Assert.Equal(Enumerable.Range(0, posted), seen);
    }

    [Fact]
    public async Task A_call_that_finds_no_room_times_out()
    {
        var goOn = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(
            kind,
            Stubs.OfAsync(async (_, _, _, _) => await goOn.Task),
            client: o => o.OutboxBytes = 256 << 10,
            server: o => o.InboxMessages = 4);
        using var data = new Parcel();
        data.WriteBuffer(new byte[Parcel.MaxDataSize]);
        for (int i = 0; i < 5; i++)
            pair.Root.Post(1, data);
        Assert.Equal(IpcError.Timeout, (await pair.Root.FailsAsync(1, data, TimeSpan.FromMilliseconds(50))).Error);
        Assert.Equal(IpcError.Timeout, Assert.Throws<IpcException>(() => pair.Root.Call(1, data, TimeSpan.FromMilliseconds(50))).Error);
        goOn.SetResult();
    }

    [Fact]
    public async Task A_flood_does_not_keep_the_handler_from_calling_back()
    {
        // The handler's own call goes to the flooding peer, whose reply comes behind the flood: it must not be stuck there.
        IpcProxy? back = null;
        int answered = 0;
        await using IpcPair pair = await IpcPair.OpenAsync(
            kind,
            Stubs.Of((code, data, _, _) =>
            {
                if (code == 2)
                    back = data.ReadProxy();
                else
                    answered += back!.CallInt(1, 0);
            }),
            server: o => o.InboxMessages = 4);
        using Parcel stub = Stubs.With(Stubs.Increment());
        (await pair.Root.CallAsync(2, stub).Soon()).Dispose();
        for (int i = 0; i < 300; i++)
            pair.Root.PostInt(1, i);
        while (Volatile.Read(ref answered) < 300)
            await pair.Root.PingAsync().Soon();
    }
}
