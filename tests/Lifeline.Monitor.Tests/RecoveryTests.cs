using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests;

public sealed class RecoveryTests
{
    private static readonly MonitorConfiguration One = With(Service());

    [Fact]
    public void What_lives_is_adopted_and_nothing_is_launched()
    {
        var driver = new CoreDriver(Service()).Launched().Successor([Alive()], One, after: 50);
        Assert.Equal([EventKinds.MonitorRecovered, EventKinds.ServiceAdopted], driver.Kinds);
        Assert.False(driver.Has<Launch>());
        Assert.Equal((ServiceState.Running, 1, 4711), (driver.State(), driver.Generation(), driver.Core.Snapshot("a")!.Pid));
    }

    [Fact]
    public void A_death_nobody_saw_is_lost_and_goes_through_everything_a_death_goes_through()
    {
        var driver = new CoreDriver(Service()).Launched().Successor([], One);
        Assert.Equal("lost", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
        Assert.Null(driver.Recorded(EventKinds.ServiceDied)["detect_us"]!.Value.Value);
        driver.Reclaims();
        Assert.Equal(2, driver.Only<Launch>().Generation);
    }

    [Fact]
    public void A_kept_notice_tells_how_it_died_while_nobody_looked()
    {
        var driver = new CoreDriver(Service()).Launched();
        var exit = new InstanceReport("a", 1, InstancePresence.Exited) { Exit = new(3, null), ExitAt = CoreDriver.At(5) };
        driver = driver.Successor([exit], One, after: 20);
        Assert.Equal((3L, 15_000L), (driver.Recorded(EventKinds.ServiceDied)["exit_code"]!.Value.Value, driver.Recorded(EventKinds.ServiceDied)["detect_us"]!.Value.Value));
        Assert.True(driver.Has<AcknowledgeExit>());
    }

    [Fact]
    public void A_death_that_is_in_the_journal_is_not_told_again()
    {
        var driver = new CoreDriver(Service()).Launched().Exits(new(1, null));
        var exit = new InstanceReport("a", 1, InstancePresence.Exited) { Exit = new(1, null), ExitAt = CoreDriver.At(0) };
        driver = driver.Successor([exit], One);
        Assert.DoesNotContain(EventKinds.ServiceDied, driver.Kinds);
        Assert.True(driver.Has<AcknowledgeExit>());
        Assert.Equal(2, driver.Only<Reclaim>().Attempt);
    }

    [Fact]
    public void A_launch_on_its_way_is_waited_for_and_one_that_vanished_is_not_used_again()
    {
        var driver = new CoreDriver(Service()).Successor([new("a", 1, InstancePresence.Launching)], One);
        Assert.Equal(SlotPhase.Launching, driver.Phase());
        Assert.False(driver.Has<Launch>());
        driver = new CoreDriver(Service()).Successor([], One);
        Assert.Equal("lost", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
        driver.Reclaims();
        Assert.Equal(2, driver.Only<Launch>().Generation);
        Assert.Empty(driver.Records()[0].RestartTimes);
    }

    [Fact]
    public void Backoff_history_and_budget_go_on()
    {
        var spec = Service() with { MaxRestarts = 3 };
        var driver = new CoreDriver(spec).Launched().Dies().Launched().Dies();
        driver = driver.Successor([], With(spec), after: 30);
        Assert.Equal(ServiceState.Backoff, driver.State());
        driver.Advance(69);
        Assert.False(driver.Has<Launch>());
        driver.Advance(1).Launched().Dies().Advance(200).Launched().Dies();
        Assert.Equal(ServiceState.Failed, driver.State());
    }

    [Fact]
    public void What_an_operator_stopped_stays_stopped_when_the_monitor_died_and_starts_after_a_shutdown_or_a_reboot()
    {
        var stopped = new CoreDriver(Service()).Launched().Send(new StopOrder(1, "a")).Dies(new(0, null));
        Assert.Equal(ServiceState.Stopped, stopped.Successor([], One).State());
        var rebooted = stopped.Successor([], One, CoreDriver.Options with { BootId = "next" });
        Assert.Equal(2, rebooted.Only<Launch>().Generation);
        stopped.Send(new ShutdownRequested("down"));
        Assert.Equal(2, stopped.Successor([], One).Only<Launch>().Generation);
    }

    [Fact]
    public void After_a_reboot_everything_that_lived_is_lost_without_an_alert_and_starts_at_once()
    {
        var configuration = new MonitorConfiguration([Service() with { Restart = RestartWhen.Never }], [new AlertSpec { Name = "ops" }]);
        var driver = new CoreDriver(configuration).Launched()
            .Successor([], configuration, CoreDriver.Options with { BootId = "next" });
        Assert.Equal("lost", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
        Assert.False(driver.Has<RaiseAlert>());
        driver.Reclaims();
        Assert.Equal(2, driver.Only<Launch>().Generation);
    }

    [Fact]
    public void A_stop_under_way_is_asked_for_again()
    {
        var driver = new CoreDriver(Service()).Launched().Send(new StopOrder(1, "a")).Successor([Alive()], One, after: 9_000);
        Assert.True(driver.Has<SendSignal>());
        driver.Advance(5_000);
        Assert.True(driver.Has<KillTree>());
        driver.Dies();
        Assert.Equal(ServiceState.Stopped, driver.State());
    }

    [Fact]
    public void No_heartbeat_and_no_ready_timeout_runs_out_while_nobody_looked()
    {
        var spec = Service() with { Heartbeat = Ms(1_000), Ready = ReadyWhen.Status, ReadyTimeout = Ms(2_000) };
        var driver = new CoreDriver(spec).Launched().Successor([Alive()], With(spec), after: 60_000).Advance(4_999);
        Assert.Equal(ServiceState.Starting, driver.State());
        driver.Reports(ServiceHealth.Healthy);
        driver = driver.Successor([Alive()], With(spec), after: 60_000).Advance(999);
        Assert.Equal(ServiceState.Running, driver.State());
        driver.Advance(1);
        Assert.Contains(EventKinds.ServiceHung, driver.Kinds);
    }

    [Fact]
    public void The_same_status_after_a_recovery_is_no_event()
    {
        var driver = new CoreDriver(Service()).Launched().Reports(ServiceHealth.Healthy, "fine").Successor([Alive()], One)
            .Reports(ServiceHealth.Healthy, "fine");
        Assert.Empty(driver.Kinds);
        Assert.Equal("fine", driver.Core.Snapshot("a")!.Status!.Text);
    }

    [Fact]
    public void An_older_generation_that_lives_is_killed_and_a_newer_one_is_taken_over()
    {
        var driver = new CoreDriver(Service()).Launched().Dies().Launched();
        driver = driver.Successor([Alive(generation: 1), Alive(generation: 2, pid: 9)], One);
        Assert.Equal(1, driver.Only<KillTree>().Generation);
        Assert.Equal((2, 9), (driver.Generation(), driver.Core.View("a")!.Pid));
        driver = new CoreDriver(One, [], [Alive(generation: 7, pid: 12)]);
        Assert.Equal((7, ServiceState.Running), (driver.Generation(), driver.State()));
        Assert.False(driver.Has<Launch>());
        driver.Dies();
        Assert.Equal(8, driver.Only<Launch>().Generation);
    }

    [Fact]
    public void What_is_no_longer_configured_is_stopped_and_its_generations_are_remembered()
    {
        var driver = new CoreDriver(Service()).Launched().Successor([Alive()], With(Service("b")));
        Assert.Equal("removed", driver.Recorded(EventKinds.ServiceStopping)["cause"]!.Value.Value);
        driver.Dies(new(0, null));
        Assert.Null(driver.Core.View("a"));
        Assert.Equal(["b"], driver.Core.Services);
        driver = driver.Successor([], With(Service()));
        Assert.Equal(2, driver.Last.OfType<Launch>().Single(launch => launch.Service == "a").Generation);
    }

    [Fact]
    public void A_record_cut_down_to_its_number_is_cleaned_up_before_the_next_generation()
    {
        var driver = new CoreDriver(One, [new SlotRecord { Service = "a", BootId = "boot", Generation = 4, Wanted = true }], []);
        Assert.Equal(4, driver.Only<Reclaim>().Generation);
        driver.Reclaims();
        Assert.Equal(5, driver.Only<Launch>().Generation);
    }

    [Fact]
    public void A_new_keeper_lists_and_what_it_does_not_list_is_lost()
    {
        var driver = new CoreDriver(Service(), Service("b")).Launched().Launched("b", 12);
        driver.Send(new KeeperReplaced([Alive("b", 1, 12)]));
        Assert.Equal([EventKinds.ServiceDied, EventKinds.ServiceAdopted], driver.Kinds);
        Assert.Equal("a", driver.Only<Reclaim>().Service);
        driver.Send(new KeeperReplaced([Alive("b", 1, 12), Alive("stranger", 3, 13)]));
        Assert.Equal("stranger", driver.Only<KillTree>().Service);
    }

    [Fact]
    public void Something_of_a_generation_that_counted_as_dead_is_killed_and_the_proof_is_made_anew()
    {
        var driver = new CoreDriver(Service() with { MaxRestarts = 0 }).Launched().Dies();
        driver.Send(new KeeperReplaced([Alive()]));
        Assert.True(driver.Has<KillTree>());
        Assert.Equal(2, driver.Only<Reclaim>().Attempt);
        driver.Reclaims();
        Assert.Equal(ServiceState.Failed, driver.State());
    }

    [Fact]
    public void The_first_event_is_the_start_and_comes_once()
    {
        var core = new MonitorCore(CoreDriver.Options);
        Assert.Throws<InvalidOperationException>(() => core.Handle(Tick.Instance, 1, []));
        core.Handle(new MonitorStarted(One, [], []), 1, []);
        Assert.Throws<InvalidOperationException>(() => core.Handle(new MonitorStarted(One, [], []), 1, []));
    }
}
