using System.Globalization;
using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Linux;
using Lifeline.Supervision;

namespace Lifeline.Tests.Supervision;

/// <summary>What a dead generation leaves behind of sessions and names. The peer of each session is this very process.</summary>
public sealed class SessionRemainsTests : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly string Self = CurrentProcess.Id.ToString(CultureInfo.InvariantCulture);
    private static readonly ReclaimStep OneSession = new(ReclaimKind.Session, Self, ReclaimOutcome.Removed);

    private readonly IpcEndpoint _monitor = new(new IpcEndpointOptions { Name = "monitor" });
    private readonly IpcEndpoint _service = new(new IpcEndpointOptions { Name = "service" });
    private readonly IpcRegistry _registry = new();
    private readonly CallerResolver _callers = new(ControlGroups.None);
    private readonly SessionRemains _remains;
    private readonly SemaphoreSlim _opened = new(0);
    private readonly SemaphoreSlim _closed = new(0);

    public SessionRemainsTests()
    {
        _remains = new SessionRemains(_monitor, _registry, _callers);

        // Called after the remains', in this order.
        _monitor.SessionOpened += _ => _opened.Release();
        _monitor.SessionClosed += _ => _closed.Release();
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _monitor.DisposeAsync();
        _opened.Dispose();
        _closed.Dispose();
    }

    [Fact]
    public async Task The_sessions_of_a_dead_generation_are_ended_and_told_once()
    {
        _callers.Add(CurrentProcess.Id, "a", 1);
        var first = await ConnectAsync();
        _callers.Add(CurrentProcess.Id, "a", 2);
        var second = await ConnectAsync();

        Assert.Equal([OneSession], _remains.Reclaim("a", 1));
        await first.Closed.WaitAsync(Deadline);
        Assert.False(second.IsClosed);
        Assert.Empty(_remains.Reclaim("a", 1));
        Assert.Empty(_remains.Reclaim("a", 3));
        Assert.Equal([OneSession], _remains.Reclaim("a", 2));
        await second.Closed.WaitAsync(Deadline);
    }

    [Fact]
    public async Task The_last_session_of_a_main_process_is_told_though_it_ended_before_the_process_did()
    {
        _callers.Add(CurrentProcess.Id, "a", 1);
        await EndAsync(await ConnectAsync());
        Assert.Equal([OneSession], _remains.Reclaim("a", 1));
    }

    [Fact]
    public async Task Of_a_main_process_that_connected_again_and_again_one_session_is_told()
    {
        _callers.Add(CurrentProcess.Id, "a", 1);
        for (var time = 0; time < 3; time++)
            await EndAsync(await ConnectAsync());
        Assert.Equal([OneSession], _remains.Reclaim("a", 1));
    }

    [Fact]
    public async Task A_session_that_a_child_of_the_main_process_has_ended_is_nothing_to_reclaim()
    {
        _callers.Add(CurrentProcess.ParentId, "a", 1);
        var stays = await ConnectAsync();
        await EndAsync(await ConnectAsync());
        Assert.Equal([OneSession], _remains.Reclaim("a", 1));
        await stays.Closed.WaitAsync(Deadline);
    }

    [Fact]
    public async Task A_stranger_s_session_belongs_to_no_generation()
    {
        var session = await ConnectAsync();
        Assert.Empty(_remains.Reclaim("a", 1));
        Assert.False(session.IsClosed);
    }

    [Fact]
    public async Task No_more_sessions_of_a_generation_are_remembered_than_the_limit_says()
    {
        _callers.Add(CurrentProcess.Id, "a", 1);
        for (var number = 0; number <= SessionRemains.MaxSessions; number++)
            await ConnectAsync();
        Assert.Equal(SessionRemains.MaxSessions, _remains.Reclaim("a", 1).Count);
    }

    [Fact]
    public async Task Names_go_with_the_session_of_the_one_that_added_them()
    {
        _callers.Add(CurrentProcess.Id, "a", 1);
        var session = await ConnectAsync();
        var stub = new QuietStub();
        await new RegistryClient(session.Root!).AddAsync("example.name", stub);
        Assert.Equal([new ReclaimStep(ReclaimKind.Name, "example.name", ReclaimOutcome.Removed), OneSession], _remains.Reclaim("a", 1));
        Assert.Empty(_registry.Names);
    }

    [Fact]
    public async Task Names_that_were_freed_by_the_end_of_the_session_are_told_too()
    {
        _callers.Add(CurrentProcess.Id, "a", 1);
        var session = await ConnectAsync();
        var stub = new QuietStub();
        await new RegistryClient(session.Root!).AddAsync("example.name", stub);
        await EndAsync(session);
        Assert.Empty(_registry.Names);
        Assert.Equal([new ReclaimStep(ReclaimKind.Name, "example.name", ReclaimOutcome.Removed), OneSession], _remains.Reclaim("a", 1));
        Assert.Empty(_remains.Reclaim("a", 1));
    }

    [Fact]
    public void Sessions_and_names_are_told_after_the_processes_and_before_the_rest()
    {
        ReclaimStep process = new(ReclaimKind.Process, "7", ReclaimOutcome.Killed);
        ReclaimStep path = new(ReclaimKind.Path, "/tmp/x", ReclaimOutcome.Removed);
        Assert.Equal([process, process, OneSession, path], SessionRemains.Insert([process, process, path], [OneSession]));
        Assert.Equal([OneSession, path], SessionRemains.Insert([path], [OneSession]));
        Assert.Equal([process, path], SessionRemains.Insert([process, path], []));
    }

    private async Task<IpcSession> ConnectAsync()
    {
        var (session, _) = IpcEndpoint.ConnectInMemory(_service, _monitor, _registry);
        Assert.True(await _opened.WaitAsync(Deadline));
        return session;
    }

    private async Task EndAsync(IpcSession session)
    {
        session.Close("over");
        Assert.True(await _closed.WaitAsync(Deadline));
    }

    private sealed class QuietStub() : IpcStub("example.IQuiet")
    {
        protected override ValueTask OnRequestAsync(uint code, Parcel data, Parcel reply, CallContext context) => ValueTask.CompletedTask;
    }
}
