using System.Collections.Concurrent;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Inline;

/// <summary>One-way calls stay in order, wherever they run.</summary>
public sealed class InlineOrderTests
{
    public static TheoryData<int> Seeds => [1, 2, 3, 4];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_handler_that_is_slow_now_and_then_sees_everything_once_and_in_order(int seed)
    {
        const int count = 4000;
        var slow = new Random(seed);
        var send = new Random(seed + 100);
        var seen = new List<int>(count);
        var threads = new ConcurrentDictionary<int, int>();
        int inside = 0;
        bool overlapped = false;
        var done = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(
            TransportKind.Ring,
            InlineStubs.Of((_, data, _, _) =>
            {
                overlapped |= Interlocked.Increment(ref inside) != 1;
                threads[Environment.CurrentManagedThreadId] = 0;
                int value = data.ReadInt32();
                seen.Add(value);
                // Now and then as long as the guard needs to notice it.
                if (slow.Next(200) == 0)
                    Block(slow.Next(12));
                Interlocked.Decrement(ref inside);
                if (value == count - 1)
                    done.SetResult();
            }),
            client => client.RingBytes = seed % 2 == 0 ? 4096 : 256 << 10);
        for (int i = 0; i < count; i++)
        {
            using Parcel data = Stubs.Int(i);
            // Some of them are too large for the ring, or go the long way through the socket.
            if (send.Next(50) == 0)
                data.WriteBytes(new byte[send.Next(10_000)]);
            await pair.Root.PostAsync(1, data, Deadline.Limit);
        }

        await done.Task.Soon();
        Assert.Equal(Enumerable.Range(0, count), seen);
        Assert.False(overlapped);
    }

    [Fact]
    public async Task Order_holds_while_calls_of_other_threads_take_turns_with_them()
    {
        const int count = 3000;
        var seen = new ConcurrentQueue<int>();
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Of((code, data, reply, _) =>
        {
            if (code == 1)
                seen.Enqueue(data.ReadInt32());
            else
                reply.WriteInt32(data.ReadInt32() + 1);
        }));
        bool over = false;
        Task[] callers = [.. Enumerable.Range(0, 3).Select(_ => InlineStubs.OnThread(() =>
        {
            for (int i = 0; !Volatile.Read(ref over); i++)
                Assert.Equal(i + 1, pair.Root.CallInt(2, i));
        }))];
        for (int i = 0; i < count; i++)
        {
            using Parcel data = Stubs.Int(i);
            await pair.Root.PostAsync(1, data, Deadline.Limit);
        }

        while (seen.Count < count)
            await pair.Root.PingAsync().Soon();
        Volatile.Write(ref over, true);
        await Task.WhenAll(callers).Soon();
        Assert.Equal(Enumerable.Range(0, count), seen);
    }

    [Fact]
    public async Task A_receiver_that_stops_for_a_while_fills_the_queue_and_loses_nothing()
    {
        using var goOn = new ManualResetEventSlim();
        var seen = new List<int>();
        await using IpcPair pair = await IpcPair.OpenAsync(
            TransportKind.Ring,
            InlineStubs.Of((code, data, reply, _) =>
            {
                if (code == 2)
                {
                    reply.WriteInt32(data.ReadInt32());
                    return;
                }

                goOn.Wait();
                seen.Add(data.ReadInt32());
            }),
            client: o => o.OutboxBytes = 256 << 10,
            server: o => o.InboxMessages = 64);
        int posted = 0;
        try
        {
            IpcException? full = null;
            while (full is null)
            {
                using Parcel data = Stubs.Int(posted);
                data.WriteBytes(new byte[1000]);
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
            using Parcel more = Stubs.Int(posted);
            more.WriteBytes(new byte[1000]);
            Task waiting = pair.Root.PostAsync(1, more, Deadline.Limit).AsTask();
            goOn.Set();
            await waiting.Soon();
        }
        finally
        {
            goOn.Set();
        }

        posted++;
        while (seen.Count < posted)
            Assert.Equal(7, await pair.Root.CallIntAsync(2, 7));
        Assert.Equal(Enumerable.Range(0, posted), seen);
    }

    [Fact]
    public async Task What_came_before_the_end_of_a_session_is_handled_in_order_before_its_obituary()
    {
        const int count = 300;
        for (int round = 0; round < 10; round++)
        {
            var seen = new List<int>();
            var told = new Signal<int>();
            await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Of((_, data, _, _) =>
            {
                seen.Add(data.ReadInt32());
                if (seen.Count % 100 == 50)
                    Block(5);
            }), server: o => o.DeliveryGrace = Deadline.Limit);
            pair.Server.SessionClosed += _ => told.TrySetResult(seen.Count);
            using Parcel data = new();
            for (int i = 0; i < count; i++)
            {
                data.Reset();
                data.WriteInt32(i);
                pair.Root.Post(1, data);
            }

            pair.ClientSession.Close("all said");
            int atObituary = await told.Task.Soon();
            Assert.Equal(seen.Count, atObituary);
            Assert.Equal(Enumerable.Range(0, atObituary), seen);
        }
    }

    [Fact]
    public async Task A_stub_may_be_given_back_and_taken_again_while_its_requests_run()
    {
        var seen = new List<int>();
        var done = new Signal();
        const int rounds = 60;
        const int each = 20;
        SynchronousDelegateStub second = InlineStubs.Of((_, data, _, _) =>
        {
            seen.Add(data.ReadInt32());
            if (seen.Count % 97 == 0)
                Block(4);
            if (seen.Count == rounds * each)
                done.SetResult();
        });
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Of((_, _, reply, _) => reply.WriteStub(second)));
        using var empty = new Parcel();
        int next = 0;
        for (int round = 0; round < rounds; round++)
        {
            using Parcel given = pair.Root.Call(1, empty);
            using IpcProxy proxy = given.ReadProxy()!;
            for (int i = 0; i < each; i++)
            {
                using Parcel data = Stubs.Int(next++);
                await proxy.PostAsync(1, data, Deadline.Limit);
            }
        }

        await done.Task.Soon();
        Assert.Equal(Enumerable.Range(0, rounds * each), seen);
    }

    /// <summary>Holds the thread for about so many milliseconds, as a slow handler would.</summary>
    private static void Block(int milliseconds)
    {
        using var never = new ManualResetEventSlim();
        never.Wait(milliseconds);
    }
}
