using Lifeline.Contracts;

namespace Lifeline.Client.Tests;

public sealed class HeartbeatTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(60);

    private readonly MonitorSocket _socket = new();

    public void Dispose() => _socket.Dispose();

    [Fact]
    public async Task Beats_go_out_by_themselves_where_the_monitor_wants_them()
    {
        await using var monitor = _socket.StartMonitor(Interval);
        await using var reporter = _socket.StartReporter();
        await monitor.Changed.UntilAsync(() => monitor.Beats >= 4);
    }

    [Fact]
    public async Task A_program_that_says_it_is_not_alive_sends_no_beat()
    {
        await using var monitor = _socket.StartMonitor(Interval);
        var asked = new Signal();
        var questions = 0;
        var isAlive = false;
        await using var reporter = _socket.StartReporter(options => options.LivenessCheck = _ =>
        {
            Interlocked.Increment(ref questions);
            asked.Raise();
            return new(Volatile.Read(ref isAlive));
        });
        await asked.UntilAsync(() => Volatile.Read(ref questions) >= 5);
        Assert.Equal(0, monitor.Beats);
        Volatile.Write(ref isAlive, true);
        await monitor.Changed.UntilAsync(() => monitor.Beats >= 1);
    }

    [Fact]
    public async Task A_check_that_throws_means_not_alive_and_is_asked_again()
    {
        await using var monitor = _socket.StartMonitor(Interval);
        var questions = 0;
        await using var reporter = _socket.StartReporter(options => options.LivenessCheck = _ =>
            Interlocked.Increment(ref questions) < 3 ? throw new InvalidOperationException("broken") : new(true));
        await monitor.Changed.UntilAsync(() => monitor.Beats >= 1);
        Assert.True(questions >= 3);
    }

    [Fact]
    public async Task A_check_that_never_returns_stops_the_beats_but_not_the_next_registration()
    {
        var never = new TaskCompletionSource<bool>();
        var asked = new Signal();
        var questions = 0;
        var first = _socket.StartMonitor(Interval);
        await using var reporter = _socket.StartReporter(options => options.LivenessCheck = _ =>
        {
            Interlocked.Increment(ref questions);
            asked.Raise();
            return new(never.Task);
        });
        await asked.UntilAsync(() => Volatile.Read(ref questions) == 1);
        await first.DisposeAsync();
        await using var next = _socket.StartMonitor(Interval);
        await next.FirstRegistrationAsync();
        reporter.Report(ServiceHealth.Healthy, "here");
        await next.UntilTextAsync("here");
        Assert.Equal((1, 0), (Volatile.Read(ref questions), next.Beats));
        never.SetResult(true);
        await next.Changed.UntilAsync(() => next.Beats >= 1);
    }

    [Fact]
    public async Task Beats_by_hand_go_out_alone_when_automatic_ones_are_off()
    {
        await using var monitor = _socket.StartMonitor(Interval);
        await using var reporter = _socket.StartReporter(options => options.AutomaticBeats = false);
        var connected = new Signal();
        reporter.ConnectionChanged += _ => connected.Raise();
        await connected.UntilAsync(() => reporter.IsConnected);
        reporter.Report(ServiceHealth.Healthy, "no beat yet");
        await monitor.UntilTextAsync("no beat yet");
        Assert.Equal(0, monitor.Beats);
        reporter.Beat();
        await monitor.Changed.UntilAsync(() => monitor.Beats == 1);
    }

    [Fact]
    public async Task No_beat_goes_out_where_the_monitor_wants_none()
    {
        await using var monitor = _socket.StartMonitor();
        var questions = 0;
        await using var reporter = _socket.StartReporter(options => options.LivenessCheck = _ =>
        {
            Interlocked.Increment(ref questions);
            return new(true);
        });
        reporter.Report(ServiceHealth.Healthy, "here");
        await monitor.UntilTextAsync("here");
        Assert.Equal((0, 0), (questions, monitor.Beats));
    }
}
