using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests;

public sealed class StopTests
{
    private static CoreDriver Running(ServiceSpec? spec = null) => new CoreDriver(spec ?? Service()).Launched();

    [Fact]
    public void A_stop_asks_signals_and_waits()
    {
        var driver = Running(Service() with { StopSignal = 2, StopTimeout = Ms(700) }).Send(new StopOrder(5, "a"));
        Assert.Equal(Ms(700), driver.Only<AskToStop>().Timeout);
        Assert.Equal(2, driver.Only<SendSignal>().Signal);
        Assert.Equal((5L, null), (driver.Only<AnswerOrder>().OrderId, driver.Only<AnswerOrder>().Refusal));
        Assert.Equal("operator", driver.Recorded(EventKinds.ServiceStopping)["cause"]!.Value.Value);
        Assert.Equal(ServiceState.Stopping, driver.State());
        driver.Exits(new(null, 2));
        Assert.Equal("stopped", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
        driver.Reclaims();
        Assert.Equal([EventKinds.ServiceReclaimed, EventKinds.ServiceStopped], driver.Kinds);
        Assert.Equal(ServiceState.Stopped, driver.State());
        Assert.Null(driver.Core.NextDeadline);
    }

    [Fact]
    public void A_stop_that_takes_too_long_ends_in_a_kill_of_the_whole_tree_and_is_repeated()
    {
        var driver = Running().Send(new StopOrder(1, "a")).Advance(9_999);
        Assert.False(driver.Has<KillTree>());
        driver.Advance(1);
        Assert.True(driver.Has<KillTree>());
        driver.Advance(2_000);
        Assert.Equal(2, driver.Last.OfType<KillTree>().Count());
        driver.Exits(new(null, 9)).Reclaims();
        Assert.Equal(ServiceState.Stopped, driver.State());
        Assert.Equal(DeathReason.Stopped, driver.Core.Snapshot("a")!.LastDeath!.Reason);
    }

    [Fact]
    public void An_end_before_the_stop_has_its_own_reason()
    {
        var driver = Running();
        var exitAt = driver.Nanoseconds;
        driver.Sleep(1).Send(new StopOrder(1, "a")).Send(new ProcessExited("a", 1, new(null, 11), exitAt));
        Assert.Equal("signaled", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
        driver.Reclaims();
        Assert.Equal(ServiceState.Stopped, driver.State());
    }

    [Fact]
    public void A_process_that_no_kill_ends_is_failed_and_an_alert_and_is_killed_on()
    {
        var configuration = new MonitorConfiguration([Service()], [new AlertSpec { Name = "ops" }]);
        var driver = new CoreDriver(configuration).Launched().Send(new StopOrder(1, "a")).Advance(10_000 + 10_000);
        Assert.Equal(SlotPhase.Unkillable, driver.Phase());
        Assert.Equal(ServiceState.Failed, driver.State());
        Assert.Equal(AlertRule.ReclaimFailed, driver.Only<RaiseAlert>().Rule);
        driver.Advance(60_000);
        Assert.InRange(driver.Last.OfType<KillTree>().Count(), 3, 8);
        driver.Exits(new(null, 9)).Reclaims();
        Assert.Equal(ServiceState.Stopped, driver.State());
        Assert.False(driver.Only<ResolveAlert>().Notify);
    }

    [Fact]
    public void A_process_that_may_not_be_killed_is_told_as_that_and_not_as_stuck_in_the_kernel()
    {
        var driver = new CoreDriver(new MonitorConfiguration([Service()], [new AlertSpec { Name = "ops" }])).Launched().Send(new StopOrder(1, "a"));
        driver.Advance(10_000).Send(new KillRefused("a", 1, "process 4711 (x) may not be killed by the monitor")).Advance(10_000);
        Assert.Equal(SlotPhase.Unkillable, driver.Phase());
        Assert.Contains("process 4711 (x) may not be killed by the monitor", driver.Only<RaiseAlert>().Text, StringComparison.Ordinal);
        Assert.DoesNotContain("stuck", driver.Only<RaiseAlert>().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_restart_is_a_stop_and_then_a_start_in_a_new_generation()
    {
        var driver = Running().Send(new RestartOrder(1, "a"));
        Assert.Equal("restart", driver.Recorded(EventKinds.ServiceStopping)["cause"]!.Value.Value);
        Assert.False(driver.Has<Launch>());
        driver.Exits(new(0, null));
        Assert.False(driver.Has<Launch>());
        driver.Reclaims();
        Assert.Equal(2, driver.Only<Launch>().Generation);
        driver.Launched(pid: 4712);
        Assert.Equal(0, driver.Core.Snapshot("a")!.Restarts);
        Assert.NotNull(driver.Core.Snapshot("a")!.LastDeath!.RestartUs);
    }

    [Fact]
    public void A_start_while_stopping_is_remembered_and_a_stop_after_it_too()
    {
        var driver = Running().Send(new StopOrder(1, "a")).Send(new StartOrder(2, "a"));
        Assert.False(driver.Has<Launch>());
        driver.Dies(new(0, null));
        Assert.Equal(2, driver.Only<Launch>().Generation);
        driver = Running().Send(new StopOrder(1, "a")).Send(new StartOrder(2, "a")).Send(new StopOrder(3, "a")).Dies(new(0, null));
        Assert.Equal(ServiceState.Stopped, driver.State());
    }

    [Fact]
    public void A_stop_while_launching_waits_for_the_process_and_stops_it()
    {
        var driver = new CoreDriver(Service()).Send(new StopOrder(1, "a"));
        Assert.False(driver.Has<SendSignal>());
        driver.Launched();
        Assert.True(driver.Has<SendSignal>());
        driver.Dies(new(0, null));
        Assert.Equal(ServiceState.Stopped, driver.State());
    }

    [Fact]
    public void A_stop_in_backoff_or_failed_is_done_at_once()
    {
        var driver = Running().Dies().Launched().Dies();
        Assert.Equal(ServiceState.Backoff, driver.State());
        driver.Send(new StopOrder(1, "a"));
        Assert.Equal([EventKinds.ServiceStopped], driver.Kinds);
        Assert.Null(driver.Core.NextDeadline);
        driver = Running(Service() with { MaxRestarts = 0 }).Dies().Send(new StopOrder(1, "a"));
        Assert.Equal(ServiceState.Stopped, driver.State());
    }

    [Fact]
    public void A_start_ends_backoff_and_failed_with_a_fresh_budget()
    {
        var driver = Running().Dies().Launched().Dies().Send(new StartOrder(1, "a"));
        Assert.Equal(3, driver.Only<Launch>().Generation);
        driver.Launched().Dies();
        Assert.True(driver.Has<Launch>());
        driver = Running(Service() with { MaxRestarts = 1, Backoff = new() { Initial = TimeSpan.Zero } }).Dies().Launched().Dies();
        Assert.Equal(ServiceState.Failed, driver.State());
        driver.Send(new StartOrder(1, "a")).Launched().Dies();
        Assert.True(driver.Has<Launch>());
    }

    [Fact]
    public void A_start_while_being_reclaimed_skips_the_backoff()
    {
        var driver = Running().Dies().Launched().Exits(new(1, null)).Send(new StartOrder(1, "a")).Reclaims();
        Assert.Equal(3, driver.Only<Launch>().Generation);
    }

    [Fact]
    public void A_signal_goes_to_the_living_and_changes_no_state()
    {
        var driver = Running().Send(new KillOrder(1, "a", 10));
        Assert.Equal((1, 10), (driver.Only<SendSignal>().Generation, driver.Only<SendSignal>().Signal));
        Assert.Equal(ServiceState.Running, driver.State());
        driver.Dies().Launched().Dies().Send(new KillOrder(2, "a", 10));
        Assert.Equal(OrderRefusal.NotRunning, driver.Only<AnswerOrder>().Refusal);
        Assert.False(driver.Has<SendSignal>());
    }

    [Fact]
    public void Orders_for_nobody_are_refused()
    {
        MonitorEvent[] orders = [new StartOrder(1, "x"), new StopOrder(2, "x"), new RestartOrder(3, "x"), new KillOrder(4, "x", 9)];
        var driver = Running();
        foreach (var order in orders)
            Assert.Equal(OrderRefusal.NotFound, driver.Send(order).Only<AnswerOrder>().Refusal);
    }
}
