using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Tests.Keeper;

public sealed class KeeperDeathTests
{
    [Fact]
    public void When_the_keeper_is_killed_the_link_starts_another_that_knows_everything()
    {
        using KeeperHouse house = new();
        using KeeperRestarter restarter = house.NewRestarter();
        MonitorAtTest monitor = house.NextMonitor(restarter);
        using Descriptor file = Descriptor.Open(Path.Combine(house.Root, "kept"), OpenFlags.ReadWrite | OpenFlags.Create);
        monitor.Link.Put("kept", file);
        LaunchedMessage launched = monitor.Launch(house.Shell("a", 4, "trap 'exit 42' TERM; while :; do sleep 0.05; done"));
        house.Track(launched.Pid);

        house.Signal(Signals.Kill);
        monitor.Expect<KeeperLostMessage>();
        int keeper = monitor.Expect<KeeperRestartedMessage>().KeeperPid;

        Assert.NotEqual(house.Keeper.Id, keeper);
        Assert.True(KeeperHouse.IsAlive(launched.Pid));
        LaunchFailedMessage occupied = monitor.FailToLaunch(house.Shell("a", 5, "exit 0"));
        Assert.Contains("occupied", occupied.Text, StringComparison.Ordinal);
        Assert.True(monitor.Link.Signal("a", 4, Signals.Terminate));
        ExitedMessage exited = monitor.Expect<ExitedMessage>();
        Assert.Equal((launched.Pid, 4), (exited.Pid, exited.Generation));
        if (exited.Status is not null) Assert.Equal(42, exited.Status.Value.ExitCode); // null: this kernel keeps no exits
        Assert.NotEmpty(house.Run(monitor, house.Job("b", 1, "cat", "/proc/self/status")));
        Assert.Equal(keeper, int.Parse(File.ReadAllText(Path.Combine(house.Options.RunDirectory, "keeper.pid"))));
    }

    [Fact]
    public void A_second_death_of_the_keeper_is_survived_too_and_exits_not_acknowledged_stay()
    {
        using KeeperHouse house = new();
        using KeeperRestarter restarter = house.NewRestarter();
        MonitorAtTest monitor = house.NextMonitor(restarter);
        house.Track(monitor.Launch(house.Shell("a", 1, "exec sleep 100")).Pid);
        house.Signal(Signals.Kill);
        int second = monitor.Expect<KeeperRestartedMessage>().KeeperPid;
        monitor.Launch(house.Shell("b", 1, "exit 3"));
        monitor.Expect<ExitedMessage>();
        using (PidFd keeper = PidFd.Open(second)) keeper.Signal(Signals.Kill);
        monitor.Expect<KeeperRestartedMessage>();

        LaunchFailedMessage used = monitor.FailToLaunch(house.Shell("b", 1, "exit 0"));
        Assert.Contains("was used already", used.Text, StringComparison.Ordinal);
        Assert.Equal(3, monitor.Launch(house.Shell("b", 2, "exit 0")) is { } launched ? launched.Generation + 1 : 0);
    }

    [Fact]
    public void A_launch_that_the_keeper_could_not_finish_fails_and_its_launcher_is_dead()
    {
        using KeeperHouse house = new();
        using KeeperRestarter restarter = house.NewRestarter();
        MonitorAtTest monitor = house.NextMonitor(restarter);
        string marker = Path.Combine(house.Root, "started"), join = Path.Combine(house.Root, "join");
        using (System.Diagnostics.Process make = System.Diagnostics.Process.Start("mkfifo", [join])) make.WaitForExit();
        long id = monitor.Link.Launch(house.Shell("a", 1, $"touch {marker}") with { ControlGroupJoinFiles = [join] });
        monitor.Launch(house.Shell("b", 1, "exit 0")); // the keeper has read both

        house.Signal(Signals.Kill);
        LaunchFailedMessage failed = monitor.Expect<LaunchFailedMessage>();
        monitor.Expect<KeeperRestartedMessage>();

        Assert.Equal((id, LaunchStep.KeeperLost), (failed.RequestId, failed.Step));
        using (Descriptor reader = Descriptor.Open(join, OpenFlags.Read | OpenFlags.NonBlocking)) { }
        monitor.Launch(house.Shell("a", 2, "exit 0"));
        Assert.False(File.Exists(marker));
    }

    [Fact]
    public void A_launch_ordered_while_the_keeper_is_being_replaced_is_carried_out_by_the_next()
    {
        using KeeperHouse house = new();
        using KeeperRestarter restarter = house.NewRestarter();
        MonitorAtTest monitor = house.NextMonitor(restarter);
        monitor.Launch(house.Shell("a", 1, "exit 0"));
        monitor.Expect<ExitedMessage>();
        house.Signal(Signals.Kill);
        monitor.Expect<KeeperLostMessage>();
        Assert.Equal(2, monitor.Launch(house.Shell("a", 2, "exit 0")).Generation);
        monitor.Expect<ExitedMessage>(exited => exited.Generation == 2);
        Assert.Contains("was used already", monitor.FailToLaunch(house.Shell("a", 2, "exit 0")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_lock_is_held_while_keeper_or_monitor_live()
    {
        using KeeperHouse house = new();
        MonitorAtTest monitor = house.NextMonitor();
        using (System.Diagnostics.Process second = house.StartKeeper())
        {
            string text = second.StandardError.ReadToEnd();
            second.WaitForExit();
            Assert.Equal(1, second.ExitCode);
            Assert.Contains($"already running (keeper {house.Keeper.Id}", text, StringComparison.Ordinal);
        }

        house.Signal(Signals.Kill);
        house.WaitForKeeper();
        Assert.Null(FileLock.TryAcquire(Path.Combine(house.Options.RunDirectory, "lock"))); // the monitor holds it
        monitor.Kill();
        KeeperHouse.WaitGone(monitor.Pid);
        long until = MonotonicClock.Nanoseconds + KeeperTiming.Nanoseconds(MonitorAtTest.Patience);
        FileLock? taken;
        do taken = FileLock.TryAcquire(Path.Combine(house.Options.RunDirectory, "lock"));
        while (taken is null && MonotonicClock.Nanoseconds < until); // launchers see the end of their sockets
        Assert.NotNull(taken);
        taken.Dispose();
    }

    [Fact]
    public void After_both_died_a_new_pair_adopts_a_living_process()
    {
        using KeeperHouse house = new();
        MonitorAtTest first = house.NextMonitor();
        LaunchedMessage launched = first.Launch(house.Shell("a", 6, "exec sleep 100"));
        house.Track(launched.Pid);
        house.Signal(Signals.Kill);
        house.WaitForKeeper();
        first.Kill();
        KeeperHouse.WaitGone(first.Pid);
        using System.Diagnostics.Process keeper = house.StartKeeper();
        MonitorAtTest second = house.NextMonitor();
        Assert.Empty(second.Link.State.Processes);

        using PidFd pidFd = PidFd.Open(launched.Pid);
        KeeperProcess process = new("a", 6, launched.Pid, launched.StartTime, launched.ExecAtNanoseconds);
        long id = second.Link.Adopt(process, pidFd);
        long again = second.Link.Adopt(process, pidFd);

        Assert.Equal(id, second.Expect<AdoptedMessage>().RequestId);
        Assert.Equal(again, second.Expect<LaunchFailedMessage>().RequestId);
        Assert.True(second.Link.Signal("a", 6, Signals.Terminate));
        ExitedMessage exited = second.Expect<ExitedMessage>();
        Assert.Equal(("a", 6, launched.Pid), (exited.Slot, exited.Generation, exited.Pid));
        if (exited.Status is not null) Assert.Equal(Signals.Terminate, exited.Status.Value.Signal);
        second.Link.Finish(0);
        second.Exit(0);
        keeper.WaitForExit();
    }
}
