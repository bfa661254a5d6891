using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Tests.Keeper;

/// <summary>Launchers wait in control groups of their own, and the services keep them.</summary>
public sealed class SpareGroupTests : IDisposable
{
    private readonly KeeperHouse house = new();
    private readonly ControlGroupRoot root;

    public SpareGroupTests()
    {
        ControlGroupRoot? found = ControlGroupRoot.Find("lifeline-spare-" + Guid.NewGuid().ToString("N"));
        if (found is null) house.Dispose();
        Assert.SkipWhen(found is null, "no control group can be made here");
        root = found;
    }

    public void Dispose()
    {
        house.Dispose();
        root.Of(root.Path).End(MonitorAtTest.Patience);
    }

    [Fact]
    public void A_service_lives_in_the_group_of_its_launcher_and_its_end_names_it()
    {
        MonitorAtTest monitor = Monitor();

        LaunchedMessage launched = monitor.Launch(Sleeper(1));

        Assert.Equal(root.Path, Path.GetDirectoryName(launched.Group));
        Assert.Equal([launched.Pid], root.Of(launched.Group!).ListProcesses());
        Assert.True(monitor.Link.Signal("a", 1, Signals.Kill));
        Assert.Equal(launched.Group, monitor.Expect<ExitedMessage>().Group);
        Assert.NotEqual(launched.Group, monitor.Launch(Sleeper(2)).Group);
    }

    [Fact]
    public void Groups_of_version_1_are_as_good()
    {
        ControlGroupRoot? found = ControlGroupRoot.Find(Path.GetFileName(root.Path), ControlGroupVersion.V1);
        Assert.SkipWhen(found is null, "no control group of version 1 can be made here");
        MonitorAtTest monitor = house.NextMonitor();
        monitor.Link.UseGroups(1, found.Path);

        LaunchedMessage launched = monitor.Launch(Sleeper(1));

        Assert.Equal([launched.Pid], found.Of(launched.Group!).ListProcesses());
        Assert.True(found.Of(launched.Group!).End(MonitorAtTest.Patience));
        monitor.Expect<ExitedMessage>();
        monitor.Link.Finish(0);
        monitor.Exit(0);
        Assert.Equal(0, house.WaitForKeeper());
        Assert.False(Directory.Exists(found.Path));
    }

    [Fact]
    public void Launchers_that_wait_elsewhere_are_replaced()
    {
        MonitorAtTest monitor = house.NextMonitor();
        monitor.Link.UseGroups(0, "");
        Assert.Null(monitor.Launch(house.Shell("b", 1, "exit 0")).Group);
        LaunchFailedMessage failed = monitor.FailToLaunch(Sleeper(1));
        Assert.Equal(LaunchStep.ControlGroup, failed.Step);
        Assert.Contains("was not told", failed.Text, StringComparison.Ordinal);

        monitor.Link.UseGroups((int)root.Version, root.Path);

        Assert.NotNull(monitor.Launch(Sleeper(2)).Group);
    }

    [Fact]
    public void A_group_that_cannot_be_made_fails_the_launch_and_says_why()
    {
        MonitorAtTest monitor = house.NextMonitor();
        monitor.Link.UseGroups((int)root.Version, Path.Combine(root.Path, "no", "such"));

        LaunchFailedMessage failed = monitor.FailToLaunch(Sleeper(1));

        Assert.Equal((LaunchStep.ControlGroup, Errno.ENOENT), (failed.Step, failed.Error));
    }

    [Fact]
    public void The_next_monitor_is_told_all_groups()
    {
        MonitorAtTest first = Monitor();
        LaunchedMessage living = first.Launch(Sleeper(1));
        LaunchedMessage dead = first.Launch(house.Shell("b", 1, "exit 0") with { OwnGroup = true });
        first.Expect<ExitedMessage>();
        string fifo = MakePipe();
        long id = first.Link.Launch(house.Shell("c", 1, "exit 0") with { OwnGroup = true, ControlGroupJoinFiles = [fifo] });
        first.Launch(house.Shell("d", 1, "exit 0")); // the keeper has read both
        first.Kill();

        KeeperState state = house.NextMonitor().Link.State;

        Assert.Equal(living.Group, state.Processes.Single(process => process.Slot == "a").Group);
        Assert.Equal(dead.Group, state.Exits.Single(exit => exit.Slot == "b").Group);
        PendingLaunch pending = Assert.Single(state.Launches);
        Assert.Equal((id, root.Path), (pending.RequestId, Path.GetDirectoryName(pending.Group)));
        Assert.Contains(pending.Group, state.LauncherGroups);
    }

    [Fact]
    public void When_the_keeper_dies_the_groups_of_its_launchers_end_and_those_of_services_stay()
    {
        using KeeperRestarter restarter = house.NewRestarter();
        MonitorAtTest monitor = Monitor(restarter);
        LaunchedMessage living = monitor.Launch(Sleeper(1));
        string fifo = MakePipe();
        long id = monitor.Link.Launch(house.Shell("c", 1, "exit 0") with { OwnGroup = true, ControlGroupJoinFiles = [fifo] });
        LaunchedMessage brief = monitor.Launch(house.Shell("d", 1, "exit 0")); // the keeper has read both

        house.Signal(Signals.Kill);
        LaunchFailedMessage lost = monitor.Expect<LaunchFailedMessage>();
        int keeper = monitor.Expect<KeeperRestartedMessage>().KeeperPid;

        Assert.Equal((id, LaunchStep.KeeperLost, null), (lost.RequestId, lost.Step, lost.Group));
        Assert.Equal([living.Pid], root.Of(living.Group!).ListProcesses());
        string prefix = SpareGroups.PrefixOf(keeper, ProcFs.TryReadStat(keeper)!.StartTimeTicks);
        LaunchedMessage next = monitor.Launch(house.Shell("c", 2, "exec sleep 100") with { OwnGroup = true });
        house.Track(next.Pid);
        Assert.StartsWith(prefix, Path.GetFileName(next.Group), StringComparison.Ordinal);
        Assert.All(
            root.ListNames().Where(name => !name.StartsWith(prefix, StringComparison.Ordinal)).Select(root.Open),
            group => Assert.True(group.Path == living.Group || group.Path == brief.Group || !group.IsPopulated, group.Path));
    }

    [Fact]
    public void At_the_end_of_the_keeper_nothing_is_left()
    {
        MonitorAtTest monitor = Monitor();
        LaunchedMessage launched = monitor.Launch(house.Shell("a", 1, "exit 0") with { OwnGroup = true });
        monitor.Expect<ExitedMessage>();
        root.Of(launched.Group!).Remove();

        monitor.Link.Finish(0);
        monitor.Exit(0);

        Assert.Equal(0, house.WaitForKeeper());
        Assert.False(Directory.Exists(root.Path), string.Join(", ", root.ListNames()));
    }

    private MonitorAtTest Monitor(KeeperRestarter? restarter = null)
    {
        MonitorAtTest monitor = house.NextMonitor(restarter);
        monitor.Link.UseGroups((int)root.Version, root.Path);
        return monitor;
    }

    private LaunchJob Sleeper(int generation) => house.Shell("a", generation, "exec sleep 100") with { OwnGroup = true };

    private string MakePipe()
    {
        string path = Path.Combine(house.Root, "join");
        using System.Diagnostics.Process make = System.Diagnostics.Process.Start("mkfifo", [path]);
        make.WaitForExit();
        return path;
    }
}
