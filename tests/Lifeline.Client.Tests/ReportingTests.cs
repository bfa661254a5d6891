using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Client.Tests;

public sealed class ReportingTests : IDisposable
{
    private readonly MonitorSocket _socket = new();

    public void Dispose() => _socket.Dispose();

    [Fact]
    public async Task A_report_reaches_the_monitor_with_all_it_says()
    {
        await using var monitor = _socket.StartMonitor();
        await using var reporter = _socket.StartReporter();
        var registered = await monitor.FirstRegistrationAsync();
        reporter.Report(ServiceHealth.Degraded, "queue 3", 7, new Dictionary<string, StatusValue> { ["queue"] = 3 }, ready: true);
        await monitor.UntilTextAsync("queue 3");
        var status = registered.Read()!;
        Assert.Equal((ServiceHealth.Degraded, 7, true, 1), (status.Health, status.Code, status.Ready, status.Sequence));
        Assert.Equal(3, status.Fields["queue"].AsInteger());
        Assert.InRange(status.AtNanoseconds, 1, MonotonicClock.Nanoseconds);
        Assert.Equal(("orders", 3, Environment.ProcessId), (registered.Service, registered.Generation, registered.Pid));
    }

    [Fact]
    public async Task The_slot_is_sealed_against_shrinking()
    {
        await using var monitor = _socket.StartMonitor();
        await using var reporter = _socket.StartReporter();
        var registered = await monitor.FirstRegistrationAsync();
        Assert.True(registered.Seals.HasFlag(MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.Seal));
    }

    [Fact]
    public async Task What_was_reported_before_the_monitor_came_is_there_when_it_comes()
    {
        await using var reporter = _socket.StartReporter();
        reporter.Report(ServiceHealth.Healthy, "early");
        Assert.False(reporter.IsConnected);
        await using var monitor = _socket.StartMonitor();
        await monitor.UntilTextAsync("early");
    }

    [Fact]
    public async Task A_monitor_that_accepts_nobody_holds_nothing_up()
    {
        _socket.Listen();
        await using (var reporter = _socket.StartReporter())
        {
            for (var index = 0; index < 1000; index++)
                reporter.Report(ServiceHealth.Healthy, "status", index);
            reporter.Beat();
            reporter.Claim(ClaimKind.Path, "/tmp/x").Dispose();
            Assert.False(reporter.IsConnected);
        }
    }

    [Fact]
    public async Task Readiness_once_said_goes_along_with_each_report()
    {
        await using var monitor = _socket.StartMonitor();
        await using var reporter = _socket.StartReporter();
        var registered = await monitor.FirstRegistrationAsync();
        reporter.Report(ServiceHealth.Healthy, "starting", ready: false);
        reporter.Report(ServiceHealth.Healthy, "still starting");
        Assert.False(registered.Read()!.Ready);
        reporter.Ready();
        Assert.Equal(("still starting", true), (registered.Read()!.Text, registered.Read()!.Ready));
        reporter.Report(ServiceHealth.Unhealthy, "later");
        Assert.True(registered.Read()!.Ready);
    }

    [Fact]
    public async Task Ready_alone_says_healthy()
    {
        await using var monitor = _socket.StartMonitor();
        await using var reporter = _socket.StartReporter();
        var registered = await monitor.FirstRegistrationAsync();
        reporter.Ready();
        Assert.Equal((ServiceHealth.Healthy, true), (registered.Read()!.Health, registered.Read()!.Ready));
    }

    [Fact]
    public async Task A_status_beyond_the_limits_is_refused_and_the_one_before_stays()
    {
        await using var monitor = _socket.StartMonitor();
        await using var reporter = _socket.StartReporter();
        var registered = await monitor.FirstRegistrationAsync();
        reporter.Report(ServiceHealth.Healthy, "good");
        var error = Assert.Throws<StatusLimitException>(() => reporter.Report(ServiceHealth.Healthy, new string('x', 1025)));
        Assert.Equal((1025, StatusLimits.MaxTextBytes), (error.Actual, error.Limit));
        Assert.Throws<ArgumentOutOfRangeException>(() => reporter.Report((ServiceHealth)9));
        Assert.Equal("good", registered.Read()!.Text);
    }

    [Fact]
    public async Task Reports_of_many_threads_all_count_and_the_last_one_stays()
    {
        await using var monitor = _socket.StartMonitor();
        await using var reporter = _socket.StartReporter();
        var registered = await monitor.FirstRegistrationAsync();
        await Parallel.ForAsync(0, 8, (thread, _) =>
        {
            for (var index = 0; index < 5000; index++)
                reporter.Report(ServiceHealth.Healthy, "many", thread);
            return ValueTask.CompletedTask;
        });
        reporter.Report(ServiceHealth.Healthy, "last");
        await monitor.UntilTextAsync("last");
        Assert.Equal(40_001, registered.Read()!.Sequence);
    }

    [Fact]
    public async Task A_report_without_fields_allocates_nothing()
    {
        await using var monitor = _socket.StartMonitor();
        await using var reporter = _socket.StartReporter();
        await monitor.FirstRegistrationAsync();
        // The runtime itself allocates now and then while it warms up: one round without anything is the proof.
        var least = long.MaxValue;
        for (var round = 0; round < 20 && least != 0; round++)
            least = Math.Min(least, AllocatedBy(reporter, 1000));
        Assert.Equal(0, least);
    }

    [Fact]
    public async Task A_million_reports_do_not_grow_the_memory()
    {
        await using var monitor = _socket.StartMonitor();
        await using var reporter = _socket.StartReporter();
        await monitor.FirstRegistrationAsync();
        AllocatedBy(reporter, 50_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        AllocatedBy(reporter, 1_000_000);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 8 << 20);
        reporter.Report(ServiceHealth.Healthy, "done");
        await monitor.UntilTextAsync("done");
    }

    [Fact]
    public async Task After_its_end_a_reporter_does_nothing_and_throws_nothing()
    {
        await using var monitor = _socket.StartMonitor();
        var reporter = _socket.StartReporter();
        reporter.Report(ServiceHealth.Healthy, "last words");
        await monitor.UntilTextAsync("last words");
        var registered = monitor.Registrations[0];
        await reporter.DisposeAsync();
        await reporter.DisposeAsync();
        reporter.Report(ServiceHealth.Unhealthy, "ghost");
        reporter.Ready();
        reporter.Beat();
        await monitor.Changed.UntilAsync(() => registered.Death is not null);
        Assert.Equal("last words", registered.Read()!.Text);
        Assert.False(reporter.IsConnected);
    }

    private static long AllocatedBy(StatusReporter reporter, int reports)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var index = 0; index < reports; index++)
            reporter.Report(ServiceHealth.Healthy, "queue 3", index);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
