using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Calls;

public sealed class WeakProxyTests
{
    [Fact]
    public async Task It_is_a_proxy_again_as_long_as_another_one_stands_for_the_stub()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, Stubs.Of((_, _, reply, _) => reply.WriteStub(Stubs.Increment())));
        IpcProxy strong = await FetchAsync(pair);
        WeakProxy weak = strong.ToWeak();
        Assert.True(weak.TryPromote(out IpcProxy? again));
        strong.Dispose();
        Assert.Equal(2, await again.CallIntAsync(1, 1));
        Assert.True(weak.TryPromote(out IpcProxy? third));
        third.Dispose();
        again.Dispose();
        Assert.False(weak.TryPromote(out _));
    }

    [Fact]
    public async Task It_does_not_keep_the_stub()
    {
        var unreferenced = new Signal();
        var stub = new DelegateStub(Stubs.Descriptor, (_, _, _, _) => default, () => unreferenced.TrySetResult());
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Socket, Stubs.Of((_, _, reply, _) => reply.WriteStub(stub)));
        IpcProxy strong = await FetchAsync(pair);
        WeakProxy weak = strong.ToWeak();
        strong.Dispose();
        await unreferenced.Task.Soon();
        Assert.False(weak.TryPromote(out _));

        // The same stub, fetched once more, is another object for this side.
        using IpcProxy fetched = await FetchAsync(pair);
        Assert.True(fetched.ToWeak().TryPromote(out IpcProxy? promoted));
        promoted.Dispose();
    }

    [Fact]
    public async Task Death_ends_it()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Socket, Stubs.Increment());
        WeakProxy weak = pair.Root.ToWeak();
        Assert.True(weak.TryPromote(out IpcProxy? root));
        root.Dispose();
        pair.ServerSession.Close("enough");
        await pair.ClientSession.Closed.Soon();
        Assert.False(weak.TryPromote(out _));
    }

    [Fact]
    public void Of_a_stub_of_this_process_it_lasts_as_long_as_the_stub()
    {
        DelegateStub stub = Stubs.Increment();
        using Parcel parcel = Stubs.With(stub);
        using IpcProxy proxy = parcel.ReadProxy()!;
        Assert.True(proxy.ToWeak().TryPromote(out IpcProxy? again));
        Assert.Same(stub, again.LocalStub);
    }

    [Fact]
    public async Task Promoting_and_giving_back_at_once_never_breaks_the_count()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, Stubs.Of((_, _, reply, _) => reply.WriteStub(Stubs.Increment())));
        for (int round = 0; round < 200; round++)
        {
            IpcProxy strong = await FetchAsync(pair);
            WeakProxy weak = strong.ToWeak();
            Task promoting = Task.Run(async () =>
            {
                if (weak.TryPromote(out IpcProxy? proxy))
                {
                    using (proxy)
                        Assert.Equal(2, await proxy.CallIntAsync(1, 1));
                }
            });
            strong.Dispose();
            await promoting.Soon();
        }

        Assert.False(pair.ClientSession.IsClosed, pair.ClientSession.CloseReason);
    }

    private static async Task<IpcProxy> FetchAsync(IpcPair pair)
    {
        using Parcel empty = new();
        using Parcel reply = await pair.Root.CallAsync(1, empty).Soon();
        return reply.ReadProxy()!;
    }
}
