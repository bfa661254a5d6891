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
            command = "trap '' TERM; touch {folder}/deaf; while [ ! -e {folder}/enough ]; do sleep 0.1; done"
            stop = { timeout = "10m" }
            """);
        await daemon.UpAsync();
        await Eventually.TrueAsync(() => File.Exists(Path.Combine(daemon.Folder, "deaf")), "the slow service never began");
        var (keeper, monitor) = (daemon.KeeperPid, daemon.MonitorPid);
        var down = daemon.RunAsync("down");
        await daemon.ServiceAsync("quick", service => service.State() == "stopped", "stopped by down");
        Processes.Kill(monitor);
        await Processes.GoneAsync(monitor);

        // The next monitor's word, since the last one is gone.
        await daemon.ServiceAsync("slow", service => service.State() == "stopping", "still being stopped");
        File.WriteAllText(Path.Combine(daemon.Folder, "enough"), "");
        await down;

        await Processes.GoneAsync(keeper);
        Assert.Empty(Processes.WithEnvironment(daemon.Folder));
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(daemon.Folder, "starts"), TestContext.Current.CancellationToken));
    }
}
