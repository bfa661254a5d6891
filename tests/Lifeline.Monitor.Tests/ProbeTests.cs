using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests;

public sealed class ProbeTests
{
    private static readonly ServiceSpec Probed = Service() with { Probe = new() { Key = "http" } };
    private static readonly ServiceSpec Reporting = Service() with { Probe = new() { Key = "http", Restarts = false } };
    private static readonly ServiceSpec Waiting = Service() with { Ready = ReadyWhen.Probe, Probe = new() { Key = "http" } };

    private static readonly ServiceSpec Both =
        Waiting with { ReadyProbe = new() { Key = "tcp", Successes = 2, Failures = 2 }, Probe = new() { Key = "http", Failures = 1 } };

    [Fact]
    public void Liveness_is_asked_once_it_is_ready_and_no_more_when_it_ends()
    {
        var driver = new CoreDriver(Probed with { Ready = ReadyWhen.Status }).Launched();
        Assert.False(driver.Has<StartProbing>());
        driver.Send(new ReadyTold("a", 1));
        Assert.Equal(new StartProbing("a", 1, ProbeUse.Live, false), driver.Only<StartProbing>());
        driver.Send(new StopOrder(1, "a"));
        Assert.True(driver.Has<StopProbing>());
        driver.Dies();
        Assert.False(driver.Has<StopProbing>());
    }

    [Fact]
    public void A_death_ends_the_probes()
    {
        Assert.True(new CoreDriver(Probed).Launched().Exits(new(null, 9)).Has<StopProbing>());
    }

    [Fact]
    public void Failures_in_a_row_end_it_by_its_stop_signal_with_reason_probe_and_the_same_policy()
    {
        var driver = new CoreDriver(Probed).Launched();
        Probe(driver, false).Advance(1);
        Probe(driver, false);
        Probe(driver, true);
        Probe(driver, false);
        Probe(driver, false);
        Assert.Empty(driver.Kinds);
        Probe(driver, false, text: "HTTP 500");
        Assert.Equal([EventKinds.ServiceProbe, EventKinds.ServiceHealth, EventKinds.ServiceStopping], driver.Kinds);
        Assert.Equal(("probe", false, 3L, "HTTP 500"), Told(driver));
        Assert.Equal("probe", driver.Recorded(EventKinds.ServiceStopping)["cause"]!.Value.Value);
        Assert.Equal(15, driver.Only<SendSignal>().Signal);
        driver.Exits(new(0, null));
        Assert.Equal("probe", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
        driver.Reclaims();
        Assert.Equal(2, driver.Only<Launch>().Generation);
        Assert.Equal(1, driver.Core.Snapshot("a")!.Restarts);
    }

    [Fact]
    public void One_that_does_not_stop_when_its_probe_failed_is_killed()
    {
        var driver = new CoreDriver(Probed).Launched();
        for (var i = 0; i < 3; i++)
            Probe(driver, false);
        driver.Advance(10_000);
        Assert.True(driver.Has<KillTree>());
        driver.Exits(new(null, 9));
        Assert.Equal("probe", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
    }

    [Fact]
    public void A_stop_while_its_probe_ends_it_wins()
    {
        var driver = new CoreDriver(Probed).Launched();
        for (var i = 0; i < 3; i++)
            Probe(driver, false);
        driver.Send(new StopOrder(1, "a")).Dies();
        Assert.Equal(ServiceState.Stopped, driver.State());
    }

    [Fact]
    public void With_report_it_is_unhealthy_with_an_alert_and_recovers_after_enough_successes()
    {
        var spec = Reporting with { Probe = Reporting.Probe! with { Failures = 2, Successes = 2 } };
        var driver = new CoreDriver(new MonitorConfiguration([spec], [new AlertSpec { Name = "ops" }])).Launched();
        Probe(driver, false);
        Probe(driver, false, text: "refused");
        Assert.Equal(ServiceHealth.Unhealthy, Health(driver));
        Assert.Equal("a is unhealthy: refused", driver.Only<RaiseAlert>().Text);
        Probe(driver, true);
        Assert.Equal(ServiceHealth.Unhealthy, Health(driver));
        Probe(driver, true);
        Assert.Equal(("probe", true, 0L, "found"), Told(driver));
        Assert.Equal(ServiceHealth.Healthy, Health(driver));
        Assert.True(driver.Has<ResolveAlert>());
        Assert.Equal(ServiceState.Running, driver.State());
    }

    [Theory]
    [InlineData(ServiceHealth.Unknown, true, ServiceHealth.Healthy)]
    [InlineData(ServiceHealth.Healthy, false, ServiceHealth.Unhealthy)]
    [InlineData(ServiceHealth.Degraded, true, ServiceHealth.Degraded)]
    [InlineData(ServiceHealth.Degraded, false, ServiceHealth.Unhealthy)]
    [InlineData(ServiceHealth.Unhealthy, true, ServiceHealth.Unhealthy)]
    public void The_worse_of_what_it_says_and_what_is_found_counts(ServiceHealth reported, bool good, ServiceHealth health)
    {
        var driver = new CoreDriver(Reporting).Launched().Reports(reported);
        for (var i = 0; i < 3; i++)
            Probe(driver, good);
        Assert.Equal(health, Health(driver));
        Assert.Equal(reported, driver.Core.View("a")!.ReportedHealth);
    }

    [Fact]
    public void What_is_found_outlives_the_sessions_of_the_service()
    {
        var driver = new CoreDriver(Reporting).Launched().Send(new SessionOpened("a", 1, 7)).Reports(ServiceHealth.Degraded);
        Probe(driver, true);
        driver.Send(new SessionLost("a", 1, 7, "reset")).Advance(1_000);
        Assert.Equal(ServiceHealth.Healthy, Health(driver));
    }

    [Fact]
    public void Readiness_by_probe_is_asked_often_and_the_first_good_answer_makes_it_ready_and_healthy()
    {
        var driver = new CoreDriver(Waiting).Launched();
        Assert.Equal(new StartProbing("a", 1, ProbeUse.Ready, true), driver.Only<StartProbing>());
        for (var i = 0; i < 100; i++)
            Probe(driver, false, ProbeUse.Ready);
        Assert.Equal(ServiceState.Starting, driver.State());
        Probe(driver, true, ProbeUse.Ready);
        Assert.Equal([EventKinds.ServiceReady, EventKinds.ServiceHealth], driver.Kinds);
        Assert.Equal(new StopProbing("a", ProbeUse.Ready), driver.Only<StopProbing>());
        Assert.Equal(ProbeUse.Live, driver.Only<StartProbing>().Use);
        Assert.Equal((ServiceState.Running, ServiceHealth.Healthy), (driver.State(), Health(driver)));
    }

    [Fact]
    public void Not_found_ready_in_time_is_a_start_timeout_that_tells_the_last_answer()
    {
        var driver = new CoreDriver(Waiting).Launched();
        Probe(driver, false, ProbeUse.Ready, "connection refused").Advance(30_000);
        Assert.Equal(("ready_probe", false, 1L, "connection refused"), Told(driver));
        Assert.True(driver.Has<KillTree>());
        driver.Exits(new(null, 9));
        Assert.Equal("start_timeout", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
    }

    [Fact]
    public void Readiness_lost_later_is_degraded_and_no_death()
    {
        var driver = new CoreDriver(Both).Launched();
        Probe(driver, true, ProbeUse.Ready);
        Assert.Equal(ServiceState.Starting, driver.State());
        Probe(driver, true, ProbeUse.Ready);
        Assert.Equal([ProbeUse.Live, ProbeUse.Ready], driver.Last.OfType<StartProbing>().Select(start => start.Use));
        Assert.All(driver.Last.OfType<StartProbing>(), start => Assert.False(start.IsStarting));
        for (var i = 0; i < 10; i++)
            Probe(driver, false, ProbeUse.Ready);
        Assert.Equal((ServiceState.Running, ServiceHealth.Degraded), (driver.State(), Health(driver)));
        Probe(driver, true, ProbeUse.Ready);
        Probe(driver, true, ProbeUse.Ready);
        Assert.Equal(ServiceHealth.Healthy, Health(driver));
        Probe(driver, false);
        Assert.Equal(ServiceState.Stopping, driver.State());
    }

    [Fact]
    public void Outcomes_of_a_probe_nobody_asked_for_and_of_an_older_generation_count_nothing()
    {
        var driver = new CoreDriver(Probed).Launched().Dies().Launched(pid: 4712);
        for (var i = 0; i < 5; i++)
            driver.Send(new ProbeResult("a", 1, ProbeUse.Live, false, "old"));
        for (var i = 0; i < 5; i++)
            Probe(driver, false, ProbeUse.Ready);
        Assert.Equal((ServiceState.Running, ServiceHealth.Unknown), (driver.State(), Health(driver)));
    }

    [Fact]
    public void A_changed_probe_takes_effect_without_a_restart()
    {
        var driver = new CoreDriver(Probed).Launched();
        driver.Send(new ConfigurationChanged(With(Probed)));
        Assert.False(driver.Has<StartProbing>());
        driver.Send(new ConfigurationChanged(With(Probed with { Probe = new() { Key = "tcp" } })));
        Assert.Equal(ProbeUse.Live, driver.Only<StartProbing>().Use);
        Probe(driver, false);
        driver.Send(new ConfigurationChanged(With(Probed with { Probe = new() { Key = "tcp", Failures = 1, Restarts = false } })));
        Assert.False(driver.Has<StartProbing>());
        Probe(driver, false);
        Assert.Equal((ServiceState.Running, ServiceHealth.Unhealthy), (driver.State(), Health(driver)));
        driver.Send(new ConfigurationChanged(With(Service())));
        Assert.Equal(new StopProbing("a", ProbeUse.Live), driver.Only<StopProbing>());
        Assert.Equal(ServiceHealth.Unknown, Health(driver));
        driver.Send(new ConfigurationChanged(With(Probed)));
        Assert.True(driver.Has<StartProbing>());
        Assert.Equal(1, driver.Generation());
    }

    [Fact]
    public void A_new_monitor_goes_on_probing_and_knows_what_was_found()
    {
        var driver = new CoreDriver(Reporting).Launched().Reports(ServiceHealth.Healthy);
        for (var i = 0; i < 3; i++)
            Probe(driver, false);
        driver = driver.Successor([Alive()], With(Reporting));
        Assert.Equal(new StartProbing("a", 1, ProbeUse.Live, false), driver.Only<StartProbing>());
        Assert.Equal((ServiceHealth.Unhealthy, ServiceHealth.Healthy), (Health(driver), driver.Core.View("a")!.ReportedHealth));
        Probe(driver, true);
        Assert.Equal(ServiceHealth.Healthy, Health(driver));
        driver = new CoreDriver(Waiting).Launched().Successor([Alive()], With(Waiting));
        Assert.Equal(new StartProbing("a", 1, ProbeUse.Ready, true), driver.Only<StartProbing>());
    }

    private static CoreDriver Probe(CoreDriver driver, bool good, ProbeUse use = ProbeUse.Live, string text = "found") =>
        driver.Send(new ProbeResult("a", driver.Generation(), use, good, text));

    private static ServiceHealth Health(CoreDriver driver) => driver.Core.Snapshot("a")!.Health;

    private static (string, bool, long, string) Told(CoreDriver driver)
    {
        var data = driver.Recorded(EventKinds.ServiceProbe);
        return ((string)data["probe"]!.Value.Value!, (bool)data["good"]!.Value.Value!, (long)data["failures"]!.Value.Value!, (string)data["text"]!.Value.Value!);
    }
}
