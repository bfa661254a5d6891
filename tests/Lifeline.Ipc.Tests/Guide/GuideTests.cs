using System.Text;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lifeline.Ipc.Tests.Guide;

/// <summary>The pieces of code of docs/guide/ipc.md, run.</summary>
public sealed class GuideTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Values_are_read_in_the_order_in_which_they_were_written()
    {
        // [parcel]
        using var parcel = new Parcel();
        parcel.WriteInt32(42);
        parcel.WriteString("forty-two");
        parcel.WriteArray<double>([1.5, 2.5]);
        parcel.WriteParcelables<Order>([new("tea", 2), new("milk", 1)]);

        int number = parcel.ReadInt32();
        string text = parcel.ReadString();
        ReadOnlySpan<double> values = parcel.ReadSpan<double>();   // in place, until the parcel is written or disposed
        IReadOnlyList<Order> orders = parcel.ReadParcelables<Order>();
        // [/parcel]
        Assert.Equal((42, "forty-two", 2.5, 2), (number, text, values[1], orders.Count));
    }

    [Fact]
    public async Task Two_processes_talk()
    {
        string path = _folder.File("shop");
        // [listen]
        await using var home = new IpcEndpoint();
        var shop = new Shop();
        home.Listen(path, shop);                          // a socket in the file system; "@name" is abstract
        // [/listen]
        // [connect]
        await using var endpoint = new IpcEndpoint();
        IpcSession session = await endpoint.ConnectAsync(path);
        var orders = new ShopProxy(session.Root);
        int number = await orders.PlaceAsync(new Order("tea", 2));
        orders.Note("no sugar");
        // [/connect]
        Assert.Equal(1, number);
        // [errors]
        try
        {
            await orders.PlaceAsync(new Order("tea", 0));
        }
        catch (IpcException e) when (e.Error == (IpcError)1_909_001)
        {
            Console.WriteLine(e.Message);                 // An order has a count of 1 or more, not 0.
        }
        // [/errors]

        // [post]
        using var note = new Parcel();
        note.WriteInterfaceToken(ShopCodes.Interface);
        note.WriteString("and a spoon");
        session.Root.Post(ShopCodes.Note, note);          // queued, or QueueFull at once
        await session.Root.PostAsync(ShopCodes.Note, note, wait: TimeSpan.FromSeconds(1));   // waits for room
        // [/post]
        await orders.PlaceAsync(new Order("tea", 1));
        while (shop.Notes.Count < 3)
            await Task.Yield();

        var seen = new Signal<Order>();
        // [callback]
        var watcher = new DelegateStub("shop.IWatcher", (code, data, reply, context) =>
        {
            seen.TrySetResult(data.ReadParcelable<Order>());
            return ValueTask.CompletedTask;
        });
        using var data = new Parcel();
        data.WriteInterfaceToken(ShopCodes.Interface);
        data.WriteStub(watcher);                          // the shop reads it as a proxy
        (await session.Root.CallAsync(ShopCodes.Watch, data)).Dispose();
        // [/callback]
        await orders.PlaceAsync(new Order("milk", 1));
        Assert.Equal(new Order("milk", 1), await seen.Task.Soon());

        // [dumping]
        string dump = await orders.Proxy.DumpTextAsync();
        // [/dumping]
        Assert.Equal("3 orders, 3 notes\n", dump);

        // [statistics]
        foreach (IpcCallStatistics row in home.GetStatistics())
            Console.WriteLine($"{row.Peer?.Pid} {row.Descriptor} {row.Code}: {row.Requests} requests, {row.Errors} errors");
        IpcMemoryUse use = home.Sessions[0].GetMemoryUse();
        Console.WriteLine($"{use.QueuedRequests} requests wait, {use.BlockBytes} bytes of shared memory are held");
        // [/statistics]
        Assert.Equal(1, home.GetStatistics().Single(r => r.Code == ShopCodes.Place).Errors);

        var told = new Signal();
        // [death]
        using DeathRegistration registration = orders.Proxy.AddDeathRecipient(notice =>
        {
            Console.WriteLine($"gone: {notice}");         // who, why, and how its process ended
            told.SetResult();
        });
        // [/death]
        // [weak]
        WeakProxy weak = orders.Proxy.ToWeak();
        if (weak.TryPromote(out IpcProxy? again))
            again.Dispose();
        // [/weak]
        await home.DisposeAsync();
        await told.Task.Soon();
        Assert.True(orders.Proxy.IsDead);
    }

    [Fact]
    public async Task A_block_of_shared_memory_travels_in_a_parcel()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, Stubs.Of((_, data, reply, _) =>
        {
            // [block-read]
            using SharedBlock block = data.ReadParcelable<SharedBlock>();
            using SharedMap map = block.Map(SharedBlockAccess.Read);
            int first = map.AsReadOnlySpan<int>()[0];
            // [/block-read]
            reply.WriteInt32(first);
        }));
        IpcProxy proxy = pair.Root;
        // [block]
        using SharedBlock frames = SharedBlock.Create("frames", 64 << 20);
        using SharedMap view = frames.Map();
        view.AsSpan<int>()[0] = 42;
        using var data = new Parcel();
        data.WriteParcelable(frames);                     // a descriptor, whatever the size
        using Parcel reply = await proxy.CallAsync(1, data);
        // [/block]
        Assert.Equal(42, reply.ReadInt32());
    }

    [Fact]
    public async Task Processes_find_each_other_by_name()
    {
        string path = _folder.File("registry");
        await using var other = new IpcEndpoint();
        await using var endpoint = new IpcEndpoint();
        // [registry-host]
        await using var host = new RegistryHost(path);    // or the monitor's ipc.sock
        // [/registry-host]
        // [registry]
        var registry = new RegistryClient((await endpoint.ConnectAsync(path)).Root);
        await registry.AddAsync("shop.orders", new Shop());

        var elsewhere = new RegistryClient((await other.ConnectAsync(path)).Root);
        using IpcProxy orders = await elsewhere.WaitForAsync("shop.orders", TimeSpan.FromSeconds(20));
        // [/registry]
        Assert.Equal(1, await new ShopProxy(orders).PlaceAsync(new Order("tea", 1)));
    }

    [Fact]
    public async Task Who_may_not_call_is_refused()
    {
        // [permissions]
        var till = new DelegateStub("shop.ITill", (code, data, reply, context) => ValueTask.CompletedTask)
        {
            Permissions = new IpcPermissions(IpcPermissions.OwnUser)
                .With(ShopCodes.Close, caller => caller.Pid == Environment.ProcessId ? "not from inside" : null),
            IsSerial = true,                              // one request at a time, whoever sends it
        };
        // [/permissions]
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, till);
        using Parcel empty = new();
        (await pair.Root.CallAsync(1, empty).Soon()).Dispose();
        Assert.Equal(IpcError.PermissionDenied, (await pair.Root.FailsAsync(ShopCodes.Close, empty)).Error);
    }

    [Fact]
    public async Task A_handler_acts_for_its_caller_or_for_itself()
    {
        var seen = new List<int>();
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, Stubs.Of((_, _, _, _) =>
        {
            // [identity]
            seen.Add(CallContext.CallingIdentity.Pid);        // the caller's
            using (CallContext.ClearIdentity())
                seen.Add(CallContext.CallingIdentity.Pid);    // this process's
            // [/identity]
        }));
        using Parcel empty = new();
        (await pair.Root.CallAsync(1, empty).Soon()).Dispose();
        Assert.Equal([Environment.ProcessId, Environment.ProcessId], seen);
    }

    [Fact]
    public async Task Options_are_set_once()
    {
        var logger = NullLogger.Instance;
        // [options]
        await using var endpoint = new IpcEndpoint(new IpcEndpointOptions
        {
            Name = "shop",                                // in thread names and metrics
            Logger = logger,
            MaxSessionsPerUid = 100,
            SlowCallThreshold = TimeSpan.FromSeconds(1),
            TimeHandlers = true,
            Tracer = ActivityTracer.Instance,
            ProxyCountAlarm = 1000,
            OnProxyCountAlarm = alarm => Console.WriteLine($"{alarm.Count} stubs of {alarm.Session} are held"),
            Accept = caller => caller.Uid == 0 ? null : $"user {caller.Uid} is not welcome",
        });
        // [/options]
        Assert.Empty(endpoint.Sessions);
    }

    [Fact]
    public async Task A_limit_says_its_name()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(
            TransportKind.Ring,
            Stubs.OfAsync((_, _, _, context) => new ValueTask(Task.Delay(Timeout.Infinite, context.Cancelled))),
            client: o => o.MaxPendingCalls = 1);
        IpcProxy proxy = pair.Root;
        using Parcel data = new();
        using var end = new CancellationTokenSource();
        Task waiting = proxy.CallAsync(1, data, cancellationToken: end.Token).AsTask();
        var text = new StringBuilder();
        // [limits]
        try
        {
            await proxy.CallAsync(1, data);
        }
        catch (IpcLimitException e)
        {
            text.Append(e.Setting).Append('=').Append(e.Limit);   // MaxPendingCalls=1
        }
        // [/limits]
        Assert.Equal("MaxPendingCalls=1", text.ToString());
        end.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Soon());
    }

    [Fact]
    public async Task A_synchronous_stub_is_called_into_a_parcel_of_the_callers()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, new Counter());
        IpcProxy counter = pair.Root;
        long sum = 0;
        // [fast-call]
        using var data = new Parcel();
        using var reply = new Parcel();
        for (int i = 1; i <= 1000; i++)
        {
            data.Reset();
            data.WriteInt64(i);
            counter.CallInto(1, data, reply);             // waits; nothing is allocated on either side
            sum = reply.ReadInt64();
        }
        // [/fast-call]

        Assert.Equal(500_500, sum);
    }
}
