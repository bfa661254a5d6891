using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Tests.Keeper;

public sealed class StopTests
{
    [Fact]
    public void A_stop_is_asked_of_the_monitor_and_the_keeper_ends_with_its_exit_code()
    {
        using KeeperHouse house = new();
        MonitorAtTest monitor = house.NextMonitor();
        monitor.Link.Ready();
        monitor.Launch(house.Shell("a", 1, "exit 0")); // the keeper has heard that it is ready

        house.Signal(Signals.Terminate);
        Assert.False(monitor.Expect<StopRequestedMessage>().Urgent);
        monitor.Link.Finish(0);
        monitor.Exit(0);

        Assert.Equal(0, house.WaitForKeeper());
        Assert.False(File.Exists(Path.Combine(house.Options.RunDirectory, "keeper.pid")));
        using FileLock? free = FileLock.TryAcquire(Path.Combine(house.Options.RunDirectory, "lock"));
        Assert.NotNull(free);
    }

    [Fact]
    public void The_second_request_kills_the_services_at_once()
    {
        using KeeperHouse house = new();
        MonitorAtTest monitor = house.NextMonitor();
        monitor.Link.Ready();
        house.Track(monitor.Launch(house.Shell("a", 1, "trap '' TERM INT; while :; do sleep 1; done")).Pid);
        house.Signal(Signals.Interrupt);
        monitor.Expect<StopRequestedMessage>(stop => !stop.Urgent);

        house.Signal(Signals.Interrupt);
        monitor.Expect<StopRequestedMessage>(stop => stop.Urgent);
        Assert.Equal(Signals.Kill, monitor.Expect<ExitedMessage>().Status?.Signal);
        monitor.Link.Finish(0);
        monitor.Exit(0);
        Assert.Equal(0, house.WaitForKeeper());
    }

    [Fact]
    public void A_monitor_started_during_a_stop_is_told_so_in_its_handover()
    {
        using KeeperHouse house = new();
        MonitorAtTest first = house.NextMonitor();
        house.Signal(Signals.Terminate);
        first.Expect<StopRequestedMessage>();
        first.Kill();

        MonitorAtTest second = house.NextMonitor();
        Assert.True(second.Link.State.StopRequested);
        second.Link.Finish(3);
        second.Exit(0);
        Assert.Equal(3, house.WaitForKeeper());
    }

    [Fact]
    public void A_stop_goes_on_under_the_next_keeper()
    {
        using KeeperHouse house = new();
        using KeeperRestarter restarter = house.NewRestarter();
        MonitorAtTest monitor = house.NextMonitor(restarter);
        house.Signal(Signals.Terminate);
        monitor.Expect<StopRequestedMessage>();

        house.Signal(Signals.Kill);
        using PidFd next = PidFd.Open(monitor.Expect<KeeperRestartedMessage>().KeeperPid);
        next.Signal(Signals.Interrupt);

        Assert.True(monitor.Expect<StopRequestedMessage>().Urgent); // it counts as the second request
    }

    [Fact]
    public void Without_a_monitor_the_keeper_stops_the_services_itself()
    {
        using KeeperHouse house = new();
        MonitorAtTest monitor = house.NextMonitor(); // never ready
        int service = house.Track(monitor.Launch(house.Shell("a", 1, "exec sleep 100")).Pid);

        house.Signal(Signals.Terminate);

        Assert.Equal(1, house.WaitForKeeper());
        KeeperHouse.WaitGone(service);
        KeeperHouse.WaitGone(monitor.Pid);
    }

    [Fact]
    public void A_hangup_asks_for_a_reload()
    {
        using KeeperHouse house = new();
        MonitorAtTest monitor = house.NextMonitor();

        house.Signal(Signals.Hangup);

        monitor.Expect<ReloadRequestedMessage>();
    }
}
