using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Calls;

public sealed class SerialStubTests
{
    [Fact]
    public async Task Calls_of_several_sessions_and_one_way_calls_are_handled_one_after_the_other()
    {
        int running = 0;
        int handled = 0;
        var all = new Signal();
        var stub = new DelegateStub(Stubs.Descriptor, async (_, _, _, _) =>
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            await Task.Yield();
            Assert.Equal(0, Interlocked.Decrement(ref running));
            if (++handled == 3 * 100)
                all.SetResult();
        })
        { IsSerial = true };
        await using IpcPair first = await IpcPair.OpenAsync(TransportKind.Ring, stub);
        await using IpcPair second = await IpcPair.OpenAsync(TransportKind.Socket, stub);
        await Task.WhenAll(CallOften(first.Root), CallOften(second.Root), Task.Run(() =>
        {
            for (int i = 0; i < 100; i++)
                first.Root.PostInt(1, i);
        })).Soon();
        await all.Task.Soon();
    }

    [Fact]
    public async Task Those_that_wait_hold_no_worker()
    {
        var goOn = new Signal();
        var serial = new DelegateStub(Stubs.Descriptor, (_, _, _, _) => new ValueTask(goOn.Task)) { IsSerial = true };
        await using IpcPair pair = await IpcPair.OpenAsync(
            TransportKind.Ring,
            Stubs.Of((code, data, reply, _) =>
            {
                if (code == 1)
                    reply.WriteStub(serial);
                else
                    reply.WriteInt32(data.ReadInt32());
            }),
            server: o => o.Workers = 1);
        using Parcel empty = new();
        using Parcel given = await pair.Root.CallAsync(1, empty).Soon();
        using IpcProxy slow = given.ReadProxy()!;
        Task<Parcel>[] waiting = [.. Enumerable.Range(0, 10).Select(_ => slow.CallAsync(1, empty).AsTask())];
        Assert.Equal(5, await pair.Root.CallIntAsync(2, 5));
        goOn.SetResult();
        foreach (Task<Parcel> call in waiting)
            (await call.Soon()).Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_may_be_called_back_by_those_it_calls(bool isOneWay)
    {
        var done = new Signal<int>();
        IpcProxy? other = null;
        IpcPair? pair = null;
        var stub = new DelegateStub(Stubs.Descriptor, async (code, data, reply, _) =>
        {
            switch (code)
            {
                case 1:
                    other = data.ReadProxy();
                    break;
                case 2:
                    done.SetResult(await other!.CallIntAsync(1, data.ReadInt32()));
                    break;
                default:
                    reply.WriteInt32(data.ReadInt32() * 2);
                    break;
            }
        })
        { IsSerial = true };
        await using (pair = await IpcPair.OpenAsync(TransportKind.Ring, stub))
        {
            using Parcel data = Stubs.With(Stubs.OfAsync(async (_, inner, reply, _) => reply.WriteInt32(1 + await pair.Root.CallIntAsync(3, inner.ReadInt32()))));
            (await pair.Root.CallAsync(1, data).Soon()).Dispose();
            if (isOneWay)
            {
                pair.Root.PostInt(2, 10);
            }
            else
            {
                using Parcel ten = Stubs.Int(10);
                (await pair.Root.CallAsync(2, ten).Soon()).Dispose();
            }

            Assert.Equal(21, await done.Task.Soon());
        }
    }

    [Fact]
    public async Task A_handler_that_fails_lets_the_next_one_in()
    {
        var stub = new DelegateStub(Stubs.Descriptor, (code, _, _, _) => code == 1 ? throw new InvalidOperationException() : default) { IsSerial = true };
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Memory, stub);
        using Parcel empty = new();
        Assert.Equal(IpcError.Handler, (await pair.Root.FailsAsync(1, empty)).Error);
        (await pair.Root.CallAsync(2, empty).Soon()).Dispose();
    }

    [Fact]
    public async Task The_end_of_one_endpoint_does_not_stop_the_stub_for_another()
    {
        var goOn = new Signal();
        var entered = new Signal();
        var stub = new DelegateStub(
            Stubs.Descriptor,
            async (_, _, _, _) =>
            {
                entered.TrySetResult();
                await goOn.Task;
            })
        { IsSerial = true };
        IpcPair ending = await IpcPair.OpenAsync(TransportKind.Socket, stub);
        await using IpcPair lasting = await IpcPair.OpenAsync(TransportKind.Socket, stub);
        using Parcel empty = new();
        Task[] lost = [.. Enumerable.Range(0, 3).Select(_ => (Task)ending.Root.CallAsync(1, empty).AsTask())];
        await entered.Task.Soon();
        Task<Parcel> waits = lasting.Root.CallAsync(1, empty).AsTask();
        await ending.DisposeAsync();
        goOn.SetResult();
        (await lasting.Root.CallAsync(1, empty).Soon()).Dispose();
        (await waits.Soon()).Dispose();
        foreach (Task call in lost)
            await call.ContinueWith(_ => { }, TaskScheduler.Default).Soon();
    }

    private static async Task CallOften(IpcProxy proxy)
    {
        using Parcel empty = new();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ => (await proxy.CallAsync(1, empty)).Dispose()));
    }
}
