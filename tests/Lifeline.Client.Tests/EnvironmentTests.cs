using Lifeline.Contracts;

namespace Lifeline.Client.Tests;

/// <summary>The environment belongs to the whole process: its tests are in one class, one after the other. No other test relies on it.</summary>
public sealed class EnvironmentTests : IDisposable
{
    private readonly MonitorSocket _socket = new();

    public EnvironmentTests() => Set(null, null, null);

    public void Dispose()
    {
        Set(null, null, null);
        _socket.Dispose();
    }

    [Fact]
    public async Task A_process_that_Lifeline_did_not_start_reports_to_nobody_in_silence()
    {
        await using var reporter = StatusReporter.Create();
        reporter.Report(ServiceHealth.Healthy, "hello", 1, new Dictionary<string, StatusValue> { ["a"] = true });
        reporter.Ready();
        reporter.Beat();
        reporter.Claim(ClaimKind.Path, "/run/x").Dispose();
        Assert.Throws<StatusLimitException>(() => reporter.Report(ServiceHealth.Healthy, new string('x', 1025)));
        Assert.Equal((false, null, null), (reporter.IsConnected, reporter.Service, reporter.Generation));
        Assert.False(reporter.Stopping.IsCancellationRequested);
    }

    [Fact]
    public async Task The_environment_says_who_the_process_is_and_where_the_monitor_is()
    {
        await using var monitor = _socket.StartMonitor();
        Set(_socket.Path, "orders.1", "12");
        await using var reporter = StatusReporter.Create();
        var registered = await monitor.FirstRegistrationAsync();
        Assert.Equal(("orders.1", 12), (registered.Service, registered.Generation));
        Assert.Equal(("orders.1", 12), (reporter.Service, reporter.Generation));
    }

    [Fact]
    public async Task Options_come_before_the_environment_and_a_wrong_number_is_none()
    {
        Set("/nowhere", "environment", "many");
        await using var reporter = StatusReporter.Create(new StatusReporterOptions { Service = "option" });
        Assert.Equal(("option", null), (reporter.Service, reporter.Generation));
    }

    [Fact]
    public void Options_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => StatusReporter.Create(new StatusReporterOptions { InitialRetry = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(() => StatusReporter.Create(new StatusReporterOptions { MaxRetry = TimeSpan.FromMilliseconds(1) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => StatusReporter.Create(new StatusReporterOptions { Service = new string('x', 100) }));
    }

    private static void Set(string? socket, string? service, string? generation)
    {
        Environment.SetEnvironmentVariable("LIFELINE_SOCKET", socket);
        Environment.SetEnvironmentVariable("LIFELINE_SERVICE", service);
        Environment.SetEnvironmentVariable("LIFELINE_GENERATION", generation);
    }
}
