using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Death;

public sealed class DeathTests_over_memory() : DeathTests(TransportKind.Memory);

public sealed class DeathTests_over_a_socket() : DeathTests(TransportKind.Socket);

public sealed class DeathTests_over_rings() : DeathTests(TransportKind.Ring);

public abstract class DeathTests(TransportKind kind)
{
    [Fact]
    public async Task Recipients_are_called_once_in_the_order_of_registration_and_the_proxy_is_dead_then()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Increment());
        var called = new List<int>();
        var last = new Signal<DeathNotice>();
        for (int i = 0; i < 10; i++)
        {
            int number = i;
            pair.Root.AddDeathRecipient(notice =>
            {
                Assert.True(notice.Proxy.IsDead);
                called.Add(number);
                if (number == 9)
                    last.SetResult(notice);
            });
        }

        pair.ServerSession.Close("good night");
        DeathNotice notice = await last.Task.Soon();
        Assert.Same(pair.Root, notice.Proxy);
        Assert.Equal(pair.ClientSession.Peer, notice.Peer);
        Assert.Contains("good night", notice.Reason, StringComparison.Ordinal);
        await pair.Client.DisposeAsync();
        Assert.Equal(Enumerable.Range(0, 10), called);
    }

    [Fact]
    public async Task Closing_this_side_tells_this_sides_recipients_too()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Increment());
        var told = new Signal<string>();
        pair.Root.AddDeathRecipient(n => told.SetResult(n.Reason));
        pair.ClientSession.Close("enough");
        Assert.Equal("enough", await told.Task.Soon());
        await pair.ClientSession.Closed.Soon();
        await pair.ServerSession.Closed.Soon();
        Assert.Contains("enough", pair.ServerSession.CloseReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recipient_added_to_a_dead_proxy_is_called_at_once_and_not_inside_the_method()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Increment());
        IpcProxy root = pair.Root;
        pair.ServerSession.Close("gone");
        await pair.ClientSession.Closed.Soon();
        Assert.True(root.IsDead);
        int here = Environment.CurrentManagedThreadId;
        var told = new Signal<int>();
        using DeathRegistration registration = root.AddDeathRecipient(_ => told.SetResult(Environment.CurrentManagedThreadId));
        Assert.NotEqual(here, await told.Task.Soon());
        Assert.False(registration.IsActive);
    }

    [Fact]
    public async Task A_disposed_registration_is_never_called()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Increment());
        int called = 0;
        DeathRegistration registration = pair.Root.AddDeathRecipient(_ => called++);
        registration.Dispose();
        registration.Dispose();
        using (IpcProxy another = pair.ClientSession.Root)
            another.AddDeathRecipient(_ => called++);
        var last = new Signal();
        pair.Root.AddDeathRecipient(_ => last.SetResult());
        pair.ServerSession.Close("gone");
        await last.Task.Soon();
        await pair.Client.DisposeAsync();
        registration.Dispose();
        Assert.Equal(0, called);
    }

    [Fact]
    public async Task A_recipient_may_dispose_everything_and_one_that_fails_does_not_stop_the_others()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Increment());
        var last = new Signal();
        DeathRegistration? own = null;
        own = pair.Root.AddDeathRecipient(n =>
        {
            own!.Dispose();
            n.Proxy.Dispose();
            throw new InvalidOperationException("a recipient that fails");
        });
        using IpcProxy another = pair.ClientSession.Root;
        another.AddDeathRecipient(_ => last.SetResult());
        pair.ServerSession.Close("gone");
        await last.Task.Soon();
    }

    [Fact]
    public async Task Pending_calls_fail_with_dead_object_before_recipients_are_called()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.OfAsync(async (_, _, _, context) => await Task.Delay(-1, context.Cancelled)));
        using Parcel data = Stubs.Int(1);
        Task<Parcel> call = pair.Root.CallAsync(1, data).AsTask();
        Task<IpcException> blocked = Task.Run(() => Assert.Throws<IpcException>(() => pair.Root.Call(1, data)));
        var order = new Signal<bool>();
        // The call is decided by now; its task is completed by the thread pool, whenever that comes to it.
        pair.Root.AddDeathRecipient(_ => order.SetResult(((IAsyncResult)call).AsyncWaitHandle.WaitOne(Deadline.Limit)));
        await pair.Root.PingAsync().Soon();
        pair.ServerSession.Close("gone");
        Assert.True(await order.Task.Soon());
        Assert.Equal(IpcError.DeadObject, (await Assert.ThrowsAsync<IpcException>(() => call.Soon())).Error);
        Assert.Equal(IpcError.DeadObject, (await blocked.Soon()).Error);
        Assert.Equal(IpcError.DeadObject, (await pair.Root.FailsAsync(1, data)).Error);
        Assert.Equal(IpcError.DeadObject, Assert.Throws<IpcException>(() => pair.Root.Post(1, data)).Error);
    }

    [Fact]
    public async Task After_the_early_notice_requests_fail_at_once_and_what_the_peer_sends_still_arrives()
    {
        var arrived = new Signal<int>();
        var goOn = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(
            kind,
            Stubs.OfAsync(async (code, data, reply, _) =>
            {
                if (code == 2)
                {
                    IpcProxy client = data.ReadProxy()!;
                    await goOn.Task;
                    client.PostInt(1, 7);
                }

                reply.WriteInt32(8);
            }));
        using Parcel number = Stubs.Int(1);
        (await pair.Root.CallAsync(1, number).Soon()).Dispose();
        using Parcel stub = Stubs.With(Stubs.Of((_, data, _, _) => arrived.SetResult(data.ReadInt32())));
        Task<Parcel> call = pair.Root.CallAsync(2, stub).AsTask();
        await pair.Root.PingAsync().Soon();
        ((Ipc.Death.ILifeListener)pair.ClientSession).OnPeerDying();
        Assert.Equal(IpcError.DeadObject, (await pair.Root.FailsAsync(1, number)).Error);
        Assert.Equal(IpcError.DeadObject, Assert.Throws<IpcException>(() => pair.Root.Call(1, number)).Error);
        Assert.Equal(IpcError.DeadObject, Assert.Throws<IpcException>(() => pair.Root.Post(1, number)).Error);
        goOn.SetResult();
        Assert.Equal(7, await arrived.Task.Soon());
        using Parcel reply = await call.Soon();
        Assert.Equal(8, reply.ReadInt32());
    }

    [Fact]
    public async Task What_was_queued_before_the_death_is_handled_before_the_obituary()
    {
        var goOn = new Signal();
        var events = new List<int>();
        var told = new Signal();
        IpcProxy? client = null;
        await using IpcPair pair = await IpcPair.OpenAsync(
            kind,
            Stubs.OfAsync(async (code, data, _, _) =>
            {
                if (code == 2)
                {
                    client = data.ReadProxy();
                    client!.AddDeathRecipient(_ =>
                    {
                        events.Add(-1);
                        told.SetResult();
                    });
                    return;
                }

                await goOn.Task;
                events.Add(data.ReadInt32());
            }),
            server: o => o.DeliveryGrace = Deadline.Limit);
        using Parcel stub = Stubs.With(Stubs.Increment());
        (await pair.Root.CallAsync(2, stub).Soon()).Dispose();
        for (int i = 0; i < 20; i++)
            pair.Root.PostInt(1, i);
        pair.ClientSession.Close("gone");
        await pair.ServerSession.Closed.Soon();
        goOn.SetResult();
        await told.Task.Soon();
        Assert.Equal([.. Enumerable.Range(0, 20), -1], events);
    }

    [Fact]
    public async Task A_handler_that_hangs_does_not_keep_the_obituary_back_for_ever()
    {
        var goOn = new Signal();
        var told = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(
            kind,
            Stubs.OfAsync(async (code, data, _, _) =>
            {
                if (code == 2)
                    data.ReadProxy()!.AddDeathRecipient(_ => told.SetResult());
                else
                    await goOn.Task;
            }),
            server: o => o.DeliveryGrace = TimeSpan.FromMilliseconds(50));
        using Parcel stub = Stubs.With(Stubs.Increment());
        (await pair.Root.CallAsync(2, stub).Soon()).Dispose();
        pair.Root.PostInt(1, 0);
        pair.ClientSession.Close("gone");
        await told.Task.Soon();
        goOn.SetResult();
    }

    [Fact]
    public async Task Opened_and_closed_are_told_in_order_and_after_the_recipients()
    {
        var events = new List<string>();
        var closed = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Increment());
        pair.Client.SessionClosed += _ =>
        {
            events.Add("closed");
            closed.SetResult();
        };
        pair.Root.AddDeathRecipient(_ => events.Add("recipient"));
        pair.ServerSession.Close("gone");
        await closed.Task.Soon();
        Assert.Equal(["recipient", "closed"], events);
        Assert.Empty(pair.Client.Sessions);
    }

    [Fact]
    public async Task Disposing_the_endpoint_delivers_the_obituaries_first()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Increment());
        int told = 0;
        pair.Root.AddDeathRecipient(_ => told++);
        await pair.Client.DisposeAsync().Soon();
        Assert.Equal(1, told);
        Assert.True(pair.Root.IsDead);
    }

    [Fact]
    public async Task The_token_of_a_running_handler_is_cancelled_when_its_caller_dies()
    {
        var started = new Signal();
        var cancelled = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.OfAsync(async (_, _, _, context) =>
        {
            context.Cancelled.Register(cancelled.SetResult);
            started.SetResult();
            await cancelled.Task;
        }));
        using Parcel data = Stubs.Int(1);
        Task<Parcel> call = pair.Root.CallAsync(1, data).AsTask();
        await started.Task.Soon();
        pair.ClientSession.Close("gone");
        await cancelled.Task.Soon();
        await Assert.ThrowsAsync<IpcException>(() => call.Soon());
    }
}
