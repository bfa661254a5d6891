using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

public class HangTests
{
    [Fact]
    public async Task A_monitor_that_gives_no_sign_of_life_is_replaced_and_the_services_stay()
    {
        await using var daemon = new Daemon("""
            [services.a]
            command = ["sleep", "1000"]
            """);
        await daemon.UpAsync();
        var service = await daemon.RunningAsync("a");
        var monitor = daemon.MonitorPid;
        Processes.Kill(monitor, Processes.Stop);
        await Eventually.TrueAsync(() => daemon.MonitorPid is var pid && pid != 0 && pid != monitor, "The frozen monitor was not replaced.", TimeSpan.FromSeconds(120));
        Assert.Equal(service.Pid(), (await daemon.RunningAsync("a")).Pid());
    }

    [Fact]
    public async Task A_terminated_keeper_stops_everything_in_order()
    {
        await using var daemon = new Daemon("""
            [services.a]
            command = ["sh", "-c", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done"]
            """);
        await daemon.UpAsync();
        var service = await daemon.RunningAsync("a");
        int keeper = daemon.KeeperPid, monitor = daemon.MonitorPid;
        Processes.Kill(keeper, Processes.Term);
        foreach (var pid in new[] { keeper, monitor, service.Pid() })
            await Processes.GoneAsync(pid);
    }
}
