using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Launches;

/// <summary>The monitor dies while everything is being stopped.</summary>
public class DownInterruptedTests
{
    [Fact]
    public async Task A_monitor_that_comes_up_during_down_goes_on_with_it_and_starts_nothing()
    {
        await using var daemon = new Daemon("""
            [services.quick]
            command = "echo started >> {folder}/starts; exec sleep 100000"

            [services.slow]
            command = "trap '' TERM; touch {folder}/deaf; while :; do sleep 0.1; done"
            stop = { timeout = "6s" }
            """);
        await daemon.UpAsync();
        await Eventually.TrueAsync(() => File.Exists(Path.Combine(daemon.Folder, "deaf")), "the slow service never began");
        var (keeper, monitor) = (daemon.KeeperPid, daemon.MonitorPid);
        var down = daemon.RunAsync("down");
        await daemon.ServiceAsync("quick", service => service.GetProperty("state").GetString() == "stopped", "stopped by down");
        Processes.Kill(monitor);
        await down;

        await Processes.GoneAsync(keeper);
        Assert.Empty(Processes.WithEnvironment(daemon.Folder));
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(daemon.Folder, "starts"), TestContext.Current.CancellationToken));
    }
}
