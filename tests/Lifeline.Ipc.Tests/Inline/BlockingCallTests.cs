using System.Collections.Concurrent;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Ipc.Tests.Sessions;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Inline;

/// <summary>Calls whose threads wait: everything that may end them comes at the same moment.</summary>
public sealed class BlockingCallTests
{
    public static TheoryData<int> Seeds => [1, 2, 3];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Timeouts_and_cancellations_that_race_with_replies_never_mix_calls_up(int seed)
    {
        var handlerRandom = new ThreadLocal<Random>(() => new Random(seed));
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Of((_, data, reply, _) =>
        {
            int value = data.ReadInt32();
            if (handlerRandom.Value!.Next(20) == 0)
            {
                using var never = new ManualResetEventSlim();
                never.Wait(handlerRandom.Value.Next(4));
            }

            reply.WriteInt32(value);
            reply.WriteInt64(value * 3L);
        }));
        long end = Environment.TickCount64 + 1500;
        int good = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => InlineStubs.OnThread(() =>
        {
            var random = new Random((seed * 100) + thread);
            using var data = new Parcel();
            using var reply = new Parcel();
            while (Environment.TickCount64 < end)
            {
                int value = random.Next();
                data.Reset();
                data.WriteInt32(value);
                using var stop = new CancellationTokenSource();
                int how = random.Next(4);
                if (how == 1)
                    stop.CancelAfter(random.Next(3));
                try
                {
                    pair.Root.CallInto(1, data, reply, how == 0 ? TimeSpan.FromMilliseconds(random.Next(1, 4)) : Deadline.Limit, how == 1 ? stop.Token : default);
                    Assert.Equal(12, reply.DataSize);
                    Assert.Equal(value, reply.ReadInt32());
                    Assert.Equal(value * 3L, reply.ReadInt64());
                    Interlocked.Increment(ref good);
                }
                catch (IpcException e) when (how == 0)
                {
                    Assert.Equal(IpcError.Timeout, e.Error);
                }
                catch (OperationCanceledException) when (how == 1)
                {
                }
            }
        }))).Soon();
        Assert.True(good > 0);
        Assert.Equal(0, pair.ClientSession.GetMemoryUse().PendingCalls);
    }

    [Fact]
    public async Task A_disposed_parcel_for_the_reply_is_refused_and_harms_nobody()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Increment());
        using Parcel data = Stubs.Int(1);
        var reply = new Parcel();
        reply.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pair.Root.CallInto(1, data, reply));
        Assert.Equal(2, pair.Root.CallInt(1, 1));
    }

    [Fact]
    public async Task A_parcel_that_is_disposed_during_the_call_fails_that_call_alone()
    {
        var inside = new Signal();
        using var goOn = new ManualResetEventSlim();
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Of((code, data, reply, _) =>
        {
            if (code == 2)
            {
                inside.SetResult();
                goOn.Wait();
            }

            reply.WriteInt32(data.ReadInt32() + 1);
        }));
        using Parcel data = Stubs.Int(1);
        var reply = new Parcel();
        Task call = InlineStubs.OnThread(() => pair.Root.CallInto(2, data, reply));
        await inside.Task.Soon();
        reply.Dispose();
        goOn.Set();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => call.Soon());
        Assert.Equal(2, pair.Root.CallInt(1, 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reply_that_breaks_the_protocol_ends_the_call_that_waits_for_it(bool blocking)
    {
        await using var home = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        var opened = new Signal<IpcSession>();
        home.SessionOpened += s => opened.TrySetResult(s);
        home.Listen(path, Stubs.Increment());
        using RawPeer peer = RawPeer.Connect(path);
        byte[] hello = new byte[Hello.Size];
        new Hello(Hello.Version, Hello.Version, 0, Guid.NewGuid(), 100, 4 << 20, true).Write(hello);
        peer.Send(new RecordHeader { Kind = RecordKind.Hello }, hello);
        peer.Receive();
        IpcSession session = await opened.Task.Soon();
        using Parcel data = Stubs.Int(1);
        using Parcel reply = new();
        Task call = blocking
            ? InlineStubs.OnThread(() => session.Root.CallInto(1, data, reply, Timeout.InfiniteTimeSpan))
            : session.Root.CallAsync(1, data, Timeout.InfiniteTimeSpan).AsTask();
        RecordHeader request = peer.Receive()!.Value.Header;
        Assert.Equal(RecordKind.Call, request.Kind);
        // An object that nobody gave away.
        var header = new RecordHeader { Kind = RecordKind.Reply, Id = request.Id, DataLength = 24, ObjectCount = 1 };
        byte[] record = new byte[header.RecordLength];
        header.Write(record);
        record.AsSpan(RecordHeader.Size).Fill(0xFF);
        peer.SendBytes(record);
        await Assert.ThrowsAnyAsync<IpcException>(() => call.Soon());
        await session.Closed.Soon();
    }

    [Fact]
    public async Task Nothing_new_goes_out_once_the_peer_is_known_to_die()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Increment());
        Assert.Equal(2, pair.Root.CallInt(1, 1));
        ((Ipc.Death.ILifeListener)pair.ClientSession).OnPeerDying();
        using Parcel data = Stubs.Int(1);
        Assert.Equal(IpcError.DeadObject, Assert.Throws<IpcException>(() => pair.Root.Post(1, data)).Error);
        Assert.Equal(IpcError.DeadObject, Assert.Throws<IpcException>(() => pair.Root.Call(1, data)).Error);
        Assert.Equal(IpcError.DeadObject, (await pair.Root.FailsAsync(1, data)).Error);
    }

    [Fact]
    public async Task Sessions_that_end_while_threads_post_into_full_rings_and_call_end_cleanly()
    {
        await using var home = new IpcEndpoint(new IpcEndpointOptions { Name = "home" });
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, InlineStubs.Of((_, data, reply, context) =>
        {
            if (!context.IsOneWay)
                reply.WriteInt32(data.ReadInt32() + 1);
        }));
        await using var guest = new IpcEndpoint(new IpcEndpointOptions { Name = "guest", RingBytes = 4096 });
        var failures = new ConcurrentQueue<Exception>();
        for (int round = 0; round < 30; round++)
        {
            IpcSession session = await guest.ConnectAsync(path).Soon();
            using var begun = new CountdownEvent(4);
            Task[] threads = [.. Enumerable.Range(0, 4).Select(thread => InlineStubs.OnThread(() =>
            {
                using Parcel data = Stubs.Int(1);
                data.WriteBytes(new byte[200]);
                begun.Signal();
                try
                {
                    while (true)
                    {
                        if (thread == 0)
                            session.Root.Call(1, data).Dispose();
                        else
                            session.Root.PostAsync(1, data, Deadline.Limit).AsTask().GetAwaiter().GetResult();
                    }
                }
                catch (IpcException e) when (e.Error == IpcError.DeadObject)
                {
                }
                catch (Exception e)
                {
                    failures.Enqueue(e);
                }
            }))];
            begun.Wait(Deadline.Limit);
            if (round % 2 == 0)
                session.Close("enough");
            else
                home.Sessions.FirstOrDefault()?.Close("enough");
            await Task.WhenAll(threads).Soon();
        }

        Assert.Empty(failures);
    }
}
