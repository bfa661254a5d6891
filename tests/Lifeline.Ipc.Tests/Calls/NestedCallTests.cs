using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Calls;

public sealed class NestedCallTests_over_memory() : NestedCallTests(TransportKind.Memory);

public sealed class NestedCallTests_over_a_socket() : NestedCallTests(TransportKind.Socket);

public sealed class NestedCallTests_over_rings() : NestedCallTests(TransportKind.Ring);

public abstract class NestedCallTests(TransportKind kind)
{
    private const int Depth = 8;

    [Fact]
    public async Task Blocking_calls_back_and_forth_run_on_the_waiting_threads()
    {
        var threads = new List<int>();
        IpcProxy? toClient = null;
        DelegateStub server = Stubs.Of((code, data, reply, _) =>
        {
            if (code == 2)
            {
                toClient = data.ReadProxy();
                return;
            }

            int depth = data.ReadInt32();
            reply.WriteInt32(depth == 0 ? 0 : 1 + toClient!.CallInt(1, depth - 1));
        });
        await using IpcPair pair = await IpcPair.OpenAsync(kind, server, OneWorker, OneWorker);
        DelegateStub client = Stubs.Of((_, data, reply, _) =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            int depth = data.ReadInt32();
            reply.WriteInt32(depth == 0 ? 0 : 1 + pair.Root.CallInt(1, depth - 1));
        });
        using Parcel data = Stubs.With(client);
        (await pair.Root.CallAsync(2, data).Soon()).Dispose();

        (int result, int thread) = await Task.Run(() => (pair.Root.CallInt(1, Depth), Environment.CurrentManagedThreadId)).Soon();
        Assert.Equal(Depth, result);
        Assert.Equal(Depth / 2, threads.Count);
        Assert.All(threads, t => Assert.Equal(thread, t));
    }

    [Fact]
    public async Task Awaited_calls_back_and_forth_do_not_starve_one_worker()
    {
        IpcProxy? toClient = null;
        DelegateStub server = Stubs.OfAsync(async (code, data, reply, _) =>
        {
            if (code == 2)
            {
                toClient = data.ReadProxy();
                return;
            }

            int depth = data.ReadInt32();
            reply.WriteInt32(depth == 0 ? 0 : 1 + await toClient!.CallIntAsync(1, depth - 1));
        });
        await using IpcPair pair = await IpcPair.OpenAsync(kind, server, OneWorker, OneWorker);
        DelegateStub client = Stubs.OfAsync(async (_, data, reply, _) =>
        {
            int depth = data.ReadInt32();
            reply.WriteInt32(depth == 0 ? 0 : 1 + await pair.Root.CallIntAsync(1, depth - 1));
        });
        using Parcel data = Stubs.With(client);
        (await pair.Root.CallAsync(2, data).Soon()).Dispose();
        Assert.Equal(Depth, await pair.Root.CallIntAsync(1, Depth).Soon());
    }

    [Fact]
    public async Task Handlers_that_block_on_awaited_calls_do_not_starve_one_worker()
    {
        IpcProxy? toClient = null;
        DelegateStub server = Stubs.Of((code, data, reply, _) =>
        {
            if (code == 2)
            {
                toClient = data.ReadProxy();
                return;
            }

            int depth = data.ReadInt32();
            reply.WriteInt32(depth == 0 ? 0 : 1 + toClient!.CallIntAsync(1, depth - 1).GetAwaiter().GetResult());
        });
        await using IpcPair pair = await IpcPair.OpenAsync(kind, server, OneWorker, OneWorker);
        DelegateStub client = Stubs.Of((_, data, reply, _) =>
        {
            int depth = data.ReadInt32();
            reply.WriteInt32(depth == 0 ? 0 : 1 + pair.Root.CallIntAsync(1, depth - 1).GetAwaiter().GetResult());
        });
        using Parcel data = Stubs.With(client);
        (await pair.Root.CallAsync(2, data).Soon()).Dispose();
        Assert.Equal(Depth, await pair.Root.CallIntAsync(1, Depth).Soon());
    }

    [Fact]
    public async Task A_worker_that_blocks_in_a_call_is_replaced_for_other_callers()
    {
        var goOn = new Signal();
        await using IpcPair slow = await IpcPair.OpenAsync(kind, Stubs.OfAsync(async (_, _, _, _) => await goOn.Task));
        var started = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(
            kind,
            Stubs.Of((code, data, reply, _) =>
            {
                if (code == 1)
                {
                    started.SetResult();
                    using Parcel empty = new();
                    slow.Root.Call(1, empty).Dispose();
                }
                else
                {
                    reply.WriteInt32(data.ReadInt32());
                }
            }),
            server: OneWorker);
        using Parcel data = Stubs.Int(1);
        Task<Parcel> blocked = pair.Root.CallAsync(1, data).AsTask();
        await started.Task.Soon();
        Assert.Equal(6, await pair.Root.CallIntAsync(2, 6));
        goOn.SetResult();
        (await blocked.Soon()).Dispose();
    }

    [Fact]
    public async Task The_caller_of_a_nested_call_is_restored_afterwards()
    {
        IpcProxy? toClient = null;
        CallContext? before = null;
        CallContext? after = null;
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((code, data, reply, context) =>
        {
            if (code == 2)
            {
                toClient = data.ReadProxy();
                return;
            }

            if (code == 3)
                return;
            before = CallContext.Current;
            toClient!.CallInt(1, 0);
            after = CallContext.Current;
            Assert.Same(context, before);
        }));
        using Parcel empty = new();
        using Parcel data = Stubs.With(Stubs.Of((_, _, reply, _) =>
        {
            pair.Root.Call(3, empty).Dispose();
            reply.WriteInt32(0);
        }));
        (await pair.Root.CallAsync(2, data).Soon()).Dispose();
        (await pair.Root.CallAsync(1, empty).Soon()).Dispose();
        Assert.NotNull(before);
        Assert.Same(before, after);
    }

    private static void OneWorker(IpcEndpointOptions options) => options.Workers = 1;
}
