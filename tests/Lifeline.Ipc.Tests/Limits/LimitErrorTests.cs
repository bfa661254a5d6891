using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Ipc.Tests.Inline;
using Lifeline.Ipc.Tests.Sessions;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Limits;

/// <summary>Each limit is an error of its own that says the setting, its value and what was wanted, and is counted.</summary>
public sealed class LimitErrorTests
{
    [Fact]
    public async Task Calls_that_wait()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, Stubs.OfAsync((_, _, _, context) => new ValueTask(Task.Delay(Timeout.Infinite, context.Cancelled))), client: o => o.MaxPendingCalls = 2);
        using Parcel empty = new();
        using var end = new CancellationTokenSource();
        Task[] waiting = [.. Enumerable.Range(0, 2).Select(_ => (Task)pair.Root.CallAsync(1, empty, cancellationToken: end.Token).AsTask())];
        Limited(await Assert.ThrowsAnyAsync<IpcException>(() => pair.Root.CallAsync(1, empty).Soon()), nameof(IpcEndpointOptions.MaxPendingCalls), 2, 3);
        Assert.Throws<IpcLimitException>(() => pair.Root.Call(1, empty));
        Assert.Equal(2, pair.Client.Limits.Reached().Single(l => l.Key == nameof(IpcEndpointOptions.MaxPendingCalls)).Value);
        end.Cancel();
        foreach (Task call in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Soon());
    }

    [Theory]
    [InlineData(TransportKind.Memory)]
    [InlineData(TransportKind.Socket)]
    [InlineData(TransportKind.Ring)]
    public async Task Bytes_in_the_queue(TransportKind kind)
    {
        var goOn = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.OfAsync((_, _, _, _) => new ValueTask(goOn.Task)), client: o => o.OutboxBytes = 256 << 10);
        using var data = new Parcel();
        data.WriteBuffer(new byte[100_000]);
        IpcLimitException? full = null;
        for (int i = 0; i < 1000 && full is null; i++)
        {
            try
            {
                pair.Root.Post(1, data);
            }
            catch (IpcLimitException e)
            {
                full = e;
            }
        }

        Limited(full!, nameof(IpcEndpointOptions.OutboxBytes), 256 << 10, (256 << 10) + 1, IpcError.QueueFull);
        Assert.Contains("holds 1024 of 4194304 bytes at once: InboxMessages and InboxBytes there", full!.Message, StringComparison.Ordinal);
        goOn.SetResult();
    }

    [Fact]
    public async Task Sessions()
    {
        using var folder = new TemporaryFolder();
        await using var home = new IpcEndpoint();
        home.Listen(folder.File("s"), Stubs.Increment());
        await using var client = new IpcEndpoint(new IpcEndpointOptions { MaxSessions = 1 });
        await client.ConnectAsync(folder.File("s")).Soon();
        Limited(await Assert.ThrowsAnyAsync<IpcException>(() => client.ConnectAsync(folder.File("s")).Soon()), nameof(IpcEndpointOptions.MaxSessions), 1, 2);
    }

    [Fact]
    public async Task Sessions_of_one_user()
    {
        if (CurrentProcess.Uid != 0)
            Assert.Skip("only root can start a process of another user");
        await using var book = new GuestBook(o => o.MaxSessionsPerUid = 1);
        using OtherProcess first = OtherProcess.Start("foreign", book.Path);
        await book.NextAsync();
        using (OtherProcess second = OtherProcess.Start("foreign", book.Path))
            Assert.Equal(4, second.Reap().ExitCode);
        Assert.Equal(1, book.Endpoint.Limits.Reached().Single(l => l.Key == nameof(IpcEndpointOptions.MaxSessionsPerUid)).Value);
        using OtherProcess own = OtherProcess.Start("guest", book.Path);
        Assert.Equal(own.Pid, (await book.NextAsync()).Caller.Pid);

        // There is room again when the first is gone.
        var closed = new Signal();
        book.Endpoint.SessionClosed += s => closed.TrySetResult();
        first.Kill();
        await closed.Task.Soon();
        using OtherProcess third = OtherProcess.Start("foreign", book.Path);
        Assert.Equal(third.Pid, (await book.NextAsync()).Caller.Pid);
    }

    [Fact]
    public async Task Stubs_that_the_peer_holds()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, Stubs.Of((_, data, _, _) => data.ReadProxy()), client: o => o.MaxExportedObjects = 1);
        using Parcel one = Stubs.With(Stubs.Increment());
        (await pair.Root.CallAsync(1, one).Soon()).Dispose();
        using Parcel two = Stubs.With(Stubs.Increment());
        Limited(await pair.Root.FailsAsync(1, two), nameof(IpcEndpointOptions.MaxExportedObjects), 1, 2);
    }

    [Theory]
    [InlineData(TransportKind.Memory, false)]
    [InlineData(TransportKind.Socket, false)]
    [InlineData(TransportKind.Ring, false)]
    [InlineData(TransportKind.Ring, true)]
    public async Task Stubs_that_the_peer_wants_to_hold_no_more_of(TransportKind kind, bool whereReceived)
    {
        var held = new List<IpcProxy>();
        await using IpcPair pair = await IpcPair.OpenAsync(
            kind,
            whereReceived ? InlineStubs.Of((code, data, reply, _) => Handle(code, data, reply)) : Stubs.Of((code, data, reply, _) => Handle(code, data, reply)),
            client: o => o.MaxImportedObjects = 1,
            server: o => o.MaxImportedObjects = 2);
        using var three = new Parcel();
        three.WriteStubs([Stubs.Increment(), Stubs.Increment(), Stubs.Increment()]);
        using var two = new Parcel();
        two.WriteStubs([Stubs.Increment(), Stubs.Increment()]);
        using var one = new Parcel();
        one.WriteStubs([Stubs.Increment()]);

        Limited(await pair.Root.FailsAsync(1, three), nameof(IpcEndpointOptions.MaxImportedObjects), 2, 3);
        Limited(Assert.ThrowsAny<IpcException>(() => pair.Root.Post(1, three)), nameof(IpcEndpointOptions.MaxImportedObjects), 2, 3);
        // What was refused counts for nothing.
        (await pair.Root.CallAsync(1, two).Soon()).Dispose();
        Assert.Equal(2, held.Count);
        Limited(await pair.Root.FailsAsync(1, one), nameof(IpcEndpointOptions.MaxImportedObjects), 2, 3);
        Assert.Equal(3, pair.Client.Limits.Reached().Single(l => l.Key == nameof(IpcEndpointOptions.MaxImportedObjects)).Value);

        // A handler that wants to give more than its caller takes: the caller gets the error.
        using Parcel empty = new();
        IpcException answer = await pair.Root.FailsAsync(2, empty);
        Assert.Equal(IpcError.LimitReached, answer.Error);
        Assert.Contains("MaxImportedObjects allows 1.", answer.Message, StringComparison.Ordinal);

        // There is room again when some were given back.
        held.ForEach(p => p.Dispose());
        while (pair.ClientSession.GetMemoryUse().GivenStubs > 0)
            await Task.Yield();
        (await pair.Root.CallAsync(1, one).Soon()).Dispose();
        Assert.False(pair.ClientSession.IsClosed);

        void Handle(uint code, Parcel data, Parcel reply)
        {
            if (code == 1)
                held.AddRange(data.ReadProxies());
            else
                reply.WriteStubs([Stubs.Increment(), Stubs.Increment()]);
        }
    }

    [Fact]
    public async Task A_peer_that_sends_more_stubs_than_it_was_told_loses_its_session()
    {
        await using var home = new IpcEndpoint(new IpcEndpointOptions { MaxImportedObjects = 2 });
        var closed = new Signal<IpcSession>();
        home.SessionClosed += closed.SetResult;
        using var folder = new TemporaryFolder();
        home.Listen(folder.File("s"), Stubs.Increment());
        using RawPeer peer = RawPeer.Open(folder.File("s"));
        byte[] data = new byte[3 * 24];
        for (int i = 0; i < 3; i++)
            new WireObject(WireObjectKind.Sender, (ulong)(i + 2)).Write(data.AsSpan(i * 24));
        peer.SendBytes(RawPeer.Record(new RecordHeader { Kind = RecordKind.OneWay, Target = 1, Code = 1 }, data, [0, 24, 48]));
        Assert.Contains(nameof(IpcEndpointOptions.MaxImportedObjects), (await closed.Task.Soon()).CloseReason, StringComparison.Ordinal);
        Assert.Contains(nameof(IpcEndpointOptions.MaxImportedObjects), home.Limits.Reached().Select(l => l.Key));
    }

    [Theory]
    [InlineData(TransportKind.Memory)]
    [InlineData(TransportKind.Socket)]
    [InlineData(TransportKind.Ring)]
    public async Task Descriptors_in_one_parcel(TransportKind kind)
    {
        var handled = new List<uint>();
        var end = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(
            kind,
            Stubs.Of((code, data, reply, _) =>
            {
                handled.Add(code);
                if (code == 4)
                    end.SetResult();
                if (code == 2)
                    reply.Append(data);
            }),
            client: o => o.MaxDescriptorsPerParcel = 1,
            server: o => o.MaxDescriptorsPerParcel = 2);
        using Descriptor nothing = Descriptor.Open("/dev/null", OpenFlags.ReadWrite);
        using var two = new Parcel();
        two.WriteDescriptors([nothing, nothing]);
        using var three = new Parcel();
        three.WriteDescriptors([nothing, nothing, nothing]);

        IpcException e = await pair.Root.FailsAsync(1, three);
        Assert.Equal(IpcError.LimitReached, e.Error);
        Assert.Contains("3 descriptors in one parcel; MaxDescriptorsPerParcel allows 2.", e.Message, StringComparison.Ordinal);
        Limited(await pair.Root.FailsAsync(2, two), nameof(IpcEndpointOptions.MaxDescriptorsPerParcel), 1, 2);
        pair.Root.Post(3, three);
        pair.Root.Post(4, two);
        await end.Task.Soon();
        Assert.Equal([2u, 4u], handled);
        Assert.False(pair.ClientSession.IsClosed);
    }

    [Fact]
    public async Task Outstanding_tickets()
    {
        await using var home = new IpcEndpoint(new IpcEndpointOptions { MaxTickets = 1 });
        home.Tickets.Issue(Stubs.Increment(), 1, 1, 1);
        Limited(Assert.ThrowsAny<IpcException>(() => home.Tickets.Issue(Stubs.Increment(), 1, 1, 1)), nameof(IpcEndpointOptions.MaxTickets), 1, 2);
    }

    internal static void Limited(IpcException error, string setting, long limit, long value, IpcError number = IpcError.LimitReached)
    {
        var limited = Assert.IsType<IpcLimitException>(error);
        Assert.Equal((number, setting, limit, value), (limited.Error, limited.Setting, limited.Limit, limited.Value));
        Assert.EndsWith($"; {setting} allows {limit}.", limited.Message, StringComparison.Ordinal);
    }
}
