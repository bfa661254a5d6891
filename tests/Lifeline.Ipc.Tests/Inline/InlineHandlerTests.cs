using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Inline;

/// <summary>What handlers that run where they are received may do, and what must not be harmed by it.</summary>
public sealed class InlineHandlerTests
{
    [Fact]
    public async Task A_handler_may_dispose_what_it_was_given_and_receive_into_its_reply()
    {
        IpcProxy? other = null;
        int ranInline = 0;
        var log = new LogBook();
        await using IpcPair far = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Increment());
        other = far.Root;
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Of((code, data, reply, _) =>
        {
            switch (code)
            {
                case 1:
                    data.Dispose();
                    reply.Dispose();
                    break;
                case 2:
                    ranInline += InlineStubs.IsInline ? 1 : 0;
                    using (Parcel copy = Stubs.Int(data.ReadInt32()))
                        other.CallInto(1, copy, reply);
                    break;
                case 3:
                    reply.WriteInt32(1);
                    throw new InvalidOperationException("after writing");
                default:
                    reply.WriteInt32(data.ReadInt32() + 1);
                    break;
            }
        }), server: o => o.Logger = log);
        using Parcel five = Stubs.Int(5);
        long end = Environment.TickCount64 + (long)Deadline.Limit.TotalMilliseconds;
        for (int i = 0; i < 30 || ranInline < 5; i++)
        {
            Assert.True(Environment.TickCount64 < end);
            using (Parcel nothing = pair.Root.Call(1, five))
                Assert.Equal(0, nothing.DataSize);
            Assert.Equal(6, pair.Root.CallInt(2, 5));
            Assert.Equal(IpcError.Handler, Assert.Throws<IpcException>(() => pair.Root.Call(3, five)).Error);
            Assert.Equal(i + 1, pair.Root.CallInt(4, i));
        }

        // Nothing of that is a fault of the receiving itself.
        Assert.DoesNotContain(log.Lines, line => line.Contains("unexpected failure", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Handlers_that_hang_stop_neither_other_stubs_nor_other_sessions_nor_replies_nor_deaths()
    {
        using var goOn = new ManualResetEventSlim();
        int inside = 0;
        var hanging = new Signal();
        var stub = InlineStubs.Of((code, data, reply, context) =>
        {
            if (code == 1)
            {
                if (Interlocked.Increment(ref inside) == 1)
                    hanging.SetResult();
                goOn.Wait();
            }
            else if (code == 2)
            {
                reply.WriteStub(InlineStubs.Increment());
            }

            if (!context.IsOneWay && code != 2)
                reply.WriteInt32(data.ReadInt32() + 1);
        });
        await using var server = new IpcEndpoint(new IpcEndpointOptions { Name = "srv", DeliveryGrace = TimeSpan.Zero });
        await using var client = new IpcEndpoint(new IpcEndpointOptions { Name = "cli" });
        await using var doomed = new IpcEndpoint(new IpcEndpointOptions { Name = "doomed" });
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        server.Listen(path, stub);
        IpcSession session = await client.ConnectAsync(path).Soon();
        using var empty = new Parcel();
        using Parcel given = await session.Root.CallAsync(2, empty).Soon();
        using IpcProxy second = given.ReadProxy()!;
        try
        {
            // One-way calls, then calls, all into the handler that hangs.
            for (int i = 0; i < 5; i++)
                session.Root.PostInt(1, i);
            await hanging.Task.Soon();
            Task<int>[] calls = [.. Enumerable.Range(0, 3).Select(i => session.Root.CallIntAsync(1, i))];
            await InlineStubs.OnThread(() => Assert.Equal(8, second.CallInt(1, 7))).Soon();
            Assert.Equal(9, await second.CallIntAsync(1, 8));
            IpcSession another = await client.ConnectAsync(path).Soon();
            Assert.Equal(4, await another.Root.CallIntAsync(3, 3));

            IpcSession dying = await doomed.ConnectAsync(path).Soon();
            Assert.Equal(4, await dying.Root.CallIntAsync(3, 3));
            var closed = new Signal();
            server.SessionClosed += _ => closed.TrySetResult();
            dying.Close("gone");
            await closed.Task.Soon();
            Assert.All(calls, c => Assert.False(c.IsCompleted));
            goOn.Set();
            int[] answers = await Task.WhenAll(calls).Soon();
            Assert.Equal(new[] { 1, 2, 3 }, answers);
        }
        finally
        {
            goOn.Set();
        }
    }

    [Fact]
    public async Task More_handlers_than_threads_may_hang_and_the_rest_goes_on()
    {
        using var goOn = new ManualResetEventSlim();
        await using var server = new IpcEndpoint(new IpcEndpointOptions { Name = "srv", Workers = 32 });
        await using var client = new IpcEndpoint(new IpcEndpointOptions { Name = "cli" });
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        server.Listen(path, InlineStubs.Of((code, data, reply, _) =>
        {
            if (code == 2)
                reply.WriteStub(InlineStubs.Of((_, number, answer, _) =>
                {
                    goOn.Wait();
                    answer.WriteInt32(number.ReadInt32());
                }));
            else
                reply.WriteInt32(data.ReadInt32() + 1);
        }));
        var calls = new List<Task<int>>();
        try
        {
            for (int i = 0; i < 30; i++)
            {
                IpcSession session = await client.ConnectAsync(path).Soon();
                using var empty = new Parcel();
                using Parcel given = await session.Root.CallAsync(2, empty).Soon();
                IpcProxy hanging = given.ReadProxy()!;
                calls.Add(hanging.CallIntAsync(1, i));
                Assert.Equal(i + 1, await session.Root.CallIntAsync(1, i));
            }
        }
        finally
        {
            goOn.Set();
        }

        Assert.Equal(Enumerable.Range(0, 30), await Task.WhenAll(calls).Soon());
    }

    [Fact]
    public async Task A_stub_that_hangs_holds_up_one_receiving_thread_and_not_the_next_ones()
    {
        const int calls = 12;
        using var goOn = new ManualResetEventSlim();
        int inside = 0;
        int inline = 0;
        var first = new Signal();
        var all = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(
            TransportKind.Ring,
            InlineStubs.Of((_, data, reply, _) =>
            {
                if (InlineStubs.IsInline)
                    Interlocked.Increment(ref inline);
                first.TrySetResult();
                if (Interlocked.Increment(ref inside) == calls)
                    all.SetResult();
                goOn.Wait();
                reply.WriteInt32(data.ReadInt32() + 1);
            }),
            server: o => o.Workers = calls);
        var running = new List<Task<int>> { pair.Root.CallIntAsync(1, 0) };
        try
        {
            await first.Task.Soon();
            for (int i = 1; i < calls; i++)
                running.Add(pair.Root.CallIntAsync(1, i));
            await all.Task.Soon();
            Assert.InRange(inline, 0, 1);
        }
        finally
        {
            goOn.Set();
        }

        Assert.Equal(Enumerable.Range(1, calls), await Task.WhenAll(running).Soon());
    }

    [Fact]
    public async Task Two_sides_may_call_each_other_out_of_their_handlers()
    {
        IpcProxy? toClient = null;
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Of((code, data, reply, _) =>
        {
            if (code == 2)
            {
                toClient = data.ReadProxy();
                return;
            }

            int depth = data.ReadInt32();
            reply.WriteInt32(depth == 0 ? 0 : 1 + toClient!.CallInt(1, depth - 1));
        }));
        using Parcel data = Stubs.With(InlineStubs.Of((_, number, reply, _) =>
        {
            int depth = number.ReadInt32();
            reply.WriteInt32(depth == 0 ? 0 : 1 + pair.Root.CallInt(1, depth - 1));
        }));
        (await pair.Root.CallAsync(2, data).Soon()).Dispose();
        Task fromClient = InlineStubs.OnThread(() => Repeat(pair.Root));
        Task fromServer = InlineStubs.OnThread(() => Repeat(toClient!));
        await Task.WhenAll(fromClient, fromServer).Soon();

        static void Repeat(IpcProxy proxy)
        {
            for (int i = 0; i < 100; i++)
                Assert.Equal(i % 7, proxy.CallInt(1, i % 7));
        }
    }

    [Fact]
    public async Task Eight_threads_on_one_session_get_their_own_replies()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Increment());
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => InlineStubs.OnThread(() =>
        {
            using var data = new Parcel();
            using var reply = new Parcel();
            for (int i = 0; i < 500; i++)
            {
                data.Reset();
                data.WriteInt32((caller * 1000) + i);
                pair.Root.CallInto(1, data, reply);
                Assert.Equal((caller * 1000) + i + 1, reply.ReadInt32());
            }
        }))).Soon();
    }

    [Fact]
    public async Task Permissions_hold_for_calls_and_one_way_calls()
    {
        int handled = 0;
        var root = InlineStubs.Of((code, _, reply, _) =>
        {
            if (code == 2)
                reply.WriteStub(new SynchronousDelegateStub(Stubs.Descriptor, (_, _, answer, _) => answer.WriteInt32(Interlocked.Increment(ref handled)))
                {
                    Permissions = new IpcPermissions(_ => "nobody"),
                });
        });
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, root);
        using var empty = new Parcel();
        using Parcel given = await pair.Root.CallAsync(2, empty).Soon();
        using IpcProxy locked = given.ReadProxy()!;
        for (int i = 0; i < 20; i++)
        {
            locked.Post(1, empty);
            Assert.Equal(IpcError.PermissionDenied, Assert.Throws<IpcException>(() => locked.Call(1, empty)).Error);
        }

        Assert.Equal(0, handled);
    }

    [Fact]
    public async Task An_endpoint_may_be_disposed_while_its_handler_hangs_and_out_of_a_handler()
    {
        using var goOn = new ManualResetEventSlim();
        var inside = new Signal();
        Task? disposed = null;
        IpcEndpoint? server = null;
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Of((code, _, _, _) =>
        {
            if (code == 2)
                disposed = server!.DisposeAsync().AsTask();
            inside.TrySetResult();
            if (code == 1)
                goOn.Wait();
        }), server: o => o.DeliveryGrace = TimeSpan.Zero);
        server = pair.Server;
        pair.Root.PostInt(1, 0);
        await inside.Task.Soon();
        await pair.Server.DisposeAsync().Soon();
        await pair.ClientSession.Closed.Soon();
        goOn.Set();

        inside = new Signal();
        await using IpcPair own = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Of((_, _, _, _) =>
        {
            disposed = server!.DisposeAsync().AsTask();
            inside.TrySetResult();
        }));
        server = own.Server;
        own.Root.PostInt(2, 0);
        await inside.Task.Soon();
        await disposed!.Soon();
        await own.ClientSession.Closed.Soon();
    }
}
