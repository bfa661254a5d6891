using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Tests.Keeper;

public sealed class BeforeStartTests : IDisposable
{
    private readonly KeeperHouse house = new();
    private readonly MonitorAtTest monitor;

    public BeforeStartTests() => monitor = house.NextMonitor();

    public void Dispose() => house.Dispose();

    private static LaunchJob With(LaunchJob job, string script, int seconds = 30) =>
        job with { BeforeStart = ["/bin/sh", "-c", script], BeforeStartTimeout = TimeSpan.FromSeconds(seconds) };

    [Fact]
    public void The_command_before_the_start_has_ended_when_the_service_begins_and_speaks_into_the_same_output()
    {
        string said = house.Run(monitor, With(house.Shell("a", 1, "echo service"), "sleep 0.1; echo before; pwd"));

        Assert.Equal($"before\n{house.Root}\nservice\n", said);
    }

    [Fact]
    public void How_long_it_took_is_told_with_the_launch_and_that_it_runs_before()
    {
        LaunchedMessage launched = monitor.Launch(With(house.Shell("a", 1, "exit 0"), "sleep 0.2"));

        PreparingMessage preparing = monitor.Expect<PreparingMessage>();
        Assert.Equal(("a", 1), (preparing.Slot, preparing.Generation));
        Assert.True(launched.PreparedNanoseconds >= 200_000_000, $"{launched.PreparedNanoseconds} ns");
    }

    [Fact]
    public void If_it_fails_the_service_is_not_executed_and_the_exit_code_is_told()
    {
        string marker = Path.Combine(house.Root, "ran");

        LaunchFailedMessage failed = monitor.FailToLaunch(With(house.Shell("a", 1, $"touch {marker}"), "exit 9"));

        Assert.Equal(LaunchStep.BeforeStart, failed.Step);
        Assert.Contains("before_start", failed.Text, StringComparison.Ordinal);
        Assert.Contains("exit code 9", failed.Text, StringComparison.Ordinal);
        Assert.False(File.Exists(marker));
    }

    [Fact]
    public void If_it_takes_too_long_it_is_killed()
    {
        LaunchFailedMessage failed = monitor.FailToLaunch(With(house.Shell("a", 1, "exit 0"), "echo $$ > pid; exec sleep 100", seconds: 1));

        Assert.Equal(LaunchStep.BeforeStartTimeout, failed.Step);
        Assert.Contains("ready_timeout", failed.Text, StringComparison.Ordinal);
        KeeperHouse.WaitGone(int.Parse(File.ReadAllText(Path.Combine(house.Root, "pid"))));
    }

    [Fact]
    public void A_command_that_does_not_exist_is_named()
    {
        LaunchFailedMessage failed = monitor.FailToLaunch(
            house.Shell("a", 1, "exit 0") with { BeforeStart = ["no-such-command"], BeforeStartTimeout = TimeSpan.FromSeconds(9) });

        Assert.Equal(LaunchStep.BeforeStart, failed.Step);
        Assert.Contains("no-such-command", failed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void It_has_the_identity_of_the_service()
    {
        Assert.SkipWhen(CurrentProcess.Uid != 0, "only root can become somebody else");
        LaunchJob job = house.Shell("a", 1, "id -u") with { Identity = new LaunchIdentity(65534, 65534, [65534]), WorkingDirectory = "/" };

        Assert.Equal("65534\n65534\n", house.Run(monitor, With(job, "id -u")));
    }

    [Fact]
    public void The_next_monitor_hears_of_a_launch_whose_command_runs_and_no_second_one_is_accepted()
    {
        string go = Path.Combine(house.Root, "go"), runs = Path.Combine(house.Root, "runs");
        monitor.Link.Launch(With(house.Shell("a", 1, "exec sleep 100"), $"echo $$ >> {runs}; while [ ! -e {go} ]; do sleep 0.02; done"));
        monitor.Expect<PreparingMessage>();

        monitor.Kill();
        MonitorAtTest next = house.NextMonitor();

        Assert.Equal(("a", 1), (next.Link.State.Launches.Single().Slot, next.Link.State.Launches.Single().Generation));
        Assert.Contains("occupied", next.FailToLaunch(house.Shell("a", 2, "exit 0")).Text, StringComparison.Ordinal);
        File.WriteAllText(go, "");
        house.Track(next.Expect<LaunchedMessage>().Pid);
        Assert.Single(File.ReadAllLines(runs));
    }
}
