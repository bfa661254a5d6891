using Lifeline.Ipc;
using Lifeline.Linux;

namespace Lifeline.Contracts.Tests;

/// <summary>Each call, from its proxy to its stub and back, between two endpoints.</summary>
public sealed class CallTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly IpcEndpoint _client = new();
    private readonly IpcEndpoint _server = new();
    private readonly RecordingMonitor _monitor = new();
    private ServiceMonitorProxy _reporter = null!;
    private MonitorAdminProxy _admin = null!;

    public ValueTask InitializeAsync()
    {
        var (session, _) = IpcEndpoint.ConnectInMemory(_client, _server, _monitor);
        _reporter = new ServiceMonitorProxy(session.Root);
        _admin = new MonitorAdminProxy(session.Root);
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_registration_hands_over_the_stub_and_the_slot()
    {
        _monitor.Registration = new RegistrationResult("orders", 3, TimeSpan.FromSeconds(10));
        var stub = new StopListener();
        using var slot = MemoryFile.Create("slot", StatusSlot.Size);
        Assert.Equal(_monitor.Registration, await _reporter.RegisterAsync("orders", 3, stub, slot));
        using var request = await _monitor.Registered.Task.WaitAsync(Deadline);
        Assert.Equal(slot.Stat().Inode, request.StatusSlot!.Stat().Inode);
        new MonitoredServiceProxy(request.Reporter).StopRequested(TimeSpan.FromSeconds(7));
        Assert.Equal(TimeSpan.FromSeconds(7), await stub.Asked.Task.WaitAsync(Deadline));
        Assert.Equal(["register orders 3 True"], _monitor.Calls);
    }

    [Fact]
    public async Task A_registration_may_know_nothing_and_have_no_slot()
    {
        Assert.Equal(new RegistrationResult(null, 0, null), await _reporter.RegisterAsync(null, null, new StopListener(), null));
        Assert.Equal(["register   False"], _monitor.Calls);
        (await _monitor.Registered.Task).Dispose();
    }

    [Fact]
    public async Task Reporter_calls_arrive_in_order()
    {
        _reporter.Doorbell();
        _reporter.Beat();
        _reporter.Doorbell();
        await _monitor.WaitForCallsAsync(3);
        await _reporter.ClaimAsync(ClaimKind.Path, "/run/x");
        await _reporter.UnclaimAsync(ClaimKind.SysVShm, "17");
        await _reporter.ReportAsync(new StatusReport { Text = "full" }, "orders", 2);
        Assert.Equal(
            ["doorbell True", "beat True", "doorbell True", "claim Path /run/x", "unclaim SysVShm 17", "report full orders 2 from True"],
            _monitor.Calls);
    }

    [Fact]
    public async Task Orders_arrive_with_their_names()
    {
        await _admin.StartAsync(["a", "b"]);
        await _admin.StopAsync([]);
        await _admin.RestartAsync(["a"]);
        await _admin.KillAsync("a", 15);
        await _admin.DownAsync();
        Assert.Equal(["start a,b", "stop ", "restart a", "kill a 15", "down"], _monitor.Calls);
    }

    [Fact]
    public async Task Status_comes_in_as_many_pages_as_it_takes()
    {
        _monitor.Snapshots =
        [
            .. Enumerable.Range(0, 2000).Select(index =>
                new ServiceSnapshot { Name = $"service-{index}", State = ServiceState.Running, Health = ServiceHealth.Healthy }),
        ];
        var read = await _admin.StatusAsync(["x"]);
        Assert.Equal(ContractsJson.Serialize(_monitor.Snapshots), ContractsJson.Serialize(read));
        Assert.InRange(_monitor.Calls.Count, 2, 20);
        Assert.All(_monitor.Calls, call => Assert.Equal("status x", call));
    }

    [Fact]
    public async Task A_page_of_the_status_is_made_of_what_is_given_for_it_and_not_of_all()
    {
        _monitor.PageLength = 3;
        _monitor.Snapshots = [.. Enumerable.Range(0, 7).Select(index => new ServiceSnapshot { Name = $"s{index}", State = ServiceState.Stopped, Health = ServiceHealth.Unknown })];
        Assert.Equal(["s0", "s1", "s2", "s3", "s4", "s5", "s6"], (await _admin.StatusAsync()).Select(service => service.Name));
        Assert.Equal(3, _monitor.Calls.Count);
    }

    [Fact]
    public async Task A_list_comes_in_as_many_pages_as_it_takes_with_all_that_it_tells()
    {
        _monitor.Outlines =
        [
            new() { Name = "db", State = ServiceState.Running, Health = ServiceHealth.Degraded, Pid = 4711, Generation = 3 },
            new() { Name = "web.1", State = ServiceState.Waiting, Health = ServiceHealth.Unknown, DependsOn = ["db", "cache"], IsRelated = true },
            .. Enumerable.Range(0, 9998).Select(index => new ServiceOutline { Name = $"service-{index}", State = ServiceState.Stopped, Health = ServiceHealth.Unknown }),
        ];
        var read = await _admin.ListAsync(["a*", "b"], ServiceRelations.Dependencies | ServiceRelations.Dependents);

        Assert.Equal(_monitor.Outlines[0], read[0]);
        Assert.Equal(["db", "cache"], read[1].DependsOn);
        Assert.Equal(_monitor.Outlines[1], read[1] with { DependsOn = _monitor.Outlines[1].DependsOn });
        Assert.Equal(_monitor.Outlines.Skip(2), read.Skip(2));
        Assert.InRange(_monitor.Calls.Count, 10, 20);
        Assert.Equal("list a*,b Dependencies, Dependents 0", _monitor.Calls[0]);
        Assert.StartsWith("list a*,b Dependencies, Dependents ", _monitor.Calls[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_is_bounded_by_the_parcel_and_an_empty_page_ends_it()
    {
        var names = Enumerable.Range(0, 64).Select(index => new string('n', CallLimits.MaxNameBytes - 2) + index).ToArray();
        _monitor.Outlines = [.. names.Select(name => new ServiceOutline { Name = name, State = ServiceState.Running, Health = ServiceHealth.Unknown, DependsOn = names })];
        Assert.Equal(64, (await _admin.ListAsync()).Count);
        Assert.InRange(_monitor.Calls.Count, 2, 10);
        _monitor.PageLength = 0;
        Assert.Empty(await _admin.ListAsync());
        var error = await Assert.ThrowsAsync<IpcException>(() => _admin.ListAsync([.. Enumerable.Repeat("x", CallLimits.MaxNames + 1)]));
        Assert.Equal(IpcError.CheckParam, error.Error);
    }

    [Fact]
    public async Task Relations_of_a_later_version_are_left_out()
    {
        await _admin.ListAsync(["a"], (ServiceRelations)0x7ff);
        Assert.Equal(["list a Dependencies, Dependents 0"], _monitor.Calls);
    }

    [Fact]
    public async Task Events_logs_reload_and_info_are_answered()
    {
        _monitor.Events = new EventPage([new ServiceEvent { Id = 5, At = DateTimeOffset.UnixEpoch, Kind = EventKinds.MonitorStarted }], 5);
        _monitor.Logs = new LogChunk("next", [new LogLine(LogStream.StandardError, DateTimeOffset.UnixEpoch, "text")]);
        _monitor.Reload = new ReloadResult(false, ["a changes"], ["b is wrong"]);
        var page = await _admin.EventsAsync(new EventQuery { AfterId = 4, Limit = 10 });
        Assert.Equal((_monitor.Events.Events[0], 5), (Assert.Single(page.Events), page.LastId));
        var chunk = await _admin.LogsAsync(new LogQuery { Service = "a", Cursor = "here", Lines = 3 });
        Assert.Equal((_monitor.Logs.Lines[0], "next"), (Assert.Single(chunk.Lines), chunk.Cursor));
        var reload = await _admin.ReloadAsync(dryRun: true);
        Assert.Equal(["b is wrong"], reload.Errors);
        Assert.Equal(_monitor.Info, await _admin.InfoAsync());
        Assert.Equal(["events 4 10", "logs a here 3", "reload True", "info"], _monitor.Calls);
    }

    [Fact]
    public async Task A_refusal_reaches_the_caller_with_its_error_and_words()
    {
        _monitor.Refusal = new IpcException(IpcError.NotFound, "There is no service \"x\"; did you mean \"y\"?");
        var error = await Assert.ThrowsAsync<IpcException>(() => _admin.StartAsync(["x"]));
        Assert.Equal(IpcError.NotFound, error.Error);
        Assert.Contains("did you mean", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_lines_beyond_the_limit_of_the_query_are_an_error_of_the_monitor()
    {
        var line = new LogLine(LogStream.StandardOutput, DateTimeOffset.UnixEpoch, new string('x', 60_000));
        _monitor.Logs = new LogChunk("c", [line, line]);
        var error = await Assert.ThrowsAsync<IpcException>(() => _admin.LogsAsync(new LogQuery { Service = "a" }));
        Assert.Equal(IpcError.TooLarge, error.Error);
    }

    [Fact]
    public async Task A_request_with_another_token_or_an_unknown_code_is_refused()
    {
        using var foreign = new Parcel();
        foreign.WriteInterfaceToken("somebody.else");
        var error = await Assert.ThrowsAnyAsync<IpcException>(async () => await _admin.Proxy.CallAsync(ServiceMonitorCodes.Info, foreign));
        Assert.Equal(IpcError.InterfaceMismatch, error.Error);
        foreach (var code in new uint[] { 31, 99 })
        {
            using var unknown = MonitorCall.NewRequest();
            error = await Assert.ThrowsAnyAsync<IpcException>(async () => await _admin.Proxy.CallAsync(code, unknown));
            Assert.Equal(IpcError.CodeOutOfRange, error.Error);
        }

        Assert.Empty(_monitor.Calls);
    }

    private sealed class StopListener : MonitoredServiceStub
    {
        public TaskCompletionSource<TimeSpan> Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override ValueTask OnStopRequestedAsync(TimeSpan timeout, CallContext context)
        {
            Asked.TrySetResult(timeout);
            return default;
        }
    }
}
