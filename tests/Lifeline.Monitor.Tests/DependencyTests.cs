using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests;

public sealed class DependencyTests
{
    private static ServiceSpec On(string name, params string[] dependencies) => Service(name) with { DependsOn = dependencies };

    private static CoreDriver Chain() => new CoreDriver(On("web", "app"), On("app", "db"), Service("db"))
        .Launched("db", 1).Launched("app", 2).Launched("web", 3);

    [Fact]
    public void A_dependent_is_launched_when_the_last_of_its_dependencies_is_ready()
    {
        var driver = new CoreDriver(On("app", "db", "cache"), Service("db") with { Ready = ReadyWhen.Status }, Service("cache"));
        Assert.Equal(["db", "cache"], driver.Last.OfType<Launch>().Select(launch => launch.Service));
        Assert.Equal("""{"for":"db","state":"stopped"}""", driver.Recorded(EventKinds.ServiceWaiting).ToJson());
        Assert.Equal(ServiceState.Waiting, driver.State("app"));
        driver.Launched("cache");
        Assert.False(driver.Has<Launch>());
        driver.Launched("db");
        Assert.False(driver.Has<Launch>());
        Assert.Equal("waits for db, which is starting", driver.Core.Snapshot("app")!.Because);
        driver.Send(new ReadyTold("db", 1));
        Assert.Equal("app", driver.Only<Launch>().Service);
    }

    [Fact]
    public void Relatives_are_told_in_both_directions_and_without_those_that_were_asked_for()
    {
        var core = new CoreDriver(On("web", "app"), On("app", "db", "cache"), Service("db"), Service("cache"), On("mail", "db")).Core;
        Assert.Equal(["app", "cache", "db"], core.RelatedTo(["web"], ServiceRelations.Dependencies).Order());
        Assert.Equal(["app", "mail", "web"], core.RelatedTo(["db"], ServiceRelations.Dependents).Order());
        Assert.Equal(["cache", "db", "web"], core.RelatedTo(["app"], ServiceRelations.Dependencies | ServiceRelations.Dependents).Order());
        Assert.Equal(["cache", "db"], core.RelatedTo(["web", "app"], ServiceRelations.Dependencies).Order());
        Assert.Empty(core.RelatedTo(["app"], ServiceRelations.None));
        Assert.Empty(core.RelatedTo(["nobody"], ServiceRelations.Dependents));
        Assert.Equal((ServiceState.Waiting, "db"), (core.Outline("app")!.State, core.Outline("app")!.DependsOn![0]));
        Assert.Null(core.Outline("nobody"));
    }

    [Fact]
    public void It_looks_at_what_is_and_not_at_what_was()
    {
        var driver = new CoreDriver(On("app", "db", "cache"), Service("db"), Service("cache"));
        driver.Launched("db").Exits(new(1, null), "db").Launched("cache");
        Assert.False(driver.Has<Launch>());
        Assert.Equal("waits for db, which is backoff", driver.Core.Snapshot("app")!.Because);
        driver.Reclaims(service: "db").Launched("db");
        Assert.Equal("app", driver.Only<Launch>().Service);
    }

    [Fact]
    public void A_job_that_ended_with_success_counts_as_ready()
    {
        var driver = new CoreDriver(
            On("app", "migrate"), Service("migrate") with { Restart = RestartWhen.Never, Ready = ReadyWhen.Status });
        driver.Launched("migrate").Exits(new(0, null), "migrate");
        Assert.False(driver.Has<Launch>());
        driver.Reclaims(service: "migrate");
        Assert.Equal("app", driver.Only<Launch>().Service);
    }

    [Fact]
    public void While_a_dependency_is_failed_the_dependent_waits_and_says_why()
    {
        var driver = new CoreDriver(On("app", "db"), Service("db") with { MaxRestarts = 0 });
        driver.Launched("db").Launched("app").Dies(service: "db");
        Assert.Equal((ServiceState.Failed, ServiceState.Running), (driver.State("db"), driver.State("app")));
        driver.Dies(service: "app");
        Assert.Equal(ServiceState.Waiting, driver.State("app"));
        Assert.Equal("waits for db, which is failed: signal 9; more than 0 restarts within 60 s (max_restarts, restart_window)", driver.Core.Snapshot("app")!.Because);
        driver.Advance(300_000);
        Assert.Equal("db", driver.Only<Launch>().Service);
        driver.Launched("db");
        Assert.Equal("app", driver.Only<Launch>().Service);
    }

    [Fact]
    public void The_death_of_a_dependency_leaves_a_running_dependent_alone()
    {
        var driver = Chain().Dies(service: "db");
        Assert.Equal("db", driver.Only<Launch>().Service);
        driver.Launched("db");
        Assert.Equal((1, 1), (driver.Generation("app"), driver.Generation("web")));
    }

    [Fact]
    public void A_start_takes_along_what_is_needed_and_says_so()
    {
        var driver = new CoreDriver(
            On("web", "app") with { Autostart = false }, On("app", "db") with { Autostart = false }, Service("db") with { Autostart = false });
        driver.Send(new StartOrder(1, "web"));
        Assert.Equal("web shall run, and so shall db, app, on which web depends", driver.Only<AnswerOrder>().Message);
        Assert.Equal("db", driver.Only<Launch>().Service);
        Assert.Equal("app", driver.Launched("db").Only<Launch>().Service);
        Assert.Equal("web", driver.Launched("app").Only<Launch>().Service);
    }

    [Fact]
    public void What_starts_by_itself_takes_along_what_does_not()
    {
        var driver = new CoreDriver(On("app", "db"), Service("db") with { Autostart = false });
        Assert.Equal("db", driver.Only<Launch>().Service);
        Assert.Equal("app", driver.Launched("db").Only<Launch>().Service);
    }

    [Fact]
    public void A_start_tries_a_failed_dependency_again()
    {
        var driver = new CoreDriver(On("app", "db"), Service("db") with { MaxRestarts = 0 }).Launched("db").Dies(service: "db");
        driver.Send(new StartOrder(1, "app"));
        Assert.Equal(("db", 2), (driver.Only<Launch>().Service, driver.Only<Launch>().Generation));
    }

    [Fact]
    public void A_stop_stops_what_depends_on_it_first_and_lets_it_wait()
    {
        var driver = Chain().Send(new StopOrder(1, "db"));
        Assert.Equal("web", driver.Only<SendSignal>().Service);
        Assert.Equal("dependency", driver.Recorded(EventKinds.ServiceStopping)["cause"]!.Value.Value);
        Assert.Equal((ServiceState.Stopping, SlotPhase.Holding), (driver.State("db"), driver.Phase("app")));
        Assert.Equal("waits until app, which depends on it, has stopped", driver.Core.Snapshot("db")!.Because);
        Assert.Equal("app", driver.Dies(new(0, null), "web").Only<SendSignal>().Service);
        driver.Dies(new(0, null), "app");
        Assert.Equal("db", driver.Only<SendSignal>().Service);
        Assert.Equal("operator", driver.Recorded(EventKinds.ServiceStopping)["cause"]!.Value.Value);
        driver.Dies(new(0, null), "db");
        Assert.Equal(
            (ServiceState.Stopped, ServiceState.Waiting, ServiceState.Waiting), (driver.State("db"), driver.State("app"), driver.State("web")));
        driver.Send(new StartOrder(2, "db")).Launched("db").Launched("app").Launched("web");
        Assert.Equal(ServiceState.Running, driver.State("web"));
    }

    [Fact]
    public void A_start_before_the_stop_has_come_to_it_lets_it_run_on()
    {
        var driver = Chain().Send(new StopOrder(1, "db")).Send(new StartOrder(2, "db"));
        Assert.Equal(ServiceState.Running, driver.State("db"));
        driver.Dies(new(0, null), "web");
        Assert.Equal((1, 1), (driver.Generation("db"), driver.Only<SendSignal>().Service == "app" ? 1 : 0));
        driver.Dies(new(0, null), "app");
        Assert.Equal("app", driver.Only<Launch>().Service);
    }

    [Fact]
    public void A_restart_leaves_dependents_alone()
    {
        var driver = Chain().Send(new RestartOrder(1, "db"));
        Assert.Equal("db", driver.Only<SendSignal>().Service);
    }

    [Fact]
    public void A_dependent_that_cannot_be_killed_is_not_waited_for()
    {
        var driver = new CoreDriver(On("app", "db"), Service("db")).Launched("db").Launched("app").Send(new StopOrder(1, "db"));
        driver.Advance(10_000 + (11 * 1_000));
        Assert.Equal(SlotPhase.Unkillable, driver.Phase("app"));
        Assert.Equal("db", driver.Only<SendSignal>().Service);
    }

    [Fact]
    public void A_shutdown_stops_dependents_first_and_what_is_independent_side_by_side()
    {
        var driver = new CoreDriver(On("app", "db"), Service("db"), Service("other"))
            .Launched("db").Launched("other").Launched("app").Send(new ShutdownRequested("down"));
        Assert.Equal(["other", "app"], driver.Last.OfType<SendSignal>().Select(signal => signal.Service));
        driver.Dies(new(0, null), "app");
        Assert.Equal("db", driver.Only<SendSignal>().Service);
        Assert.Equal("shutdown", driver.Recorded(EventKinds.ServiceStopping)["cause"]!.Value.Value);
        driver.Dies(new(0, null), "db").Dies(new(0, null), "other");
        Assert.True(driver.Has<ShutdownComplete>());
    }

    [Fact]
    public void A_reload_that_takes_both_out_stops_the_dependent_first()
    {
        var driver = new CoreDriver(On("app", "db"), Service("db")).Launched("db").Launched("app").Send(new ConfigurationChanged(With()));
        Assert.Equal("app", driver.Only<SendSignal>().Service);
        Assert.Equal("db", driver.Dies(new(0, null), "app").Only<SendSignal>().Service);
        Assert.Empty(driver.Dies(new(0, null), "db").Core.Services);
    }

    [Fact]
    public void A_reload_that_takes_the_dependency_away_ends_the_wait()
    {
        var driver = new CoreDriver(On("app", "db"), Service("db") with { Ready = ReadyWhen.Status }).Launched("db");
        driver.Send(new ConfigurationChanged(With(Service("app"), Service("db") with { Ready = ReadyWhen.Status })));
        Assert.Equal("app", driver.Only<Launch>().Service);
    }

    [Fact]
    public void A_monitor_that_comes_after_a_death_waits_on()
    {
        var configuration = With(On("app", "db"), Service("db"));
        var driver = new CoreDriver(configuration).Launched("db").Launched("app").Send(new StopOrder(1, "db"));
        var next = driver.Successor([Alive("db"), Alive("app")], configuration);
        Assert.Equal((SlotPhase.Holding, SlotPhase.Stopping), (next.Phase("db"), next.Phase("app")));
        next.Dies(new(0, null), "app");
        Assert.Equal("db", next.Only<SendSignal>().Service);
        var last = next.Dies(new(0, null), "db").Successor([], configuration);
        Assert.Equal((SlotPhase.Stopped, SlotPhase.Waiting), (last.Phase("db"), last.Phase("app")));
        Assert.Equal("app", last.Send(new StartOrder(1, "db")).Launched("db").Only<Launch>().Service);
    }

    [Fact]
    public void A_thousand_dependents_cost_a_thousand_steps()
    {
        var services = Enumerable.Range(0, 1_000).Select(i => On($"app{i}", "db")).Prepend(Service("db")).ToArray();
        var driver = new CoreDriver(services).Launched("db");
        Assert.Equal(1_000, driver.Last.OfType<Launch>().Count());
        for (var i = 0; i < 1_000; i++)
            driver.Launched($"app{i}");
        driver.Send(new StopOrder(1, "db"));
        Assert.Equal(1_000, driver.Last.OfType<SendSignal>().Count());
        for (var i = 0; i < 1_000; i++)
            driver.Dies(new(0, null), $"app{i}");
        Assert.Equal("db", driver.Only<SendSignal>().Service);
    }
}
