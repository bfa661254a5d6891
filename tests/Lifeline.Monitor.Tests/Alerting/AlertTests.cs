using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests.Alerting;

public sealed class AlertTests
{
    private static CoreDriver Running(AlertSpec alert, ServiceSpec? spec = null) =>
        new CoreDriver(new MonitorConfiguration([spec ?? Service()], [alert])).Launched();

    private static AlertSpec Ops(params AlertRule[] rules) =>
        rules.Length == 0 ? new() { Name = "ops" } : new() { Name = "ops", On = rules };

    [Fact]
    public void A_death_raises_and_the_next_ready_resolves()
    {
        var driver = Running(Ops()).Exits(new(null, 9));
        var raised = driver.Only<RaiseAlert>();
        Assert.Equal(("ops", AlertRule.Died, "a", 1), (raised.Alert, raised.Rule, raised.Service, raised.Generation));
        Assert.Equal("a died: signal 9", raised.Text);
        Assert.Equal([EventKinds.ServiceDied, EventKinds.AlertRaised], driver.Kinds);
        driver.Reclaims().Launched();
        Assert.True(driver.Only<ResolveAlert>().Notify);
        Assert.Equal("recovered", driver.Recorded(EventKinds.AlertResolved)["cause"]!.Value.Value);
    }

    [Fact]
    public void Recovery_is_for_those_who_were_told_and_listen_to_it()
    {
        var driver = Running(Ops(AlertRule.Died)).Dies().Launched();
        Assert.False(driver.Only<ResolveAlert>().Notify);
        driver = Running(Ops(AlertRule.Recovered)).Dies().Launched();
        Assert.False(driver.Has<ResolveAlert>());
    }

    [Fact]
    public void A_channel_hears_only_of_its_services_and_rules()
    {
        Assert.False(Running(Ops() with { Services = ["b*"] }).Dies().Has<RaiseAlert>());
        Assert.False(Running(Ops(AlertRule.Failed)).Exits(new(1, null)).Has<RaiseAlert>());
        Assert.True(Running(Ops() with { Services = ["b*", "[a-c]"] }).Exits(new(1, null)).Has<RaiseAlert>());
    }

    [Fact]
    public void What_was_asked_for_and_what_succeeded_is_no_alert()
    {
        Assert.False(Running(Ops()).Send(new StopOrder(1, "a")).Exits(new(0, null)).Has<RaiseAlert>());
        Assert.False(Running(Ops()).Send(new RestartOrder(1, "a")).Exits(new(0, null)).Has<RaiseAlert>());
        Assert.False(Running(Ops(), Service() with { Restart = RestartWhen.OnFailure }).Exits(new(0, null)).Has<RaiseAlert>());
        Assert.True(Running(Ops(), Service() with { Restart = RestartWhen.Always }).Exits(new(0, null)).Has<RaiseAlert>());
    }

    [Fact]
    public void The_throttle_holds_back_counts_and_forgets_what_is_over()
    {
        var driver = Running(Ops(AlertRule.Died)).Exits(new(1, null)).Reclaims().Launched().Exits(new(1, null));
        Assert.False(driver.Has<RaiseAlert>());
        driver.Reclaims().Advance(100).Launched();
        Assert.False(driver.Has<ResolveAlert>());
        driver.Advance(60_000);
        Assert.False(driver.Has<RaiseAlert>());
        driver.Exits(new(1, null));
        Assert.Equal(1, driver.Only<RaiseAlert>().Suppressed);
    }

    [Fact]
    public void What_was_held_back_and_still_holds_is_raised_when_the_throttle_is_over()
    {
        var driver = Running(Ops(AlertRule.Failed, AlertRule.Recovered), Service() with { MaxRestarts = 0 }).Dies();
        Assert.Equal(AlertRule.Failed, driver.Only<RaiseAlert>().Rule);
        driver.Advance(1_000).Send(new StartOrder(1, "a")).Launched();
        Assert.True(driver.Only<ResolveAlert>().Notify);
        driver.Dies();
        Assert.False(driver.Has<RaiseAlert>());
        driver.Advance(58_999);
        Assert.False(driver.Has<RaiseAlert>());
        driver.Advance(1);
        Assert.Equal((2, 1), (driver.Only<RaiseAlert>().Generation, driver.Only<RaiseAlert>().Suppressed));
    }

    [Fact]
    public void Unhealthy_raises_and_any_better_health_resolves()
    {
        var driver = Running(Ops()).Reports(ServiceHealth.Unhealthy, "disk full");
        Assert.Equal("a reports itself unhealthy: disk full", driver.Only<RaiseAlert>().Text);
        driver.Reports(ServiceHealth.Unknown, "disk full", sequence: 2);
        Assert.False(driver.Has<ResolveAlert>());
        driver.Reports(ServiceHealth.Degraded, "disk full", sequence: 3);
        Assert.True(driver.Only<ResolveAlert>().Notify);
    }

    [Fact]
    public void Ready_and_unhealthy_in_one_report_leaves_the_alert_open()
    {
        var driver = Running(Ops(), Service() with { Ready = ReadyWhen.Status }).Reports(ServiceHealth.Unhealthy, ready: true);
        Assert.Equal(ServiceState.Running, driver.State());
        Assert.True(driver.Has<RaiseAlert>());
        Assert.Single(driver.Core.View("a")!.Alerts);
    }

    [Fact]
    public void One_recovery_of_several_alerts_is_told_once_per_channel()
    {
        var driver = Running(Ops(), Service() with { Heartbeat = Ms(100), MaxRestarts = 0 }).Advance(100).Dies();
        Assert.Equal(3, driver.All.OfType<RaiseAlert>().Count());
        driver.Send(new StartOrder(1, "a")).Launched();
        Assert.Equal(3, driver.Last.OfType<ResolveAlert>().Count());
        Assert.Single(driver.Last.OfType<ResolveAlert>(), resolved => resolved.Notify);
    }

    [Fact]
    public void A_stop_closes_what_is_open_without_telling_of_a_recovery()
    {
        var driver = Running(Ops(), Service() with { MaxRestarts = 0 }).Dies().Send(new StopOrder(1, "a"));
        Assert.All(driver.Last.OfType<ResolveAlert>(), resolved => Assert.False(resolved.Notify));
        Assert.Equal(2, driver.Last.OfType<ResolveAlert>().Count());
        Assert.Empty(driver.Core.View("a")!.Alerts);
    }

    [Theory]
    [InlineData(true, EventKinds.AlertDelivered, """{"alert":"ops","rule":"died","attempts":2}""")]
    [InlineData(false, EventKinds.AlertFailed, """{"alert":"ops","rule":"died","attempts":2,"error":"refused"}""")]
    public void Outcomes_are_events(bool delivered, string kind, string data)
    {
        var driver = Running(Ops()).Send(new AlertOutcome("ops", AlertRule.Died, "a", 1, delivered, 2, "refused"));
        Assert.Equal(data, driver.Recorded(kind).ToJson());
    }

    [Theory]
    [InlineData("*", "orders", true)]
    [InlineData("or*s", "orders", true)]
    [InlineData("or*s", "order", false)]
    [InlineData("o?ders", "orders", true)]
    [InlineData("[m-p]rders", "orders", true)]
    [InlineData("[!m-p]rders", "orders", false)]
    [InlineData("orders.*", "orders.1", true)]
    [InlineData("*a*b*c", "xxaxxbxxbc", true)]
    [InlineData("", "a", false)]
    [InlineData("[", "[", true)]
    public void Patterns_match_as_a_shell_does(string pattern, string name, bool matches) =>
        Assert.Equal(matches, NamePattern.Matches(pattern, name));
}
