using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Inline;

/// <summary>What a handler that runs where it was received sees of its call, and what it leaves behind.</summary>
public sealed class InlineContextTests
{
    [Fact]
    public async Task The_context_is_the_current_one_inside_and_nowhere_else()
    {
        CallContext? elsewhere = null;
        bool wasInline = false;
        var stub = InlineStubs.Of((_, _, reply, context) =>
        {
            Assert.Same(context, CallContext.Current);
            Assert.Equal(Environment.ProcessId, context.Caller.Pid);
            elsewhere ??= Task.Run(() => CallContext.Current).GetAwaiter().GetResult();
            wasInline |= InlineStubs.IsInline;
            reply.WriteInt32(0);
        });
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, stub);
        pair.Root.CallUntil(1, () => wasInline);
        Assert.Null(CallContext.Current);
        // A worker's flow sees it, a receiving thread's does not; neither sees it here.
        Assert.Null(await Task.Run(() => CallContext.Current).Soon());
    }

    [Fact]
    public async Task A_local_call_out_of_a_handler_has_a_context_of_its_own()
    {
        CallContext? inner = null;
        CallContext? innerGiven = null;
        CallContext? after = null;
        bool wasInline = false;
        DelegateStub local = Stubs.Of((_, _, _, context) =>
        {
            innerGiven = context;
            inner = CallContext.Current;
        });
        using Parcel carrier = Stubs.With(local);
        using IpcProxy near = carrier.ReadProxy()!;
        var stub = InlineStubs.Of((_, _, reply, context) =>
        {
            using var empty = new Parcel();
            near.Call(1, empty).Dispose();
            after = CallContext.Current;
            Assert.Same(context, after);
            wasInline = InlineStubs.IsInline;
            reply.WriteInt32(0);
        });
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, stub);
        pair.Root.CallUntil(1, () => wasInline);
        Assert.NotNull(inner);
        Assert.Same(innerGiven, inner);
        Assert.Null(inner.Session);
    }

    [Fact]
    public async Task A_nested_call_on_the_waiting_thread_has_its_own_context_and_the_outer_one_comes_back()
    {
        IpcProxy? toClient = null;
        bool wasInline = false;
        int nested = 0;
        var server = InlineStubs.Of((code, data, reply, context) =>
        {
            Assert.Same(context, CallContext.Current);
            if (code == 2)
            {
                toClient = data.ReadProxy();
                return;
            }

            if (code == 3)
            {
                nested++;
                return;
            }

            wasInline |= InlineStubs.IsInline;
            toClient!.CallInt(1, 0);
            Assert.Same(context, CallContext.Current);
            reply.WriteInt32(0);
        });
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, server);
        using Parcel data = Stubs.With(InlineStubs.Of((_, _, reply, context) =>
        {
            using var empty = new Parcel();
            pair.Root.Call(3, empty).Dispose();
            Assert.Same(context, CallContext.Current);
            reply.WriteInt32(0);
        }));
        (await pair.Root.CallAsync(2, data).Soon()).Dispose();
        await InlineStubs.OnThread(() => pair.Root.CallUntil(1, () => wasInline)).Soon();
        Assert.True(nested > 0);
    }

    [Fact]
    public async Task Code_of_another_call_that_goes_on_inside_of_a_handler_keeps_its_own_context()
    {
        // Continuations run where the task is completed: here inside of the handler of somebody else.
        TaskCompletionSource? pending = null;
        CallContext? mine = null;
        CallContext? seen = null;
        bool isSame = false;
        bool wentOnInline = false;
        DelegateStub waiting = Stubs.OfAsync(async (_, _, reply, context) =>
        {
            var source = new TaskCompletionSource();
            Volatile.Write(ref pending, source);
            await source.Task;
            mine = context;
            seen = CallContext.Current;
            isSame = ReferenceEquals(mine, seen);
            wentOnInline |= InlineStubs.IsInline;
            reply.WriteInt32(0);
        });
        var stub = InlineStubs.Of((code, _, reply, _) =>
        {
            if (code == 2)
                reply.WriteStub(waiting);
            else
                Interlocked.Exchange(ref pending, null)?.SetResult();
        });
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, stub);
        using var empty = new Parcel();
        using Parcel given = await pair.Root.CallAsync(2, empty).Soon();
        using IpcProxy waiter = given.ReadProxy()!;
        long end = Environment.TickCount64 + 30_000;
        while (!wentOnInline)
        {
            Assert.True(Environment.TickCount64 < end);
            Task<int> call = waiter.CallIntAsync(1, 0);
            while (!call.IsCompleted)
                (await pair.Root.CallAsync(1, empty).Soon()).Dispose();
            await call.Soon();
            Assert.True(isSame);
        }
    }

    [Fact]
    public async Task What_a_handler_leaves_in_the_flow_of_control_does_not_reach_the_next_one()
    {
        var local = new AsyncLocal<string?>();
        int dirty = 0;
        int handled = 0;
        var all = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Of((_, _, _, _) =>
        {
            if (local.Value is not null)
                dirty++;
            local.Value = "left";
            if (++handled == 200)
                all.SetResult();
        }));
        using Parcel data = Stubs.Int(1);
        for (int i = 0; i < 200; i++)
            await pair.Root.PostAsync(1, data, Deadline.Limit);
        await all.Task.Soon();
        Assert.Equal(0, dirty);
    }

    [Fact]
    public async Task The_end_of_the_session_cancels_a_call_that_runs_where_it_was_received()
    {
        var inside = new Signal();
        var cancelled = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Of((_, _, _, context) =>
        {
            inside.TrySetResult();
            if (context.Cancelled.WaitHandle.WaitOne(Deadline.Limit))
                cancelled.TrySetResult();
        }));
        using var empty = new Parcel();
        Task<Parcel> call = pair.Root.CallAsync(1, empty).AsTask();
        await inside.Task.Soon();
        pair.ClientSession.Close("enough");
        await Assert.ThrowsAnyAsync<IpcException>(() => call.Soon());
        await cancelled.Task.Soon();
    }

    [Fact]
    public async Task The_end_of_the_session_does_not_cancel_a_call_that_was_answered()
    {
        var latest = CancellationToken.None;
        bool wasInline = false;
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, InlineStubs.Of((_, _, reply, context) =>
        {
            latest = context.Cancelled;
            wasInline = InlineStubs.IsInline;
            reply.WriteInt32(0);
        }));
        pair.Root.CallUntil(1, () => wasInline);
        // The answer is on its way before the handler counts as done.
        while (pair.ServerSession.HasRequests)
            await pair.Root.PingAsync().Soon();
        pair.ClientSession.Close("enough");
        await pair.ServerSession.Closed.Soon();
        Assert.True(latest.CanBeCanceled);
        Assert.False(latest.IsCancellationRequested);
    }

    [Fact]
    public async Task Each_of_several_calls_that_hang_is_cancelled_by_its_own_caller()
    {
        const int calls = 4;
        int inside = 0;
        var allInside = new Signal();
        var cancelled = new System.Collections.Concurrent.ConcurrentQueue<int>();
        await using IpcPair pair = await IpcPair.OpenAsync(
            TransportKind.Ring,
            InlineStubs.Of((_, data, _, context) =>
            {
                int number = data.ReadInt32();
                if (Interlocked.Increment(ref inside) == calls)
                    allInside.SetResult();
                if (context.Cancelled.WaitHandle.WaitOne(Deadline.Limit))
                    cancelled.Enqueue(number);
            }),
            server: o => o.Workers = calls);
        using var stops = new DisposableList<CancellationTokenSource>([.. Enumerable.Range(0, calls).Select(_ => new CancellationTokenSource())]);
        Task<Parcel>[] running = [.. Enumerable.Range(0, calls).Select(i =>
        {
            using Parcel data = Stubs.Int(i);
            return pair.Root.CallAsync(1, data, cancellationToken: stops[i].Token).AsTask();
        })];
        await allInside.Task.Soon();
        for (int i = 0; i < calls; i++)
        {
            stops[i].Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running[i].Soon());
            while (cancelled.Count <= i)
                await pair.Root.PingAsync().Soon();
            Assert.Equal(i, cancelled.ToArray()[i]);
        }
    }

    private sealed class DisposableList<T>(T[] items) : IDisposable
        where T : IDisposable
    {
        internal T this[int index] => items[index];

        public void Dispose()
        {
            foreach (T item in items)
                item.Dispose();
        }
    }
}
