using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Diagnostics;

public sealed class StatisticsTests_over_memory() : StatisticsTests(TransportKind.Memory);

public sealed class StatisticsTests_over_a_socket() : StatisticsTests(TransportKind.Socket);

public sealed class StatisticsTests_over_rings() : StatisticsTests(TransportKind.Ring);

public abstract class StatisticsTests(TransportKind kind)
{
    [Fact]
    public async Task Requests_errors_and_bytes_are_counted_by_peer_interface_and_code()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((code, data, reply, _) =>
        {
            if (code == 2)
                throw new IpcException(IpcError.NotFound, "no");
            reply.WriteInt64(data.ReadInt32());
        }));
        using Parcel four = Stubs.Int(1);
        for (int i = 0; i < 3; i++)
            (await pair.Root.CallAsync(1, four).Soon()).Dispose();
        await pair.Root.FailsAsync(2, four);
        pair.Root.PostInt(70, 1);
        await pair.Root.PingAsync().Soon();

        IpcCallStatistics calls = Row(pair.Server, 1);
        Assert.Equal(Environment.ProcessId, calls.Peer!.Pid);
        Assert.Equal(pair.ServerSession.Id, calls.SessionId);
        Assert.Equal(Stubs.Descriptor, calls.Descriptor);
        Assert.Equal((3, 0, 0), (calls.Requests, calls.Errors, calls.Refused));
        Assert.Equal((3 * 60, 3 * 64), (calls.BytesIn, calls.BytesOut));
        IpcCallStatistics failed = Row(pair.Server, 2);
        Assert.Equal((1, 1, 0, 0), (failed.Requests, failed.Errors, failed.Refused, failed.BytesOut));
        Assert.Equal((1, 60, 0), (Row(pair.Server, 70).Requests, Row(pair.Server, 70).BytesIn, Row(pair.Server, 70).BytesOut));
        Assert.Equal(TimeSpan.Zero, calls.HandlerTime);
        Assert.Empty(pair.Client.GetStatistics());
    }

    [Fact]
    public async Task Nothing_is_lost_with_many_callers_at_once()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Increment());
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 200; i++)
            {
                await pair.Root.CallIntAsync(1, i);
                pair.Root.PostInt(2, i);
            }
        }))).Soon();
        await pair.Root.PingAsync().Soon();
        IpcCallStatistics calls = Row(pair.Server, 1);
        Assert.Equal((1600, 1600L * 60, 1600L * 60), (calls.Requests, calls.BytesIn, calls.BytesOut));
        Assert.Equal(1600, Row(pair.Server, 2).Requests);
    }

    [Fact]
    public async Task Handlers_are_timed_if_asked_for()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.OfAsync(async (_, _, _, _) => await Task.Yield()), server: o => o.TimeHandlers = true);
        using Parcel empty = new();
        (await pair.Root.CallAsync(1, empty).Soon()).Dispose();
        (await pair.Root.CallAsync(1, empty).Soon()).Dispose();
        await pair.Server.DisposeAsync();
        IpcCallStatistics row = Row(pair.Server, 1);
        Assert.True(row.HandlerTime > TimeSpan.Zero && row.MaxHandlerTime > TimeSpan.Zero && row.MaxHandlerTime <= row.HandlerTime);
    }

    [Fact]
    public async Task What_has_no_row_of_its_own_is_counted_in_one_for_the_session()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Increment(), server: o => o.MaxStatisticsRows = 2);
        for (uint code = 1; code <= 100; code++)
            await pair.Root.CallIntAsync(code, 1);
        IReadOnlyList<IpcCallStatistics> rows = pair.Server.GetStatistics();
        Assert.Equal([("", 0u, 98), (Stubs.Descriptor, 1u, 1), (Stubs.Descriptor, 2u, 1)], rows.Select(r => (r.Descriptor, r.Code, r.Requests)).Order());
    }

    [Fact]
    public async Task Rows_of_stubs_given_back_and_of_ended_sessions_are_summed_up_and_make_room()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(
            kind,
            Stubs.Of((_, _, reply, _) => reply.WriteStub(new DelegateStub("lifeline.tests.IShort", (_, _, _, _) => default))),
            server: o => o.MaxStatisticsRows = 3);
        using Parcel empty = new();
        for (int i = 0; i < 10; i++)
        {
            using Parcel reply = await pair.Root.CallAsync(1, empty).Soon();
            using IpcProxy shortLived = reply.ReadProxy()!;
            (await shortLived.CallAsync(5, empty).Soon()).Dispose();
        }

        await pair.Client.DisposeAsync();
        await pair.ServerSession.Closed.Soon();
        await pair.Server.Obituaries.DrainAsync().Soon();
        IReadOnlyList<IpcCallStatistics> rows = pair.Server.GetStatistics();
        Assert.All(rows, r => Assert.Null(r.Peer));
        Assert.Equal(10, rows.Where(r => r.Code is 1).Sum(r => r.Requests));
        Assert.Equal(10, rows.Where(r => r.Code is 5 or 0).Sum(r => r.Requests));
        Assert.InRange(rows.Count, 2, 4);
    }

    [Fact]
    public async Task The_default_dump_shows_them()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Increment());
        for (int i = 0; i < 7; i++)
            await pair.Root.CallIntAsync(42, i);
        string text = await pair.Root.DumpTextAsync().Soon();
        string row = text.Split('\n').Single(l => l.Contains(" 42 ", StringComparison.Ordinal));
        string[] columns = row.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([$"{Environment.ProcessId}", "42", "7"], [columns[0], columns[3], columns[4]]);
    }

    [Fact]
    public async Task What_a_peer_makes_this_process_hold_is_told()
    {
        var goOn = new Signal();
        var started = new Signal();
        IpcProxy? held = null;
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.OfAsync(async (code, data, _, _) =>
        {
            if (code == 2)
            {
                held = data.ReadProxy();
                return;
            }

            started.TrySetResult();
            await goOn.Task;
        }));
        using Parcel stub = Stubs.With(Stubs.Increment());
        (await pair.Root.CallAsync(2, stub).Soon()).Dispose();
        using Parcel large = new();
        large.WriteBuffer(new byte[10_000]);
        Task<Parcel> call = pair.Root.CallAsync(1, large).AsTask();
        await started.Task.Soon();
        IpcMemoryUse server = pair.ServerSession.GetMemoryUse();
        Assert.Equal((1, 10_056), (server.QueuedRequests, server.QueuedInBytes));
        Assert.Equal((1, 1), (server.HeldStubs, server.GivenStubs));
        Assert.Equal(kind == TransportKind.Ring, server.RingBytes > 0);
        IpcMemoryUse client = pair.ClientSession.GetMemoryUse();
        Assert.Equal((1, 1, 0L), (client.PendingCalls, client.GivenStubs, client.QueuedOutBytes));
        goOn.SetResult();
        (await call.Soon()).Dispose();
        Assert.NotNull(held);
    }

    private static IpcCallStatistics Row(IpcEndpoint endpoint, uint code) => endpoint.GetStatistics().Single(r => r.Code == code);
}
