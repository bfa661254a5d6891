using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Calls;

public sealed class ReferenceTests_over_memory() : ReferenceTests(TransportKind.Memory);

public sealed class ReferenceTests_over_a_socket() : ReferenceTests(TransportKind.Socket);

public sealed class ReferenceTests_over_rings() : ReferenceTests(TransportKind.Ring);

public abstract class ReferenceTests(TransportKind kind)
{
    [Fact]
    public async Task A_stub_in_a_parcel_is_a_proxy_on_the_other_side()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.OfAsync(async (_, data, reply, _) =>
        {
            using IpcProxy proxy = data.ReadProxy()!;
            Assert.False(proxy.IsLocal);
            reply.WriteInt32(await proxy.CallIntAsync(1, 10));
        }));
        using Parcel data = Stubs.With(Stubs.Increment());
        using Parcel reply = await pair.Root.CallAsync(1, data).Soon();
        Assert.Equal(11, reply.ReadInt32());
    }

    [Fact]
    public async Task A_stub_that_comes_home_is_the_stub_itself()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((_, data, reply, _) =>
        {
            using IpcProxy proxy = data.ReadProxy()!;
            reply.WriteProxy(proxy);
        }));
        DelegateStub stub = Stubs.Of((_, data, reply, context) =>
        {
            Assert.Null(context.Session);
            reply.WriteInt32(Environment.CurrentManagedThreadId);
        });
        using Parcel data = Stubs.With(stub);
        using Parcel reply = await pair.Root.CallAsync(1, data).Soon();
        using IpcProxy home = reply.ReadProxy()!;
        Assert.True(home.IsLocal);
        Assert.Same(stub, home.LocalStub);
        Assert.False(home.IsDead);
        Assert.Equal(Environment.CurrentManagedThreadId, home.CallInt(1, 0));
    }

    [Fact]
    public async Task One_way_calls_to_a_stub_that_came_home_stay_in_order()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((_, data, reply, _) => reply.WriteProxy(data.ReadProxy()!)));
        var seen = new List<int>();
        var done = new Signal();
        DelegateStub stub = Stubs.OfAsync(async (_, data, _, _) =>
        {
            int value = data.ReadInt32();
            await Task.Yield();
            seen.Add(value);
            if (value == 99)
                done.SetResult();
        });
        using Parcel data = Stubs.With(stub);
        using Parcel reply = await pair.Root.CallAsync(1, data).Soon();
        using IpcProxy home = reply.ReadProxy()!;
        for (int i = 0; i < 100; i++)
            home.PostInt(1, i);
        await done.Task.Soon();
        Assert.Equal(Enumerable.Range(0, 100), seen);
    }

    [Fact]
    public async Task The_stub_hears_when_the_last_reference_is_gone()
    {
        var kept = new List<IpcProxy>();
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((_, data, _, _) => kept.Add(data.ReadProxy()!)));
        var unreferenced = new Signal();
        var stub = new DelegateStub(Stubs.Descriptor, (_, _, _, _) => ValueTask.CompletedTask, unreferenced.SetResult);
        using Parcel data = Stubs.With(stub);
        (await pair.Root.CallAsync(1, data).Soon()).Dispose();
        (await pair.Root.CallAsync(1, data).Soon()).Dispose();
        kept[0].Dispose();
        await pair.Root.PingAsync().Soon();
        Assert.False(unreferenced.Task.IsCompleted);
        kept[1].Dispose();
        await unreferenced.Task.Soon();
    }

    [Fact]
    public async Task References_that_cross_each_other_keep_the_stub()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((_, data, _, _) => data.ReadProxy()!.Dispose()));
        int unreferenced = 0;
        var stub = new DelegateStub(Stubs.Descriptor, (_, _, _, _) => ValueTask.CompletedTask, () => Interlocked.Increment(ref unreferenced));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            using Parcel data = Stubs.With(stub);
            for (int i = 0; i < 200; i++)
                (await pair.Root.CallAsync(1, data)).Dispose();
        }))).Soon();
        Assert.False(pair.ClientSession.IsClosed, pair.ClientSession.CloseReason);
        Assert.InRange(unreferenced, 0, 800);
    }

    [Fact]
    public async Task A_forgotten_proxy_is_given_back_by_the_garbage_collector()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((_, data, _, _) => data.ReadProxy()));
        var unreferenced = new Signal();
        var stub = new DelegateStub(Stubs.Descriptor, (_, _, _, _) => ValueTask.CompletedTask, () => unreferenced.TrySetResult());
        using Parcel data = Stubs.With(stub);
        (await pair.Root.CallAsync(1, data).Soon()).Dispose();
        for (int i = 0; i < 200 && !unreferenced.Task.IsCompleted; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await pair.Root.PingAsync().Soon();
        }

        await unreferenced.Task.Soon();
    }

    [Fact]
    public async Task The_end_of_the_session_gives_all_references_back()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((_, data, _, _) => data.ReadProxy()));
        var unreferenced = new Signal();
        var stub = new DelegateStub(Stubs.Descriptor, (_, _, _, _) => ValueTask.CompletedTask, () => unreferenced.TrySetResult());
        using Parcel data = Stubs.With(stub);
        (await pair.Root.CallAsync(1, data).Soon()).Dispose();
        pair.ServerSession.Close("enough");
        await unreferenced.Task.Soon();
    }

    [Fact]
    public async Task More_stubs_than_may_be_exported_are_refused_and_nothing_leaks()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(
            kind,
            Stubs.Of((_, data, _, _) => data.ReadProxy()!.Dispose()),
            client: o => o.MaxExportedObjects = 2);
        using var data = new Parcel();
        for (int i = 0; i < 3; i++)
            data.WriteStub(Stubs.Increment());
        IpcException e = await pair.Root.FailsAsync(1, data);
        Assert.Equal(IpcError.LimitReached, e.Error);
        Assert.Contains(nameof(IpcEndpointOptions.MaxExportedObjects), e.Message, StringComparison.Ordinal);
        using Parcel fits = Stubs.With(Stubs.Increment());
        (await pair.Root.CallAsync(1, fits).Soon()).Dispose();
    }

    [Fact]
    public async Task A_null_reference_is_null()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((_, data, reply, _) => reply.WriteBoolean(data.ReadProxy() is null)));
        using var data = new Parcel();
        data.WriteNull();
        using Parcel reply = await pair.Root.CallAsync(1, data).Soon();
        Assert.True(reply.ReadBoolean());
    }
}
