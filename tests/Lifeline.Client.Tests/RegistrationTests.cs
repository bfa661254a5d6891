using Lifeline.Contracts;
using Lifeline.Ipc;

namespace Lifeline.Client.Tests;

public sealed class RegistrationTests : IDisposable
{
    private readonly MonitorSocket _socket = new();

    public void Dispose() => _socket.Dispose();

    [Fact]
    public async Task When_a_new_monitor_comes_it_learns_everything_again()
    {
        var first = _socket.StartMonitor();
        await using var reporter = _socket.StartReporter();
        var changes = new List<bool>();
        var changed = new Signal();
        reporter.ConnectionChanged += isConnected =>
        {
            lock (changes)
                changes.Add(isConnected);
            changed.Raise();
        };
        using var claim = reporter.Claim(ClaimKind.Path, "/run/orders.sock");
        reporter.Report(ServiceHealth.Healthy, "first");
        await first.UntilTextAsync("first");
        await first.Changed.UntilAsync(() => first.Claims.Count == 1);
        await first.DisposeAsync();
        await changed.UntilAsync(() => !reporter.IsConnected);
        reporter.Report(ServiceHealth.Degraded, "alone");
        using var second = reporter.Claim(ClaimKind.SysVShm, "17");

        await using var next = _socket.StartMonitor();
        await next.UntilTextAsync("alone");
        await next.Changed.UntilAsync(() => next.Claims.Count == 2);
        Assert.Equal(["+path /run/orders.sock", "+sysv_shm 17"], next.Claims.Order());
        await changed.UntilAsync(() =>
        {
            lock (changes)
                return changes is [true, false, true] or [false, true];
        });
        Assert.True(reporter.IsConnected);
        Assert.Equal("orders", next.Registrations[0].Service);
    }

    [Fact]
    public async Task A_monitor_behind_a_registry_is_found_by_its_name()
    {
        await using var monitor = _socket.StartMonitor(registry: new IpcRegistry());
        await using var reporter = _socket.StartReporter();
        reporter.Report(ServiceHealth.Healthy, "by name");
        await monitor.UntilTextAsync("by name");
    }

    [Fact]
    public async Task Somebody_else_at_the_path_is_no_monitor_and_the_reporter_waits_for_one()
    {
        await using var reporter = _socket.StartReporter();
        await using (var stranger = new IpcEndpoint())
        {
            var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            stranger.SessionClosed += _ => asked.TrySetResult();
            stranger.Listen(_socket.Share(), new DelegateStub("a.stranger", (_, _, _, _) => throw new IpcException(IpcError.NotFound, "No.")));
            await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
            Assert.False(reporter.IsConnected);
        }

        reporter.Report(ServiceHealth.Healthy, "found");
        await using var monitor = _socket.StartMonitor();
        await monitor.UntilTextAsync("found");
    }

    [Fact]
    public async Task Many_monitors_in_a_row_each_see_the_last_status()
    {
        await using var reporter = _socket.StartReporter();
        for (var life = 0; life < 5; life++)
        {
            reporter.Report(ServiceHealth.Healthy, $"life {life}");
            await using var monitor = _socket.StartMonitor();
            await monitor.UntilTextAsync($"life {life}");
        }
    }

    [Fact]
    public async Task Claims_and_their_ends_arrive_in_order_and_once()
    {
        await using var monitor = _socket.StartMonitor();
        await using var reporter = _socket.StartReporter();
        await monitor.FirstRegistrationAsync();
        var first = reporter.Claim(ClaimKind.Path, "/run/a");
        var again = reporter.Claim(ClaimKind.Path, "/run/a");
        await monitor.Changed.UntilAsync(() => monitor.Claims.Count == 1);
        first.Dispose();
        first.Dispose();
        reporter.Claim(ClaimKind.Path, "/run/b").Dispose();
        again.Dispose();
        reporter.Claim(ClaimKind.Path, "/run/end");
        int Count(string claim) => monitor.Claims.Count(made => made == claim);
        await monitor.Changed.UntilAsync(() => Count("+path /run/end") == 1 && Count("-path /run/a") == 1 && Count("+path /run/b") == Count("-path /run/b"));
        Assert.Equal(1, Count("+path /run/a"));
    }

    [Fact]
    public async Task A_claim_that_ended_while_no_monitor_was_there_is_given_up_at_the_next_one()
    {
        var first = _socket.StartMonitor();
        await using var reporter = _socket.StartReporter();
        var ended = reporter.Claim(ClaimKind.Path, "/run/ended");
        reporter.Claim(ClaimKind.Path, "/run/kept");
        await first.Changed.UntilAsync(() => first.Claims.Count == 2);
        await first.DisposeAsync();
        ended.Dispose();
        await using var next = _socket.StartMonitor();
        await next.Changed.UntilAsync(() => next.Claims.Count == 2);
        Assert.Equal(["+path /run/kept", "-path /run/ended"], next.Claims.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_refused_claim_does_not_stop_the_others()
    {
        await using var monitor = _socket.StartMonitor();
        monitor.RefusedClaim = "/etc/passwd";
        await using var reporter = _socket.StartReporter();
        using var refused = reporter.Claim(ClaimKind.Path, "/etc/passwd");
        using var good = reporter.Claim(ClaimKind.Path, "/run/good");
        await monitor.Changed.UntilAsync(() => monitor.Claims.Contains("+path /run/good"));
        reporter.Report(ServiceHealth.Healthy, "on");
        await monitor.UntilTextAsync("on");
    }

    [Fact]
    public async Task A_claim_that_cannot_be_is_refused_at_once()
    {
        await using var reporter = _socket.StartReporter();
        Assert.Contains("absolute", Assert.Throws<ArgumentException>(() => reporter.Claim(ClaimKind.Path, "relative")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => reporter.Claim(ClaimKind.SysVMsg, "x"));
        for (var index = 0; index < ClaimSet.MaxClaims; index++)
            reporter.Claim(ClaimKind.SysVSem, $"{index}");
        reporter.Claim(ClaimKind.SysVSem, "0");
        var error = Assert.Throws<InvalidOperationException>(() => reporter.Claim(ClaimKind.SysVSem, "999999"));
        Assert.Contains($"{ClaimSet.MaxClaims}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_to_stop_cancels_the_token_even_if_a_handler_fails()
    {
        await using var monitor = _socket.StartMonitor();
        await using var reporter = _socket.StartReporter();
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        reporter.StopRequested += _ => throw new InvalidOperationException("A handler that fails.");
        await using var registration = reporter.Stopping.Register(cancelled.SetResult);
        (await monitor.FirstRegistrationAsync()).Proxy.StopRequested(TimeSpan.FromSeconds(9));
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
        reporter.Report(ServiceHealth.Healthy, "stopping");
        await monitor.UntilTextAsync("stopping");
    }

    [Fact]
    public async Task The_event_of_a_stop_request_tells_the_time_left()
    {
        await using var monitor = _socket.StartMonitor();
        await using var reporter = _socket.StartReporter();
        var asked = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        reporter.StopRequested += timeout => asked.TrySetResult(timeout);
        (await monitor.FirstRegistrationAsync()).Proxy.StopRequested(TimeSpan.FromSeconds(9));
        Assert.Equal(TimeSpan.FromSeconds(9), await asked.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }
}
