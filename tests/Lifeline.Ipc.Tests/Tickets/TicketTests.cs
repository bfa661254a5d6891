using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Tickets;

/// <summary>Three parties: the home of a stub, the one in the middle who hands it on, and the third who gets it.</summary>
public sealed class TicketTests
{
    [Theory]
    [InlineData(TransportKind.Memory)]
    [InlineData(TransportKind.Socket)]
    [InlineData(TransportKind.Ring)]
    public async Task A_stub_handed_on_leads_straight_to_its_home(TransportKind kind)
    {
        CallContext? seen = null;
        IpcProxy? atThird = null;
        await using IpcPair homeAndMiddle = await IpcPair.OpenAsync(kind, Stubs.Of((_, data, reply, context) =>
        {
            seen = context;
            reply.WriteInt32(data.ReadInt32() + 1);
        }));
        await using IpcPair middleAndThird = await IpcPair.OpenAsync(kind, Stubs.Of((_, data, _, _) => atThird = data.ReadProxy()));
        using var data = new Parcel();
        data.WriteProxy(homeAndMiddle.Root);
        (await middleAndThird.Root.CallAsync(1, data).Soon()).Dispose();

        Assert.False(atThird!.IsDead);
        Assert.Equal(5, await atThird.CallIntAsync(1, 4));
        Assert.Same(middleAndThird.Server, atThird.Session.Endpoint);
        Assert.Same(homeAndMiddle.Server, seen!.Session!.Endpoint);
        Assert.NotSame(homeAndMiddle.ServerSession, seen.Session);

        // The middle one is not needed any more.
        await homeAndMiddle.Client.DisposeAsync();
        Assert.Equal(9, await atThird.CallIntAsync(1, 8));
        var told = new Signal();
        atThird.AddDeathRecipient(_ => told.SetResult());
        await homeAndMiddle.Server.DisposeAsync();
        await told.Task.Soon();
    }

    [Fact]
    public async Task One_way_calls_keep_their_order_around_a_stub_that_is_handed_on()
    {
        var seen = new List<int>();
        var done = new Signal();
        await using IpcPair home = await IpcPair.OpenAsync(TransportKind.Socket, Stubs.Increment());
        await using IpcPair third = await IpcPair.OpenAsync(TransportKind.Socket, Stubs.OfAsync(async (code, data, _, _) =>
        {
            int value = data.ReadInt32();
            if (code == 2)
            {
                using IpcProxy stub = data.ReadProxy()!;
                Assert.Equal(value + 1, await stub.CallIntAsync(1, value));
            }

            seen.Add(value);
            if (value == 99)
                done.SetResult();
        }));
        for (int i = 0; i < 100; i++)
        {
            using Parcel data = Stubs.Int(i);
            if (i % 10 == 5)
                data.WriteProxy(home.Root);
            third.Root.Post(i % 10 == 5 ? 2u : 1u, data);
        }

        await done.Task.Soon();
        Assert.Equal(Enumerable.Range(0, 100), seen);
    }

    [Fact]
    public async Task A_reply_can_hand_a_stub_on_and_the_session_is_used_again()
    {
        await using IpcPair home = await IpcPair.OpenAsync(TransportKind.Socket, Stubs.Increment());
        await using IpcPair third = await IpcPair.OpenAsync(TransportKind.Socket, Stubs.Of((_, _, reply, _) => reply.WriteProxy(home.Root)));
        using Parcel empty = new();
        using Parcel first = await third.Root.CallAsync(1, empty).Soon();
        using Parcel second = await third.Root.CallAsync(1, empty).Soon();
        using IpcProxy one = first.ReadProxy()!;
        using IpcProxy two = second.ReadProxy()!;
        Assert.Equal(2, await one.CallIntAsync(1, 1));
        Assert.Equal(3, await two.CallIntAsync(1, 2));
        Assert.Same(one.Session, two.Session);
    }

    [Fact]
    public async Task The_session_made_for_a_ticket_ends_with_its_last_stub()
    {
        await using IpcPair home = await IpcPair.OpenAsync(TransportKind.Socket, Stubs.Of((_, _, reply, _) => reply.WriteStub(Stubs.Increment())));
        using Parcel empty = new();
        IpcProxy inner;
        using (Parcel given = await home.Root.CallAsync(1, empty).Soon())
            inner = given.ReadProxy()!;
        await using IpcPair third = await IpcPair.OpenAsync(TransportKind.Socket, Stubs.Of((_, _, reply, _) => reply.WriteProxy(inner)));
        IpcSession session;
        using (Parcel reply = await third.Root.CallAsync(1, empty).Soon())
        using (IpcProxy proxy = reply.ReadProxy()!)
        {
            session = proxy.Session;
            Assert.Equal(2, await proxy.CallIntAsync(1, 1));
        }

        await session.Closed.Soon();
        inner.Dispose();
    }

    [Fact]
    public async Task A_dead_stub_cannot_be_handed_on()
    {
        await using IpcPair home = await IpcPair.OpenAsync(TransportKind.Socket, Stubs.Increment());
        await using IpcPair third = await IpcPair.OpenAsync(TransportKind.Socket, Stubs.Increment());
        home.ServerSession.Close("gone");
        await home.ClientSession.Closed.Soon();
        using var data = new Parcel();
        data.WriteProxy(home.Root);
        IpcException e = await third.Root.FailsAsync(1, data);
        Assert.Equal(IpcError.DeadObject, e.Error);
        Assert.Contains("proxy in the parcel is dead", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_home_that_dies_on_the_way_is_a_dead_proxy_with_an_obituary()
    {
        await using IpcPair home = await IpcPair.OpenAsync(TransportKind.Socket, Stubs.Increment());
        await using IpcPair third = await IpcPair.OpenAsync(TransportKind.Socket, Stubs.Increment());
        TicketGrant grant = home.Server.Tickets.Issue(Stubs.Increment(), Environment.ProcessId, Linux.CurrentProcess.Uid, 1);
        await home.Server.DisposeAsync();
        using IpcProxy lost = await third.Server.Tickets.RedeemAsync(grant with { Pid = Environment.ProcessId }).Soon();
        Assert.True(lost.IsDead);
        var told = new Signal<string>();
        lost.AddDeathRecipient(n => told.SetResult(n.Reason));
        Assert.Contains("could not be fetched", await told.Task.Soon(), StringComparison.Ordinal);
        using Parcel empty = new();
        Assert.Equal(IpcError.DeadObject, (await lost.FailsAsync(1, empty)).Error);
    }

    [Fact]
    public async Task A_ticket_is_good_once_and_only_for_its_process_and_for_a_while()
    {
        var time = new ManualTime();
        await using var home = new IpcEndpoint(new IpcEndpointOptions { TimeProvider = time });
        CallerIdentity permitted = new(4242, 7, 7);
        Guid token = home.Tickets.Issue(Stubs.Increment(), permitted.Pid, permitted.Uid, 1).Token;
        Assert.Null(home.Tickets.Take(token, new CallerIdentity(4243, 7, 7), out string? refusal));
        Assert.Contains("not for 4243", refusal, StringComparison.Ordinal);
        Assert.Null(home.Tickets.Take(token, new CallerIdentity(4242, 8, 7), out _));
        Assert.NotNull(home.Tickets.Take(token, permitted, out _));
        Assert.Null(home.Tickets.Take(token, permitted, out refusal));
        Assert.Contains("used", refusal, StringComparison.Ordinal);

        Guid late = home.Tickets.Issue(Stubs.Increment(), permitted.Pid, permitted.Uid, 1).Token;
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(home.Tickets.Take(late, permitted, out refusal));
        Assert.Contains(nameof(IpcEndpointOptions.TicketLifetime), refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_tickets_than_allowed_are_refused()
    {
        await using var home = new IpcEndpoint(new IpcEndpointOptions { MaxTickets = 1 });
        home.Tickets.Issue(Stubs.Increment(), 1, 1, 1);
        Assert.Contains(nameof(IpcEndpointOptions.MaxTickets), Assert.Throws<IpcLimitException>(() => home.Tickets.Issue(Stubs.Increment(), 1, 1, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Between_processes_home_and_third_know_each_other_from_the_kernel()
    {
        await using var book = new GuestBook();
        using OtherProcess first = OtherProcess.Start("guest", book.Path);
        (IpcProxy home, _) = await book.NextAsync();
        using OtherProcess second = OtherProcess.Start("guest", book.Path);
        (IpcProxy third, _) = await book.NextAsync();

        // This process is in the middle: it hands this stub's proxy, whose home is the first guest, to the second.
        using var data = new Parcel();
        data.WriteProxy(home);
        using Parcel reply = await third.CallAsync(OtherProgram.CallBack, data).Soon();
        Assert.Equal(first.Pid, reply.ReadInt32());
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _now);

        internal void Advance(TimeSpan time) => Interlocked.Add(ref _now, time.Ticks);
    }
}
