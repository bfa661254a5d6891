using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests.Alerting;

/// <summary>When nobody is told yet, or no more: <c>for</c>, silences, acknowledgement, crash loops, alerts about the monitor.</summary>
public sealed class AlertPatienceTests
{
    private static readonly AlertSpec Ops = new() { Name = "ops" };

    private static CoreDriver Running(AlertSpec alert, ServiceSpec? spec = null) =>
        new CoreDriver(new MonitorConfiguration([spec ?? Service()], [alert])).Launched();

    private static OpenAlert Only(CoreDriver driver) => Assert.Single(driver.Core.OpenAlerts());

    [Fact]
    public void What_is_over_before_its_time_is_never_told()
    {
        var driver = Running(Ops with { For = Ms(5_000) }).Dies();
        Assert.False(driver.Has<RaiseAlert>());
        Assert.Equal("held_back", Only(driver).State);
        driver.Launched();
        Assert.Empty(driver.Core.OpenAlerts());
        driver.Advance(600_000);
        Assert.Empty(driver.All.OfType<RaiseAlert>());
        Assert.Empty(driver.All.OfType<ResolveAlert>());
    }

    [Fact]
    public void What_holds_long_enough_is_told_then_and_nothing_counts_as_held_back()
    {
        var driver = Running(Ops with { For = Ms(5_000), On = [AlertRule.Failed] }, Service() with { MaxRestarts = 0, FailedRetry = null }).Dies();
        driver.Advance(4_999);
        Assert.False(driver.Has<RaiseAlert>());
        driver.Advance(1);
        Assert.Equal(0, driver.Only<RaiseAlert>().Suppressed);
    }

    [Fact]
    public void A_silence_holds_back_and_what_still_holds_at_its_end_is_told()
    {
        var driver = Running(Ops, Service() with { MaxRestarts = 0, FailedRetry = null })
            .Send(new SilenceOrder(1, "a", "ann", Ms(10_000), "moving house"));
        Assert.Null(driver.Only<AnswerOrder>().Refusal);
        Assert.Equal("ann", driver.Recorded(EventKinds.AlertSilenced)["by"]!.Value.Value);
        driver.Dies();
        Assert.False(driver.Has<RaiseAlert>());
        Assert.Equal(2, driver.Core.OpenAlerts().Count);
        driver.Advance(9_999);
        Assert.Empty(driver.All.OfType<RaiseAlert>());
        driver.Advance(1);
        Assert.Equal([AlertRule.Died, AlertRule.Failed], driver.Last.OfType<RaiseAlert>().Select(raise => raise.Rule));
    }

    [Fact]
    public void The_end_of_a_silence_before_its_time_lets_go_of_what_was_held_back()
    {
        var driver = Running(Ops with { On = [AlertRule.Failed] }, Service() with { MaxRestarts = 0, FailedRetry = null })
            .Send(new SilenceOrder(1, "ops", "ann", Ms(1_000_000), null)).Dies().Send(new UnsilenceOrder(2, "ops", "bob"));
        Assert.Equal("bob", driver.Recorded(EventKinds.AlertUnsilenced)["by"]!.Value.Value);
        driver.Advance(0);
        Assert.Equal(AlertRule.Failed, driver.Only<RaiseAlert>().Rule);
    }

    [Fact]
    public void A_silence_outlives_the_monitor_and_a_clock_that_is_set()
    {
        var configuration = new MonitorConfiguration([Service() with { MaxRestarts = 0, FailedRetry = null }], [Ops with { On = [AlertRule.Failed] }]);
        var driver = new CoreDriver(configuration).Launched().Send(new SilenceOrder(1, "a", "ann", Ms(10_000), null));
        var next = driver.Successor([Alive()], configuration);
        Assert.Equal("a", Assert.Single(next.Core.Silences(next.Nanoseconds)).Target);
        next.Dies();
        Assert.False(next.Has<RaiseAlert>());
        next.Send(new ClockSet(DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(5))).Advance(5_000);
        Assert.True(next.Has<RaiseAlert>());
    }

    [Fact]
    public void Silences_are_bounded_and_a_second_one_for_the_same_replaces_the_first()
    {
        var driver = new CoreDriver(new MonitorConfiguration([Service()], [Ops]), options: CoreDriver.Options with { MaxSilences = 1 });
        driver.Send(new SilenceOrder(1, "a", "ann", Ms(1_000), null)).Send(new SilenceOrder(2, "a", "ann", Ms(2_000), null));
        Assert.Null(driver.Only<AnswerOrder>().Refusal);
        driver.Send(new SilenceOrder(3, "ops", "ann", Ms(1_000), null));
        Assert.Equal(OrderRefusal.TooMany, driver.Only<AnswerOrder>().Refusal);
        driver.Send(new SilenceOrder(4, "nobody", "ann", Ms(1_000), null));
        Assert.Equal(OrderRefusal.NotFound, driver.Only<AnswerOrder>().Refusal);
        driver.Send(new UnsilenceOrder(5, "ops", "ann"));
        Assert.Equal(OrderRefusal.NotFound, driver.Only<AnswerOrder>().Refusal);
        driver.Advance(2_000).Send(new SilenceOrder(6, "ops", "ann", Ms(1_000), null));
        Assert.Null(driver.Only<AnswerOrder>().Refusal);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("1")]
    public void An_acknowledged_alert_is_told_no_more_until_it_is_over(string target)
    {
        var driver = Running(Ops with { On = [AlertRule.Unhealthy, AlertRule.Recovered], Throttle = TimeSpan.Zero }).Reports(ServiceHealth.Unhealthy, "disk full");
        driver.Send(new AcknowledgeOrder(1, target, "ann", "on it"));
        Assert.Equal(("acknowledged", "ann", "on it"), (Only(driver).State, Only(driver).AcknowledgedBy, Only(driver).Note));
        Assert.Equal("""{"alert_id":1,"rule":"unhealthy","by":"ann","note":"on it"}""", driver.Recorded(EventKinds.AlertAcknowledged).ToJson());
        driver.Reports(ServiceHealth.Unknown, sequence: 2).Advance(5_000).Reports(ServiceHealth.Unhealthy, "worse", sequence: 3);
        Assert.False(driver.Has<RaiseAlert>());
        Assert.Equal(2, Only(driver).Count);
        driver.Advance(5_000).Reports(ServiceHealth.Healthy, sequence: 4);
        Assert.True(driver.Only<ResolveAlert>().Notify);
        driver.Advance(5_000).Reports(ServiceHealth.Unhealthy, sequence: 5);
        Assert.Equal(2, driver.Only<RaiseAlert>().Id);
        Assert.Null(Only(driver).AcknowledgedBy);
    }

    [Fact]
    public void An_acknowledgement_that_is_taken_back_lets_people_be_told_again()
    {
        var driver = Running(Ops with { On = [AlertRule.Unhealthy, AlertRule.Recovered], Throttle = TimeSpan.Zero }).Reports(ServiceHealth.Unhealthy, "disk full");
        driver.Send(new UnacknowledgeOrder(1, "a", "bob"));
        Assert.Equal(OrderRefusal.NotFound, driver.Only<AnswerOrder>().Refusal);
        driver.Send(new AcknowledgeOrder(2, "1", "ann", "on it"));
        driver.Reports(ServiceHealth.Unknown, sequence: 2).Advance(5_000).Reports(ServiceHealth.Unhealthy, "worse", sequence: 3);
        Assert.False(driver.Has<RaiseAlert>());
        driver.Send(new UnacknowledgeOrder(3, "1", "bob"));
        Assert.Null(driver.Only<AnswerOrder>().Refusal);
        Assert.Equal("""{"alert_id":1,"rule":"unhealthy","by":"bob"}""", driver.Recorded(EventKinds.AlertUnacknowledged).ToJson());
        Assert.Null(Only(driver).AcknowledgedBy);
        driver.Reports(ServiceHealth.Unknown, sequence: 4).Advance(5_000).Reports(ServiceHealth.Unhealthy, "worse still", sequence: 5);
        Assert.True(driver.Has<RaiseAlert>());
    }

    [Fact]
    public void An_acknowledgement_outlives_the_monitor_and_one_of_nothing_is_refused()
    {
        var configuration = new MonitorConfiguration([Service() with { MaxRestarts = 0, FailedRetry = null }], [Ops]);
        var driver = new CoreDriver(configuration).Send(new AcknowledgeOrder(1, "a", "ann", null));
        Assert.Equal("no alert about a is open; \"lifeline alert list\" shows those that are open", driver.Only<AnswerOrder>().Message);
        driver.Send(new AcknowledgeOrder(1, "77", "ann", null));
        Assert.Equal("no alert with the number 77 is open; \"lifeline alert list\" shows those that are open", driver.Only<AnswerOrder>().Message);
        driver.Send(new AcknowledgeOrder(1, "ab", "ann", null));
        Assert.Equal("there is no service \"ab\"; give the number of an alert (\"lifeline alert list\" shows them) or a service", driver.Only<AnswerOrder>().Message);
        driver.Send(new UnacknowledgeOrder(1, "a", "ann"));
        Assert.Equal("no alert about a is acknowledged; \"lifeline alert list\" shows those that are open", driver.Only<AnswerOrder>().Message);
        driver.Send(new AcknowledgeOrder(1, "a", "ann", null));
        Assert.Equal(OrderRefusal.NotFound, driver.Only<AnswerOrder>().Refusal);
        driver.Launched().Dies().Send(new AcknowledgeOrder(2, "a", "ann", null));
        Assert.Equal("2 acknowledged", driver.Only<AnswerOrder>().Message);
        var next = driver.Successor([], configuration);
        Assert.All(next.Core.OpenAlerts(), alert => Assert.Equal("ann", alert.AcknowledgedBy));
    }

    [Fact]
    public void The_first_death_is_over_when_it_runs_again_and_a_crash_loop_when_it_runs_stably()
    {
        var driver = Running(Ops with { Throttle = TimeSpan.Zero }, Service() with { MaxRestarts = 100 }).Dies().Launched();
        Assert.True(driver.Has<ResolveAlert>());
        for (var i = 0; i < 5; i++)
        {
            driver.Dies().Advance(31_000);
            driver.Launched();
            Assert.False(driver.Has<ResolveAlert>());
        }

        Assert.Equal(("open", 5, 2L), (Only(driver).State, Only(driver).Count, Only(driver).Id));
        driver.Advance(59_999);
        Assert.False(driver.Has<ResolveAlert>());
        driver.Advance(1);
        Assert.True(driver.Only<ResolveAlert>().Notify);
        Assert.Empty(driver.Core.OpenAlerts());
    }

    [Fact]
    public void A_failed_service_that_is_tried_again_has_recovered_only_when_it_runs_stably()
    {
        var driver = Running(Ops with { On = [AlertRule.Failed, AlertRule.Recovered] }, Service() with { MaxRestarts = 0, FailedRetry = Ms(300_000) }).Dies();
        driver.Advance(300_000).Launched();
        Assert.False(driver.Has<ResolveAlert>());
        driver.Dies();
        Assert.Equal(2, Only(driver).Count);
        driver.Advance(600_000).Launched().Advance(60_000);
        Assert.True(driver.Only<ResolveAlert>().Notify);
    }

    [Fact]
    public void A_person_who_starts_it_needs_no_trial()
    {
        var driver = Running(Ops, Service() with { MaxRestarts = 0 }).Dies().Send(new StartOrder(1, "a")).Launched();
        Assert.True(driver.Has<ResolveAlert>());
    }

    [Fact]
    public void Two_channels_share_the_number_of_an_alert()
    {
        var driver = new CoreDriver(new MonitorConfiguration([Service()], [Ops, new AlertSpec { Name = "boss", For = Ms(1_000) }])).Launched().Exits(new(null, 9));
        Assert.Equal(["ops", "boss"], Only(driver).Channels);
        Assert.Equal(1, Only(driver).Id);
        Assert.Equal(1, driver.Only<RaiseAlert>().Id);
    }

    [Fact]
    public void A_dead_monitor_or_keeper_is_told_to_those_who_ask_for_it_within_the_throttle()
    {
        var configuration = new MonitorConfiguration([Service()], [Ops with { On = [AlertRule.Monitor] }, Ops with { Name = "others" }]);
        var driver = new CoreDriver(configuration).Launched();
        Assert.False(driver.Has<RaiseAlert>());
        var next = driver.Successor([Alive()], configuration, after: 10);
        Assert.Equal(("ops", AlertRule.Monitor, ""), (next.Only<RaiseAlert>().Alert, next.Only<RaiseAlert>().Rule, next.Only<RaiseAlert>().Service));
        Assert.Contains("1 of 1", next.Only<RaiseAlert>().Text, StringComparison.Ordinal);
        next.Send(new KeeperChanged(99));
        Assert.Equal(99L, next.Recorded(EventKinds.KeeperReplaced)["pid"]!.Value.Value);
        Assert.False(next.Has<RaiseAlert>());
        next.Advance(60_000).Send(new KeeperChanged(100));
        Assert.Equal(1, next.Only<RaiseAlert>().Suppressed);
    }

    [Fact]
    public void The_end_of_the_monitors_trouble_is_told_to_those_who_were_told_of_it()
    {
        var configuration = new MonitorConfiguration(
            [Service()], [Ops with { On = [AlertRule.Monitor] }, Ops with { Name = "silent", On = [AlertRule.Monitor] }, Ops with { Name = "others" }]);
        var driver = new CoreDriver(configuration).Launched().Send(new SilenceOrder(1, "silent", "ann", Ms(1_000_000), null));
        driver.Send(new MonitorTrouble("the disk is full"));
        Assert.Equal("ops", driver.Only<RaiseAlert>().Alert);
        driver.Send(new MonitorTroubleOver("there is room again"));
        var over = driver.Only<ResolveAlert>();
        Assert.Equal(("ops", AlertRule.Monitor, "", "there is room again", true), (over.Alert, over.Rule, over.Service, over.Text, over.Notify));
        Assert.Equal(("ops", "monitor"), (driver.Recorded(EventKinds.AlertResolved)["alert"]!.Value.Value, driver.Recorded(EventKinds.AlertResolved)["rule"]!.Value.Value));
        Assert.False(driver.Send(new MonitorTroubleOver("again")).Has<ResolveAlert>());
        // What the throttle held back was told to nobody, nor is its end.
        Assert.False(driver.Send(new MonitorTrouble("full again")).Has<RaiseAlert>());
        Assert.False(driver.Send(new MonitorTroubleOver("room again")).Has<ResolveAlert>());
    }

    [Fact]
    public void What_a_throttle_holds_back_within_the_monitors_trouble_does_not_hide_its_end()
    {
        var driver = new CoreDriver(new MonitorConfiguration([Service()], [Ops with { On = [AlertRule.Monitor] }])).Launched().Send(new MonitorTrouble("the disk is full"));
        Assert.False(driver.Send(new KeeperChanged(99)).Has<RaiseAlert>());
        Assert.True(driver.Send(new MonitorTroubleOver("there is room again")).Has<ResolveAlert>());
    }

    [Fact]
    public void A_monitor_that_ended_in_order_is_no_alert()
    {
        var configuration = new MonitorConfiguration([Service()], [Ops with { On = [AlertRule.Monitor] }]);
        var driver = new CoreDriver(configuration).Launched().Send(new ShutdownRequested("down")).Exits(new(0, null)).Reclaims();
        Assert.False(driver.Successor([], configuration).Has<RaiseAlert>());
        driver = new CoreDriver(configuration).Launched();
        Assert.False(driver.Successor([], configuration, CoreDriver.Options with { BootId = "other" }).Has<RaiseAlert>());
    }
}
