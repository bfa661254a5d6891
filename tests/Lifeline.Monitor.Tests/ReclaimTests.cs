using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests;

public sealed class ReclaimTests
{
    private static readonly MonitorConfiguration WithAlerts = new([Service()], [new AlertSpec { Name = "ops" }]);

    [Fact]
    public void Nothing_starts_before_the_tree_is_proven_empty()
    {
        var driver = new CoreDriver(Service()).Launched().Exits(new(1, null)).Send(new StartOrder(1, "a")).Send(new RestartOrder(2, "a"));
        Assert.False(driver.Has<Launch>());
        driver.Reclaims(treeEmpty: false);
        Assert.Equal(ServiceState.Failed, driver.State());
        driver.Advance(999);
        Assert.False(driver.Has<Launch>());
        driver.Advance(1);
        Assert.Equal(2, driver.Only<Reclaim>().Attempt);
        driver.Reclaims();
        Assert.Equal(2, driver.Only<Launch>().Generation);
    }

    [Fact]
    public void A_tree_that_cannot_be_emptied_is_an_alert_and_retried_ever_more_slowly()
    {
        var driver = new CoreDriver(WithAlerts).Launched().Exits(new(1, null)).Reclaims(treeEmpty: false);
        Assert.Equal([EventKinds.ServiceReclaimed, EventKinds.ServiceFailed, EventKinds.AlertRaised], driver.Kinds);
        Assert.Equal(AlertRule.ReclaimFailed, driver.Only<RaiseAlert>().Rule);
        Assert.False((bool)driver.Recorded(EventKinds.ServiceReclaimed)["tree_empty"]!.Value.Value!);
        foreach (var seconds in (int[])[1, 2, 4, 8, 16, 32, 60, 60])
        {
            driver.Advance((seconds * 1_000) - 1);
            Assert.False(driver.Has<Reclaim>());
            driver.Advance(1).Reclaims(treeEmpty: false);
            Assert.False(driver.Has<RaiseAlert>());
        }

        driver.Advance(60_000).Reclaims();
        Assert.True(driver.Has<Launch>());
        driver.Launched();
        Assert.Contains(driver.Last.OfType<ResolveAlert>(), resolved => resolved is { Rule: AlertRule.ReclaimFailed });
        Assert.Single(driver.Last.OfType<ResolveAlert>(), resolved => resolved.Notify);
    }

    [Fact]
    public void A_reclaim_without_an_answer_is_tried_again_and_the_late_answer_still_counts()
    {
        var driver = new CoreDriver(Service() with { ReclaimTimeout = Ms(2_000) }).Launched().Exits(new(1, null)).Advance(2_000);
        Assert.Equal(SlotPhase.ReclaimFailed, driver.Phase());
        driver.Send(new ReclaimFinished("a", 1, 1, [], true, 1));
        Assert.True(driver.Has<Launch>());
    }

    [Fact]
    public void Once_it_is_clean_the_reason_is_again_what_was_decided_at_the_death_and_the_alert_is_over()
    {
        var spec = Service() with { MaxRestarts = 0 };
        var driver = new CoreDriver(new MonitorConfiguration([spec], [new AlertSpec { Name = "ops" }])).Launched().Exits(new(1, null)).Reclaims(treeEmpty: false);
        Assert.Equal("processes of its last life are left and cannot be removed", driver.Core.Snapshot("a")!.Because);

        driver.Advance(1_000).Reclaims();

        const string Because = "exit code 1; more than 0 restarts within 60 s (max_restarts, restart_window)";
        Assert.Equal((ServiceState.Failed, Because), (driver.State(), driver.Core.Snapshot("a")!.Because));
        Assert.Equal(Because, driver.Recorded(EventKinds.ServiceFailed)["because"]!.Value.Value);
        Assert.Equal($"a failed: {Because}", driver.Only<RaiseAlert>().Text);
        Assert.Equal(AlertRule.ReclaimFailed, driver.Only<ResolveAlert>().Rule);
        Assert.Equal("a is clean: nothing of its last life is left", driver.Only<ResolveAlert>().Text);
    }

    [Fact]
    public void What_is_decided_at_a_death_outlives_a_monitor_that_ends_while_the_cleanup_fails()
    {
        var configuration = With(Service() with { MaxRestarts = 0 });
        var driver = new CoreDriver(configuration).Launched().Exits(new(1, null)).Reclaims(treeEmpty: false).Successor([], configuration);
        Assert.Equal("processes of its last life are left and cannot be removed", driver.Core.Snapshot("a")!.Because);
        driver.Advance(1_000).Reclaims();
        Assert.StartsWith("exit code 1; more than 0 restarts", driver.Core.Snapshot("a")!.Because, StringComparison.Ordinal);
    }

    [Fact]
    public void An_order_to_start_makes_void_that_it_was_to_fail()
    {
        var driver = new CoreDriver(Service() with { MaxRestarts = 0 }).Launched().Exits(new(1, null)).Send(new StartOrder(1, "a"));
        Assert.Null(driver.Core.Snapshot("a")!.Because);
        driver.Reclaims(treeEmpty: false);
        Assert.Equal("processes of its last life are left and cannot be removed", driver.Core.Snapshot("a")!.Because);
        driver.Send(new StartOrder(2, "a"));
        Assert.NotNull(driver.Core.Snapshot("a")!.Because);
        Assert.Null(driver.Reclaims().Core.Snapshot("a")!.Because);
    }

    [Fact]
    public void An_answer_to_an_earlier_attempt_does_not_count()
    {
        var driver = new CoreDriver(Service() with { ReclaimTimeout = Ms(2_000) }).Launched().Exits(new(1, null)).Advance(3_000);
        Assert.Equal(2, driver.Only<Reclaim>().Attempt);
        driver.Send(new ReclaimFinished("a", 1, 1, [], true, 1));
        Assert.Empty(driver.Last);
        driver.Send(new ReclaimFinished("a", 1, 2, [], true, 1)).Send(new ReclaimFinished("a", 1, 2, [], true, 1));
        Assert.Empty(driver.Last);
        Assert.Equal(SlotPhase.Launching, driver.Phase());
    }

    [Fact]
    public void An_order_to_start_tries_to_reclaim_at_once()
    {
        var driver = new CoreDriver(Service()).Launched().Send(new StopOrder(1, "a")).Exits(new(0, null)).Reclaims(treeEmpty: false);
        Assert.Equal(ServiceState.Failed, driver.State());
        driver.Send(new StartOrder(2, "a"));
        Assert.Equal(2, driver.Only<Reclaim>().Attempt);
        driver.Reclaims();
        Assert.Equal(2, driver.Only<Launch>().Generation);
    }

    [Fact]
    public void A_stopped_service_with_remains_is_cleaned_up_and_then_stopped()
    {
        var driver = new CoreDriver(WithAlerts).Launched().Exits(new(1, null)).Reclaims(treeEmpty: false).Send(new StopOrder(1, "a"));
        Assert.Equal(ServiceState.Failed, driver.State());
        driver.Advance(1_000).Reclaims();
        Assert.Equal(ServiceState.Stopped, driver.State());
        Assert.All(driver.Last.OfType<ResolveAlert>(), resolved => Assert.False(resolved.Notify));
    }

    [Fact]
    public void Steps_are_told_and_shown()
    {
        var driver = new CoreDriver(Service()).Launched().Exits(new(null, 9));
        ReclaimStep[] steps =
        [
            new(ReclaimKind.Process, "4712", ReclaimOutcome.Killed),
            new(ReclaimKind.Path, "/run/a.sock", ReclaimOutcome.Kept, "held by pid 7"),
        ];
        driver.Send(new ReclaimFinished("a", 1, 1, steps, true, 1_234_000));
        Assert.Equal(
            """{"steps":[{"kind":"process","what":"4712","outcome":"killed","reason":null},{"kind":"path","what":"/run/a.sock","outcome":"kept","reason":"held by pid 7"}],"took_us":1234,"tree_empty":true,"attempt":1}""",
            driver.Recorded(EventKinds.ServiceReclaimed).ToJson());
        Assert.Equal(steps, driver.Core.Snapshot("a")!.LastDeath!.Reclaimed);
    }

    [Fact]
    public void A_port_that_another_holds_is_told_at_once_and_again_when_the_service_is_given_up()
    {
        var spec = Service() with { MaxRestarts = 0 };
        var driver = new CoreDriver(new MonitorConfiguration([spec], [new AlertSpec { Name = "ops" }])).Launched().Exits(new(1, null));
        var step = new ReclaimStep(ReclaimKind.Port, "127.0.0.1:80", ReclaimOutcome.Kept, "process 7 (nginx) listens on it");
        driver.Send(new ReclaimFinished("a", 1, 1, [step], true, 1));
        var alerts = driver.Last.OfType<RaiseAlert>().ToDictionary(a => a.Rule, a => a.Text);
        Assert.Contains("127.0.0.1:80: process 7 (nginx) listens on it", alerts[AlertRule.ReclaimFailed], StringComparison.Ordinal);
        Assert.Contains("process 7 (nginx)", alerts[AlertRule.Failed], StringComparison.Ordinal);
    }
}
