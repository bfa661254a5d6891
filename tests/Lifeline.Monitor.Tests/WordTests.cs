using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests;

/// <summary>What a service says of its own life: reloads, ends, time, heartbeats, main processes.</summary>
public sealed class WordTests
{
    private static readonly ServiceSpec Watched = Service() with { Heartbeat = Ms(1_000) };
    private static readonly ServiceSpec Slow = Service() with { Ready = ReadyWhen.Status, ReadyTimeout = Ms(1_000) };

    [Fact]
    public void A_reload_shows_as_the_text_of_the_status_and_is_over_when_it_is_ready_again()
    {
        var driver = new CoreDriver(Service()).Launched().Reports(ServiceHealth.Healthy);
        var before = driver.Core.Snapshot("a")!.Status!.Text;
        driver.Advance(2_000).Send(new ReloadTold("a", 1));
        Assert.Contains(EventKinds.ServiceReloading, driver.Kinds);
        Assert.Equal("reloading", driver.Core.Snapshot("a")!.Status!.Text);
        driver.Send(new ReloadTold("a", 1));
        Assert.DoesNotContain(EventKinds.ServiceReloading, driver.Kinds);
        driver.Sleep(7).Send(new ReadyTold("a", 1));
        Assert.Equal(7_000L, driver.Recorded(EventKinds.ServiceReloaded)["took_us"]!.Value.Value);
        Assert.Equal(before, driver.Core.Snapshot("a")!.Status!.Text);
        Assert.Equal(ServiceHealth.Healthy, driver.Core.Snapshot("a")!.Health);
        driver.Send(new ReadyTold("a", 1));
        Assert.DoesNotContain(EventKinds.ServiceReloaded, driver.Kinds);
    }

    [Fact]
    public void A_text_that_it_sets_while_it_reloads_stays()
    {
        var driver = new CoreDriver(Service()).Launched().Send(new ReloadTold("a", 1));
        driver.Send(new StatusChanged("a", 1, new StatusReport { Text = "new rules", Sequence = 2, AtNanoseconds = driver.Nanoseconds }));
        driver.Send(new ReadyTold("a", 1));
        Assert.Equal("new rules", driver.Core.Snapshot("a")!.Status!.Text);
    }

    [Fact]
    public void A_reload_before_it_is_ready_is_part_of_its_start()
    {
        var driver = new CoreDriver(Slow).Launched().Send(new ReloadTold("a", 1));
        Assert.Empty(driver.Last);
        driver.Send(new ReadyTold("a", 1));
        Assert.Equal(ServiceState.Running, driver.State());
        Assert.DoesNotContain(EventKinds.ServiceReloaded, driver.Kinds);
    }

    [Fact]
    public void Reloads_without_end_do_not_fill_the_journal()
    {
        var driver = new CoreDriver(Service()).Launched();
        var events = 0;
        for (var i = 0; i < 1_000; i++)
        {
            events += driver.Send(new ReloadTold("a", 1)).Kinds.Count(kind => kind.StartsWith("service.reload", StringComparison.Ordinal));
            events += driver.Send(new ReadyTold("a", 1)).Kinds.Count(kind => kind.StartsWith("service.reload", StringComparison.Ordinal));
        }

        Assert.Equal(20, events);
    }

    [Fact]
    public void An_end_by_itself_is_awaited_and_goes_through_the_restart_policy()
    {
        var driver = new CoreDriver(Watched).Launched().Send(new QuitTold("a", 1));
        Assert.Equal("itself", driver.Recorded(EventKinds.ServiceStopping)["cause"]!.Value.Value);
        Assert.Equal(ServiceState.Stopping, driver.State());
        Assert.False(driver.Has<SendSignal>());
        driver.Advance(9_000);
        Assert.Empty(driver.Last);
        driver.Dies(new(0, null));
        Assert.Equal(ServiceState.Starting, driver.State());
        Assert.Equal(DeathReason.Exited, driver.Core.Snapshot("a")!.LastDeath!.Reason);
    }

    [Fact]
    public void One_that_says_it_ends_and_does_not_is_hung()
    {
        var driver = new CoreDriver(Service()).Launched().Send(new QuitTold("a", 1)).Advance(10_000);
        Assert.True(driver.Has<KillTree>());
        driver.Dies(new(null, 9));
        Assert.Equal(DeathReason.Hung, driver.Core.Snapshot("a")!.LastDeath!.Reason);
        Assert.Equal(ServiceState.Starting, driver.State());
    }

    [Fact]
    public void A_stop_that_comes_while_it_ends_by_itself_is_a_stop()
    {
        var driver = new CoreDriver(Service()).Launched().Send(new QuitTold("a", 1)).Send(new StopOrder(1, "a"));
        Assert.True(driver.Has<SendSignal>());
        driver.Dies(new(0, null));
        Assert.Equal(DeathReason.Stopped, driver.Core.Snapshot("a")!.LastDeath!.Reason);
        Assert.Equal(ServiceState.Stopped, driver.State());
        Assert.True(driver.Has<DropKept>());
    }

    [Fact]
    public void Its_own_word_that_it_is_hung_counts_at_once_and_without_a_heartbeat()
    {
        var driver = new CoreDriver(Service()).Launched().Advance(50).Send(new TroubleTold("a", 1));
        var hung = driver.Recorded(EventKinds.ServiceHung);
        Assert.Equal((50L, true), (hung["silent_ms"]!.Value.Value, hung["told"]!.Value.Value));
        Assert.True(driver.Has<SendSignal>());
        driver.Dies(new(null, 6));
        Assert.Equal(DeathReason.Hung, driver.Core.Snapshot("a")!.LastDeath!.Reason);
    }

    [Fact]
    public void More_time_moves_the_deadline_of_the_start_and_of_the_stop()
    {
        var driver = new CoreDriver(Slow).Launched().Advance(900).Send(new MoreTimeAsked("a", 1, Ms(5_000))).Advance(4_999);
        Assert.Equal(ServiceState.Starting, driver.State());
        driver.Send(new MoreTimeAsked("a", 1, Ms(500))).Advance(500);
        Assert.True(driver.Has<KillTree>());
        driver = new CoreDriver(Service()).Launched().Send(new StopOrder(1, "a")).Advance(9_900).Send(new MoreTimeAsked("a", 1, Ms(5_000))).Advance(4_999);
        Assert.False(driver.Has<KillTree>());
        Assert.True(driver.Advance(1).Has<KillTree>());
    }

    [Fact]
    public void More_time_never_takes_time_away_and_is_an_hour_at_most()
    {
        var driver = new CoreDriver(Slow).Launched().Send(new MoreTimeAsked("a", 1, Ms(1))).Advance(999);
        Assert.Equal(ServiceState.Starting, driver.State());
        driver.Send(new MoreTimeAsked("a", 1, TimeSpan.MaxValue)).Advance(3_599_999);
        Assert.Equal(ServiceState.Starting, driver.State());
        Assert.True(driver.Advance(1).Has<KillTree>());
    }

    [Fact]
    public void More_time_holds_the_heartbeat_too_until_the_next_beat()
    {
        var driver = new CoreDriver(Watched).Launched().Send(new MoreTimeAsked("a", 1, Ms(5_000))).Advance(4_900);
        Assert.Equal(ServiceState.Running, driver.State());
        driver.Beats().Advance(999);
        Assert.Equal(ServiceState.Running, driver.State());
        Assert.True(driver.Advance(1).Has<Diagnose>());
    }

    [Fact]
    public void It_may_set_its_own_heartbeat_within_bounds()
    {
        var driver = new CoreDriver(Watched).Launched().Send(new HeartbeatTold("a", 1, Ms(3_000)));
        Assert.Equal(3_000L, driver.Recorded(EventKinds.ServiceHeartbeat)["heartbeat_ms"]!.Value.Value);
        Assert.False(driver.Advance(2_999).Has<Diagnose>());
        Assert.True(driver.Advance(1).Has<Diagnose>());
        driver = new CoreDriver(Service()).Launched().Send(new HeartbeatTold("a", 1, TimeSpan.FromMicroseconds(1)));
        Assert.Equal(10L, driver.Recorded(EventKinds.ServiceHeartbeat)["heartbeat_ms"]!.Value.Value);
        Assert.True(driver.Advance(10).Has<Diagnose>());
        driver = new CoreDriver(Watched).Launched().Send(new HeartbeatTold("a", 1, TimeSpan.Zero)).Advance(100_000);
        Assert.Equal(ServiceState.Running, driver.State());
        driver.Dies(new(1, null)).Launched().Advance(1_000);
        Assert.True(driver.Has<Diagnose>());
    }

    [Fact]
    public void Another_main_process_is_watched_and_only_its_end_counts()
    {
        var driver = new CoreDriver(Service()).Launched();
        var before = driver.Core.View("a")!.Pid!.Value;
        driver.Send(new MainProcessTold("a", 1, 77, 700));
        Assert.Equal(new WatchMain("a", 1, 77, 700, before), driver.Only<WatchMain>());
        Assert.Equal((77, 700L), (driver.Core.View("a")!.Pid, driver.Core.View("a")!.StartTicks));
        driver.Send(new ProcessExited("a", 1, new(0, null), driver.Nanoseconds) { Pid = before });
        Assert.Empty(driver.Last);
        driver.Send(new ProcessExited("a", 1, new(3, null), driver.Nanoseconds) { Pid = 77 });
        Assert.Equal(3L, driver.Recorded(EventKinds.ServiceDied)["exit_code"]!.Value.Value);
        Assert.True(driver.Has<AcknowledgeExit>());
    }

    [Fact]
    public void The_main_process_it_has_already_is_no_news()
    {
        var driver = new CoreDriver(Service()).Launched();
        driver.Send(new MainProcessTold("a", 1, driver.Core.View("a")!.Pid!.Value, 1));
        Assert.Empty(driver.Last);
    }

    [Fact]
    public void A_main_process_named_before_the_news_of_the_exec_is_not_forgotten()
    {
        var driver = new CoreDriver(Service()).Send(new MainProcessTold("a", 1, 77, 700)).Launched();
        Assert.Equal(77, driver.Only<WatchMain>().Pid);
        Assert.Equal(77, driver.Core.View("a")!.Pid);
    }

    [Fact]
    public void A_later_monitor_goes_on_with_the_heartbeat_and_the_reload()
    {
        var driver = new CoreDriver(Watched).Launched().Send(new HeartbeatTold("a", 1, Ms(5_000))).Send(new ReloadTold("a", 1));
        driver = driver.Successor([Alive()], With(Watched));
        Assert.False(driver.Advance(4_999).Has<Diagnose>());
        driver.Send(new ReadyTold("a", 1));
        Assert.Contains(EventKinds.ServiceReloaded, driver.Kinds);
    }
}
