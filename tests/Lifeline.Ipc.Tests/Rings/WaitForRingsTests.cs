using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Rings;

/// <summary>PostAsync waits for room in the rings themselves: nothing gathers in the queue.</summary>
public sealed class WaitForRingsTests
{
    [Theory]
    [InlineData(4096, 1024)]
    [InlineData(256 << 10, 16)]
    public async Task Waiting_for_room_or_for_credit_queues_nothing_and_keeps_the_order(int ringBytes, int window)
    {
        var go = new Signal();
        var handled = new List<int>();
        var all = new Signal();
        const int more = 500;
        int expected = int.MaxValue;
        await using IpcPair pair = await OpenAsync(ringBytes, window, async value =>
        {
            await go.Task;
            handled.Add(value);
            if (handled.Count == Volatile.Read(ref expected))
                all.SetResult();
        });
        using Parcel data = new();
        int posted = 0;
        ValueTask waiting = Next();
        while (waiting.IsCompletedSuccessfully)
            waiting = Next();
        Assert.Equal(0, pair.ClientSession.GetMemoryUse().QueuedOutBytes);
        Volatile.Write(ref expected, posted + more);
        go.SetResult();
        await waiting.AsTask().Soon();
        for (int i = 0; i < more; i++)
            await Next().AsTask().Soon();
        await all.Task.Soon();
        Assert.Equal(Enumerable.Range(0, posted), handled);

        ValueTask Next()
        {
            data.Reset();
            data.WriteInt32(posted++);
            return pair.Root.PostAsync(1, data, Deadline.Limit);
        }
    }

    [Fact]
    public async Task When_the_time_is_over_the_queue_takes_the_call()
    {
        var go = new Signal();
        int handled = 0;
        await using IpcPair pair = await OpenAsync(4096, 16, async _ =>
        {
            await go.Task;
            Interlocked.Increment(ref handled);
        });
        using Parcel data = Stubs.Int(1);
        for (int i = 0; i < 100; i++)
            await pair.Root.PostAsync(1, data, TimeSpan.FromMilliseconds(1)).AsTask().Soon();
        Assert.True(pair.ClientSession.GetMemoryUse().QueuedOutBytes > 0);
        go.SetResult();
        while (Volatile.Read(ref handled) < 100)
            await Task.Yield();
    }

    [Fact]
    public async Task The_end_of_the_session_ends_the_wait()
    {
        var go = new Signal();
        await using IpcPair pair = await OpenAsync(4096, 16, async _ => await go.Task);
        using Parcel data = Stubs.Int(1);
        ValueTask waiting = pair.Root.PostAsync(1, data, Deadline.Limit);
        while (waiting.IsCompletedSuccessfully)
            waiting = pair.Root.PostAsync(1, data, Deadline.Limit);
        pair.ServerSession.Close("enough");
        IpcException e = await Assert.ThrowsAsync<IpcException>(() => waiting.AsTask().Soon());
        Assert.Equal(IpcError.DeadObject, e.Error);
        go.SetResult();
    }

    private static Task<IpcPair> OpenAsync(int ringBytes, int window, Func<int, ValueTask> handle) => IpcPair.OpenAsync(
        TransportKind.Ring,
        Stubs.OfAsync((_, data, _, _) => handle(data.ReadInt32())),
        client: o => o.RingBytes = ringBytes,
        server: o => o.InboxMessages = window);
}
