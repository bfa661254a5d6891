using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Calls;

public sealed class CallTests_over_memory() : CallTests(TransportKind.Memory);

public sealed class CallTests_over_a_socket() : CallTests(TransportKind.Socket);

public sealed class CallTests_over_rings() : CallTests(TransportKind.Ring);

public abstract class CallTests(TransportKind kind)
{
    [Fact]
    public async Task A_call_gets_its_reply()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Increment());
        Assert.Equal(42, await pair.Root.CallIntAsync(1, 41));
        Assert.Equal(43, pair.Root.CallInt(1, 42));
    }

    [Fact]
    public async Task Caller_and_session_are_known_to_the_handler()
    {
        CallContext? seen = null;
        CallContext? current = null;
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((_, _, _, context) => (seen, current) = (context, CallContext.Current)));
        using Parcel data = Stubs.Int(1);
        (await pair.Root.CallAsync(1, data).Soon()).Dispose();
        Assert.Equal(new CallerIdentity(CurrentProcess.Id, CurrentProcess.Uid, CurrentProcess.Gid), seen!.Caller);
        Assert.Same(pair.ServerSession, seen.Session);
        Assert.Same(seen, current);
        Assert.False(seen.IsOneWay);
        Assert.Null(CallContext.Current);
    }

    [Fact]
    public async Task The_largest_parcel_goes_both_ways()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((_, data, reply, _) => reply.WriteBuffer(data.ReadBuffer(Parcel.MaxDataSize))));
        byte[] bytes = new byte[Parcel.MaxDataSize];
        Random.Shared.NextBytes(bytes);
        using var data = new Parcel();
        data.WriteBuffer(bytes);
        for (int i = 0; i < 20; i++)
        {
            using Parcel reply = await pair.Root.CallAsync(1, data).Soon();
            Assert.True(reply.ReadBuffer(bytes.Length).SequenceEqual(bytes));
        }
    }

    [Fact]
    public async Task The_largest_object_table_goes_through()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((_, data, reply, _) => reply.WriteInt32(data.DataSize)));
        DelegateStub stub = Stubs.Increment();
        using var data = new Parcel();
        for (int i = 0; i < Parcel.MaxObjects; i++)
            data.WriteStub(stub);
        data.WriteBuffer(new byte[Parcel.MaxDataSize - data.DataSize]);
        using Parcel reply = await pair.Root.CallAsync(1, data).Soon();
        Assert.Equal(Parcel.MaxDataSize, reply.ReadInt32());
    }

    [Fact]
    public async Task Many_calls_at_once_find_their_own_replies()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.OfAsync(async (_, data, reply, _) =>
        {
            int value = data.ReadInt32();
            await Task.Yield();
            reply.WriteInt32(-value);
        }));
        await Task.WhenAll(Enumerable.Range(0, 500).Select(async i => Assert.Equal(-i, await pair.Root.CallIntAsync(1, i)))).Soon();
    }

    [Theory]
    [InlineData(IpcError.NotFound)]
    [InlineData(IpcError.CodeOutOfRange)]
    [InlineData((IpcError)1_909_000)]
    [InlineData((IpcError)1_909_999)]
    public async Task What_a_handler_answers_reaches_the_caller_with_its_message(IpcError error)
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((_, _, reply, _) =>
        {
            reply.WriteInt32(1);
            throw new IpcException(error, "no tea");
        }));
        using Parcel data = Stubs.Int(1);
        IpcException e = await pair.Root.FailsAsync(1, data);
        Assert.Equal(error, e.Error);
        Assert.Equal("no tea", e.Message);
    }

    [Theory]
    [InlineData(1_908_999)]
    [InlineData(1_910_000)]
    [InlineData(0)]
    [InlineData(-5)]
    public async Task Numbers_that_are_not_the_handlers_become_invalid_user_code(int number)
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((_, _, _, _) => throw new IpcException((IpcError)number, "mine")));
        using Parcel data = Stubs.Int(1);
        Assert.Equal(IpcError.InvalidUserCode, (await pair.Root.FailsAsync(1, data)).Error);
    }

    [Fact]
    public async Task A_handler_that_fails_otherwise_is_a_handler_error()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((_, _, _, _) => throw new InvalidOperationException("broken")));
        using Parcel data = Stubs.Int(1);
        IpcException e = await pair.Root.FailsAsync(1, data);
        Assert.Equal(IpcError.Handler, e.Error);
        Assert.Contains("broken", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(0x0100_0000u)]
    [InlineData(0x5F50_4E47u)]
    public async Task Codes_outside_of_the_range_are_refused(uint code)
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Increment());
        using Parcel data = Stubs.Int(1);
        Assert.Equal(IpcError.CodeOutOfRange, (await pair.Root.FailsAsync(code, data)).Error);
    }

    [Fact]
    public async Task The_descriptor_can_be_asked_for_and_a_ping_is_answered()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Increment());
        Assert.Equal(Stubs.Descriptor, await pair.Root.GetDescriptorAsync().Soon());
        await pair.Root.PingAsync().Soon();
    }

    [Fact]
    public async Task Without_a_root_there_is_a_clear_error()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, null);
        Assert.Equal(IpcError.NotFound, Assert.Throws<IpcException>(() => pair.ClientSession.Root).Error);
    }

    [Fact]
    public async Task Descriptors_arrive_as_descriptors_of_the_receiver()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((_, data, reply, _) =>
        {
            using Descriptor received = data.ReadDescriptor();
            reply.WriteDescriptor(received);
        }));
        (Descriptor read, Descriptor write) = Pipe.Create();
        using (read)
        using (write)
        using (var data = new Parcel())
        {
            data.WriteDescriptor(read);
            using Parcel reply = await pair.Root.CallAsync(1, data).Soon();
            using Descriptor back = reply.ReadDescriptor();
            Assert.NotEqual(read.Number, back.Number);
            Assert.Equal(read.Stat().Inode, back.Stat().Inode);
        }
    }

    [Fact]
    public async Task Data_may_be_sent_again()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Increment());
        using Parcel data = Stubs.Int(7);
        for (int i = 0; i < 3; i++)
        {
            using Parcel reply = await pair.Root.CallAsync(1, data).Soon();
            Assert.Equal(8, reply.ReadInt32());
            Assert.True(reply.IsReadOnly);
        }
    }

    [Fact]
    public async Task A_timeout_releases_the_caller_and_tells_the_handler()
    {
        var cancelled = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.OfAsync(async (_, _, _, context) =>
        {
            context.Cancelled.Register(cancelled.SetResult);
            await cancelled.Task;
        }));
        using Parcel data = Stubs.Int(1);
        IpcException e = await pair.Root.FailsAsync(1, data, TimeSpan.FromMilliseconds(20));
        Assert.Equal(IpcError.Timeout, e.Error);
        await cancelled.Task.Soon();
    }

    [Fact]
    public async Task A_blocking_call_times_out_too()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.OfAsync(async (_, _, _, context) => await Task.Delay(-1, context.Cancelled)));
        using Parcel data = Stubs.Int(1);
        IpcException e = Assert.Throws<IpcException>(() => pair.Root.Call(1, data, TimeSpan.FromMilliseconds(20)));
        Assert.Equal(IpcError.Timeout, e.Error);
        Assert.Contains(nameof(IpcEndpointOptions.CallTimeout), e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_releases_the_caller_at_once_and_a_late_reply_is_dropped_and_counted()
    {
        var started = new Signal();
        var goOn = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.OfAsync(async (code, _, _, context) =>
        {
            if (code != 1)
                return;
            started.SetResult();
            await goOn.Task;
        }));
        using Parcel data = Stubs.Int(1);
        using var cancellation = new CancellationTokenSource();
        Task<Parcel> call = pair.Root.CallAsync(1, data, null, cancellation.Token).AsTask();
        await started.Task.Soon();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Soon());
        goOn.SetResult();
        // The late reply comes before the reply to a later call of the same kind.
        while (pair.Client.LateReplies == 0)
            (await pair.Root.CallAsync(2, data).Soon()).Dispose();
        Assert.Equal(1, pair.Client.LateReplies);
    }

    [Fact]
    public async Task More_calls_than_may_be_pending_are_refused()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(
            kind,
            Stubs.OfAsync(async (_, _, _, context) => await Task.Delay(-1, context.Cancelled)),
            client: o => o.MaxPendingCalls = 2);
        using Parcel data = Stubs.Int(1);
        using var cancellation = new CancellationTokenSource();
        Task<Parcel>[] calls = [pair.Root.CallAsync(1, data, null, cancellation.Token).AsTask(), pair.Root.CallAsync(1, data, null, cancellation.Token).AsTask()];
        IpcException e = await pair.Root.FailsAsync(1, data);
        Assert.Equal(IpcError.LimitReached, e.Error);
        Assert.Contains(nameof(IpcEndpointOptions.MaxPendingCalls), e.Message, StringComparison.Ordinal);
        await cancellation.CancelAsync();
        foreach (Task<Parcel> call in calls)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Soon());
    }
}
