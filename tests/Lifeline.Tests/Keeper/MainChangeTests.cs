using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Tests.Keeper;

public sealed class MainChangeTests
{
    [Fact]
    public void The_end_of_a_new_main_process_is_the_generations_and_that_of_the_former_is_none()
    {
        using KeeperHouse house = new();
        MonitorAtTest monitor = house.NextMonitor();
        Assert.True(monitor.Link.CanChangeMain);
        (LaunchedMessage launched, int child) = Fork(house, monitor, "exec sleep 1000");
        Change(monitor, child);
        Kill(launched.Pid);
        KeeperHouse.WaitGone(launched.Pid);
        Assert.True(monitor.Link.Signal("a", 1, Signals.Terminate));
        ExitedMessage exited = monitor.Expect<ExitedMessage>();
        Assert.Equal((child, Signals.Terminate), (exited.Pid, exited.Status?.Signal));
        monitor.Link.Acknowledge("a", 1);
        monitor.Launch(house.Shell("a", 2, "exit 0"));
    }

    [Fact]
    public void An_end_of_the_former_that_was_told_already_is_void()
    {
        using KeeperHouse house = new();
        MonitorAtTest monitor = house.NextMonitor();
        (LaunchedMessage launched, int child) = Fork(house, monitor, "exit 0");
        Assert.Equal(launched.Pid, monitor.Expect<ExitedMessage>().Pid);
        Change(monitor, child);
        Assert.Contains("occupied", monitor.FailToLaunch(house.Shell("a", 2, "exit 0")).Text, StringComparison.Ordinal);

        monitor.Kill();
        MonitorAtTest next = house.NextMonitor();
        Assert.Empty(next.Link.State.Exits);
        Assert.Equal(child, Assert.Single(next.Link.State.Processes).Pid);
        Kill(child);
        Assert.Equal((child, Signals.Kill), next.Expect<ExitedMessage>() is var exited ? (exited.Pid, exited.Status?.Signal ?? 0) : default);
    }

    [Fact]
    public void A_main_process_that_died_on_the_way_is_the_generations_end()
    {
        using KeeperHouse house = new();
        MonitorAtTest monitor = house.NextMonitor();
        (_, int child) = Fork(house, monitor, "exit 0");
        monitor.Expect<ExitedMessage>();
        using PidFd process = PidFd.Open(child);
        long startTime = ProcFs.TryReadStat(child)!.StartTimeTicks;
        Kill(child);
        KeeperHouse.WaitGone(child);
        monitor.Link.ChangeMain("a", 1, child, startTime, process);
        Assert.Equal(child, monitor.Expect<ExitedMessage>().Pid);
    }

    [Fact]
    public void A_generation_that_is_over_gets_no_main_process()
    {
        using KeeperHouse house = new();
        MonitorAtTest monitor = house.NextMonitor();
        (_, int child) = Fork(house, monitor, "exit 0");
        monitor.Expect<ExitedMessage>();
        monitor.Link.Acknowledge("a", 1);
        Change(monitor, child);
        monitor.Launch(house.Shell("a", 2, "exit 7"));
        Assert.Equal(7, monitor.Expect<ExitedMessage>().Status?.ExitCode);
    }

    [Fact]
    public void A_new_keeper_watches_the_new_main_process()
    {
        using KeeperHouse house = new();
        MonitorAtTest monitor = house.NextMonitor(house.NewRestarter());
        (_, int child) = Fork(house, monitor, "exec sleep 1000");
        Change(monitor, child);
        house.Signal(Signals.Kill);
        monitor.Expect<KeeperRestartedMessage>();
        Kill(child);
        Assert.Equal(child, monitor.Expect<ExitedMessage>().Pid);
    }

    private static (LaunchedMessage Launched, int Child) Fork(KeeperHouse house, MonitorAtTest monitor, string then)
    {
        string file = Path.Combine(house.Root, "child");
        LaunchedMessage launched = monitor.Launch(house.Shell("a", 1, $"sleep 1000 & echo $! >{file}.new; mv {file}.new {file}; {then}"));
        house.Track(launched.Pid);
        using EventFd never = EventFd.Create();
        long until = MonotonicClock.Nanoseconds + KeeperTiming.Nanoseconds(MonitorAtTest.Patience);
        while (!File.Exists(file))
        {
            Assert.True(MonotonicClock.Nanoseconds < until, "the service did not fork");
            Poller.IsReady(never, PollEvents.In, 10);
        }

        return (launched, house.Track(int.Parse(File.ReadAllText(file), System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static void Change(MonitorAtTest monitor, int pid)
    {
        using PidFd process = PidFd.Open(pid);
        monitor.Link.ChangeMain("a", 1, pid, ProcFs.TryReadStat(pid)!.StartTimeTicks, process);
    }

    private static void Kill(int pid)
    {
        using PidFd? process = PidFd.TryOpen(pid);
        process?.TrySignal(Signals.Kill);
    }
}
