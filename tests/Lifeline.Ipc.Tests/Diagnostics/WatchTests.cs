using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Diagnostics;

/// <summary>Slow handlers, busy workers and forgotten proxies are noticed.</summary>
public sealed class WatchTests
{
    [Fact]
    public async Task A_handler_that_takes_long_is_logged_and_counted()
    {
        var log = new LogBook();
        var goOn = new Signal();
        var started = new Signal();
        var time = new TickingTime();
        await using IpcPair pair = await IpcPair.OpenAsync(
            TransportKind.Ring,
            Stubs.OfAsync(async (_, _, _, _) =>
            {
                started.SetResult();
                await goOn.Task;
            }),
            server: o =>
            {
                o.Logger = log;
                o.TimeProvider = time;
            });
        using Parcel empty = new();
        Task<Parcel> call = pair.Root.CallAsync(7, empty).AsTask();
        await started.Task.Soon();
        Task<string> told = log.NextAsync("took more than");
        time.Tick(6);
        goOn.SetResult();
        (await call.Soon()).Dispose();
        string line = await told.Soon();
        Assert.StartsWith($"The handler of {Stubs.Descriptor} took more than 625 ms for code 7, called by ", line, StringComparison.Ordinal);
        Assert.Equal(1, pair.Server.Watch.SlowRequests);
    }

    [Fact]
    public async Task Quick_handlers_are_not_slow_and_the_clock_stops_when_there_is_nothing_to_do()
    {
        var time = new TickingTime();
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Socket, Stubs.Increment(), server: o => o.TimeProvider = time);
        for (int i = 0; i < 20; i++)
        {
            await pair.Root.CallIntAsync(1, i);
            time.Tick(1);
        }

        Assert.Equal(0, pair.Server.Watch.SlowRequests);
        Assert.True(time.Runs);
        await SettleAsync(pair);
        time.Tick(10);
        Assert.False(time.Runs);
        await pair.Root.CallIntAsync(1, 1);
        Assert.True(time.Runs);
    }

    [Fact]
    public async Task The_clock_does_not_stop_while_a_handler_runs()
    {
        var time = new TickingTime();
        var goOn = new Signal();
        var started = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(
            TransportKind.Ring,
            Stubs.OfAsync(async (_, _, _, _) =>
            {
                started.SetResult();
                await goOn.Task;
            }),
            server: o => o.TimeProvider = time);
        pair.Root.PostInt(1, 1);
        await started.Task.Soon();
        time.Tick(50);
        Assert.True(time.Runs);
        goOn.SetResult();
        await SettleAsync(pair);
        Assert.Equal(1, pair.Server.Watch.SlowRequests);
    }

    [Fact]
    public async Task No_threshold_means_no_clock()
    {
        var time = new TickingTime();
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, Stubs.Increment(), server: o =>
        {
            o.TimeProvider = time;
            o.SlowCallThreshold = Timeout.InfiniteTimeSpan;
        });
        await pair.Root.CallIntAsync(1, 1);
        Assert.False(time.Runs);
    }

    [Fact]
    public async Task Workers_that_are_all_busy_while_requests_wait_are_told_once_for_each_time()
    {
        var log = new LogBook();
        var time = new TickingTime();
        using var goOn = new ManualResetEventSlim();
        using var started = new SemaphoreSlim(0);
        await using IpcPair pair = await IpcPair.OpenAsync(
            TransportKind.Socket,
            Stubs.Of((_, _, _, _) =>
            {
                started.Release();
                goOn.Wait(Deadline.Limit);
            }),
            server: o =>
            {
                o.Workers = 2;
                o.TimeProvider = time;
                o.Logger = log;
            });
        using Parcel empty = new();
        Task<Parcel>[] calls = [.. Enumerable.Range(0, 4).Select(_ => pair.Root.CallAsync(1, empty).AsTask())];
        Assert.True(await started.WaitAsync(Deadline.Limit));
        Assert.True(await started.WaitAsync(Deadline.Limit));
        while (!pair.Server.Pool.IsExhausted)
            await Task.Yield();
        Task<string> told = log.NextAsync("All 2 workers");
        time.Tick(20);
        Assert.Contains("have been busy for 500 ms while requests wait (Workers makes more", await told.Soon(), StringComparison.Ordinal);
        Assert.Equal(1, pair.Server.Watch.FullTimes);
        goOn.Set();
        foreach (Task<Parcel> call in calls)
            (await call.Soon()).Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_caller_that_has_waited_long_is_told_once_while_it_waits(bool blocking)
    {
        var log = new LogBook();
        var time = new TickingTime();
        var goOn = new Signal();
        var started = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(
            TransportKind.Ring,
            Stubs.OfAsync(async (_, _, _, _) =>
            {
                started.TrySetResult();
                await goOn.Task;
            }),
            client: o =>
            {
                o.Logger = log;
                o.TimeProvider = time;
            });
        using Parcel empty = new();
        Task<Parcel> call = blocking
            ? Task.Factory.StartNew(() => pair.Root.Call(7, empty), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            : pair.Root.CallAsync(7, empty).AsTask();
        await started.Task.Soon();
        while (!time.Runs)
            await Task.Yield();
        Task<string> told = log.NextAsync("has waited more than");
        time.Tick(4);
        Assert.Equal(0, pair.Client.ReplyWatch.LongWaits);
        time.Tick(1);
        Assert.StartsWith($"A caller has waited more than 2000 ms for the reply to code 7 of stub 1 of session {pair.ClientSession.Id} with process ", await told.Soon(), StringComparison.Ordinal);
        time.Tick(20);
        Assert.Equal(1, pair.Client.ReplyWatch.LongWaits);
        // The clock goes on as long as somebody waits.
        Assert.True(time.Runs);
        goOn.SetResult();
        (await call.Soon()).Dispose();
        time.Tick(20);
        Assert.False(time.Runs);
    }

    [Fact]
    public async Task Callers_that_wait_shortly_are_not_told_of()
    {
        var time = new TickingTime();
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, Stubs.Increment(), client: o => o.TimeProvider = time);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(i + 1, pair.Root.CallInt(1, i));
            time.Tick(1);
        }

        time.Tick(20);
        Assert.Equal(0, pair.Client.ReplyWatch.LongWaits);
        Assert.False(time.Runs);
    }

    [Fact]
    public async Task Too_many_held_stubs_raise_an_alarm_that_comes_again_only_after_the_number_fell()
    {
        var held = new List<IpcProxy>();
        var alarms = new System.Collections.Concurrent.ConcurrentQueue<int>();
        var log = new LogBook();
        await using IpcPair pair = await IpcPair.OpenAsync(
            TransportKind.Ring,
            Stubs.Of((code, data, _, _) =>
            {
                if (code == 1)
                    held.AddRange(data.ReadProxies());
                foreach (IpcProxy proxy in code == 2 ? held.Take(data.ReadInt32()).ToArray() : [])
                {
                    proxy.Dispose();
                    held.Remove(proxy);
                }
            }),
            server: o =>
            {
                o.ProxyCountAlarm = 20;
                o.Logger = log;
                o.OnProxyCountAlarm = a => alarms.Enqueue(a.Count);
            });
        await GiveAsync(19);
        await DrainAsync(pair);
        Assert.Empty(alarms);
        await GiveAsync(5);
        await RaisedAsync(1);
        Assert.Equal([20], alarms);
        Assert.Contains(log.Lines, l => l.Contains("are proxies forgotten", StringComparison.Ordinal));

        // Down to the limit is not enough, below nine tenths is.
        await TakeBackAsync(5);
        await GiveAsync(5);
        await DrainAsync(pair);
        Assert.Equal([20], alarms);
        await TakeBackAsync(10);
        await GiveAsync(10);
        await RaisedAsync(2);
        Assert.Equal([20, 20], alarms);

        // Another worker may be about to tell it.
        async Task RaisedAsync(int count)
        {
            using var limit = new CancellationTokenSource(Deadline.Limit);
            while (alarms.Count < count && !limit.IsCancellationRequested)
                await Task.Yield();
        }

        async Task GiveAsync(int count)
        {
            using var data = new Parcel();
            data.WriteStubs([.. Enumerable.Range(0, count).Select(_ => Stubs.Increment())]);
            (await pair.Root.CallAsync(1, data).Soon()).Dispose();
        }

        async Task TakeBackAsync(int count)
        {
            int before = pair.ClientSession.GetMemoryUse().GivenStubs;
            using Parcel data = Stubs.Int(count);
            (await pair.Root.CallAsync(2, data).Soon()).Dispose();
            while (pair.ClientSession.GetMemoryUse().GivenStubs > before - count)
                await pair.Root.PingAsync().Soon();
        }
    }

    /// <summary>Waits until the server has let go of every request.</summary>
    private static async Task SettleAsync(IpcPair pair)
    {
        while (pair.Server.HasRequests)
            await Task.Yield();
    }

    private static async Task DrainAsync(IpcPair pair)
    {
        var done = new Signal();
        pair.Server.Work.Enqueue(done.SetResult);
        await done.Task.Soon();
    }

    /// <summary>Time whose repeating timers run only when told; one-shot timers are the system's.</summary>
    private sealed class TickingTime : TimeProvider
    {
        private Ticker? _ticker;

        internal bool Runs => _ticker is { Runs: true };

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            period > TimeSpan.Zero ? _ticker = new Ticker(() => callback(state)) : base.CreateTimer(callback, state, dueTime, period);

        internal void Tick(int times)
        {
            for (int i = 0; i < times && _ticker is { Runs: true } ticker; i++)
                ticker.Call();
        }

        private sealed class Ticker(Action call) : ITimer
        {
            internal bool Runs { get; private set; } = true;

            internal void Call() => call();

            public bool Change(TimeSpan dueTime, TimeSpan period) => Runs = period > TimeSpan.Zero;

            public void Dispose() => Runs = false;

            public ValueTask DisposeAsync()
            {
                Dispose();
                return default;
            }
        }
    }
}
