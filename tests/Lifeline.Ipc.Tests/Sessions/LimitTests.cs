using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Sessions;

public sealed class LimitTests
{
    [Fact]
    public async Task A_foreign_user_is_refused_by_the_accept_hook_with_the_reason()
    {
        if (CurrentProcess.Uid != 0)
            Assert.Skip("only root can start a process of another user");
        var asked = new Signal<CallerIdentity>();
        await using var book = new GuestBook(o => o.Accept = who =>
        {
            asked.TrySetResult(who);
            return who.Uid == 0 ? null : $"user {who.Uid} is not welcome";
        });
        using OtherProcess foreign = OtherProcess.Start("foreign", book.Path);
        Assert.Equal(65534u, (await asked.Task.Soon()).Uid);
        Assert.Equal(3, foreign.Reap().ExitCode);
        using OtherProcess guest = OtherProcess.Start("guest", book.Path);
        Assert.Equal(guest.Pid, (await book.NextAsync()).Caller.Pid);
    }

    [Fact]
    public async Task A_foreign_user_who_is_not_refused_is_known_by_the_kernel()
    {
        if (CurrentProcess.Uid != 0)
            Assert.Skip("only root can start a process of another user");
        await using var book = new GuestBook();
        using OtherProcess foreign = OtherProcess.Start("foreign", book.Path);
        Assert.Equal(new CallerIdentity(foreign.Pid, 65534, 65534), (await book.NextAsync()).Caller);
    }

    [Fact]
    public async Task The_session_over_the_limit_is_refused_by_name_and_there_is_room_again_after_a_close()
    {
        using var folder = new TemporaryFolder();
        await using var home = new IpcEndpoint(new IpcEndpointOptions { MaxSessions = 2 });
        home.Listen(folder.File("s"), Stubs.Increment());
        await using var client = new IpcEndpoint();
        IpcSession first = await client.ConnectAsync(folder.File("s")).Soon();
        await client.ConnectAsync(folder.File("s")).Soon();
        IpcException e = await Assert.ThrowsAsync<IpcException>(() => client.ConnectAsync(folder.File("s")).Soon());
        Assert.Equal(IpcError.LimitReached, e.Error);
        Assert.Contains(nameof(IpcEndpointOptions.MaxSessions), e.Message, StringComparison.Ordinal);
        var closed = new Signal();
        home.SessionClosed += _ => closed.TrySetResult();
        first.Close("room for another");
        await closed.Task.Soon();
        Assert.Equal(2, await (await client.ConnectAsync(folder.File("s")).Soon()).Root.CallIntAsync(1, 1));
    }

    [Fact]
    public async Task Nobody_listening_is_not_found()
    {
        using var folder = new TemporaryFolder();
        await using var endpoint = new IpcEndpoint();
        Assert.Equal(IpcError.NotFound, (await Assert.ThrowsAsync<IpcException>(() => endpoint.ConnectAsync(folder.File("none")).Soon())).Error);
    }

    [Fact]
    public async Task A_stream_socket_is_a_protocol_mismatch()
    {
        using var folder = new TemporaryFolder();
        using UnixSocket listener = UnixSocket.Listen(folder.File("s"), UnixSocketType.Stream);
        await using var endpoint = new IpcEndpoint();
        Assert.Equal(IpcError.ProtocolMismatch, (await Assert.ThrowsAsync<IpcException>(() => endpoint.ConnectAsync(folder.File("s")).Soon())).Error);
    }

    [Fact]
    public void Options_outside_of_their_range_are_named()
    {
        Assert.Contains(nameof(IpcEndpointOptions.Workers), Assert.Throws<ArgumentOutOfRangeException>(() => new IpcEndpoint(new IpcEndpointOptions { Workers = 33 })).Message, StringComparison.Ordinal);
        Assert.Contains(nameof(IpcEndpointOptions.InboxBytes), Assert.Throws<ArgumentOutOfRangeException>(() => new IpcEndpoint(new IpcEndpointOptions { InboxBytes = 10 })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(15_000)]
    [InlineData(1)]
    [InlineData(-10_000)]
    [InlineData(110_000)]
    public void A_time_to_gather_that_is_no_whole_millisecond_from_0_to_10_is_refused(long ticks)
    {
        var options = new IpcEndpointOptions { GatherTime = TimeSpan.FromTicks(ticks) };
        Assert.StartsWith($"{nameof(IpcEndpointOptions.GatherTime)} must be 0 to 10 whole milliseconds", Assert.Throws<ArgumentOutOfRangeException>(() => new IpcEndpoint(options)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    public async Task A_time_to_gather_of_whole_milliseconds_is_taken(int milliseconds)
    {
        await using var endpoint = new IpcEndpoint(new IpcEndpointOptions { GatherTime = TimeSpan.FromMilliseconds(milliseconds) });
        Assert.Equal(milliseconds, endpoint.Options.GatherTime.TotalMilliseconds);
    }

    [Fact]
    public async Task A_closed_endpoint_connects_no_more()
    {
        var endpoint = new IpcEndpoint();
        await endpoint.DisposeAsync();
        await endpoint.DisposeAsync();
        using var folder = new TemporaryFolder();
        using UnixSocket listener = UnixSocket.Listen(folder.File("s"), UnixSocketType.SeqPacket);
        Assert.Equal(IpcError.DeadObject, (await Assert.ThrowsAsync<IpcException>(() => endpoint.ConnectAsync(folder.File("s")).Soon())).Error);
    }

    [Fact]
    public async Task A_few_hundred_sessions_work_and_leave_no_descriptor_behind()
    {
        using var folder = new TemporaryFolder();
        await using var home = new IpcEndpoint();
        home.Listen(folder.File("s"), Stubs.Increment());
        int before;
        await using (var warm = new IpcEndpoint())
        {
            await warm.ConnectAsync(folder.File("s")).Soon();
            before = Descriptors();
        }

        await using (var client = new IpcEndpoint())
        {
            IpcSession[] sessions = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => client.ConnectAsync(folder.File("s")))).Soon();
            await Task.WhenAll(sessions.Select(async (s, i) => Assert.Equal(i + 1, await s.Root.CallIntAsync(1, i)))).Soon();
        }

        while (home.Sessions.Count > 0)
            await Task.Yield();
        await home.Obituaries.DrainAsync().Soon();
        Assert.InRange(Descriptors(), 0, before + 600);
    }

    private static int Descriptors() => Directory.GetFiles("/proc/self/fd").Length;
}
