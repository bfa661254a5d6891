using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests;

public sealed class ReloadTests
{
    [Fact]
    public void Only_what_changed_is_touched()
    {
        var driver = new CoreDriver(Service("a"), Service("b"), Service("c")).Launched("a", 1).Launched("b", 2).Launched("c", 3);
        driver.Send(new ConfigurationChanged(With(
            Service("d"), Service("a") with { MaxRestarts = 99 }, Service("c") with { LaunchKey = "other" })));
        Assert.Equal("""{"applied":true,"added":["d"],"removed":["b"],"restarted":["c"]}""", driver.Recorded(EventKinds.ConfigReloaded).ToJson());
        Assert.Equal("d", driver.Only<Launch>().Service);
        Assert.Equal(["b", "c"], driver.Last.OfType<SendSignal>().Select(signal => signal.Service));
        Assert.Equal(["d", "a", "c", "b"], driver.Core.Services);
        driver.Dies(new(0, null), "b").Dies(new(0, null), "c");
        Assert.Equal(("c", 2), (driver.Only<Launch>().Service, driver.Only<Launch>().Generation));
        Assert.Equal(["d", "a", "c"], driver.Core.Services);
    }

    [Fact]
    public void Whatever_goes_and_comes_in_any_order_the_others_stay_in_theirs()
    {
        string[] names = [.. Enumerable.Range(0, 40).Select(i => $"s{i}")];
        var driver = new CoreDriver([.. names.Select(name => Service(name))]);
        for (var i = 0; i < names.Length; i++) driver.Launched(names[i], i + 1);
        string[] kept = [.. names.Where((_, i) => i % 3 == 0)];
        string[] gone = [.. names.Except(kept)];
        driver.Send(new ConfigurationChanged(With([.. kept.Select(name => Service(name))])));
        new Random(1).Shuffle(gone);
        foreach (var name in gone[..13]) driver.Dies(new(0, null), name);

        // Two come while others are still on their way out.
        driver.Send(new ConfigurationChanged(With([.. kept.Select(name => Service(name)), Service("x"), Service("y")])));
        foreach (var name in gone[13..]) driver.Dies(new(0, null), name);
        Assert.Equal([.. kept, "x", "y"], driver.Core.Services);
        driver.Send(new ConfigurationChanged(With(Service("y"), Service("z"))));
        Assert.Equal(["y", "z", .. kept, "x"], driver.Core.Services);
    }

    [Fact]
    public void A_service_that_comes_back_goes_on_counting_its_generations()
    {
        var driver = new CoreDriver(Service(), Service("b")).Launched().Send(new ConfigurationChanged(With(Service("b")))).Dies(new(0, null));
        driver.Send(new ConfigurationChanged(With(Service(), Service("b"))));
        Assert.Equal(("a", 2), (driver.Only<Launch>().Service, driver.Only<Launch>().Generation));
    }

    [Fact]
    public void A_service_that_comes_back_while_it_is_stopping_starts_afterwards()
    {
        var driver = new CoreDriver(Service()).Launched().Send(new ConfigurationChanged(With())).Send(new ConfigurationChanged(With(Service())));
        Assert.False(driver.Has<Launch>());
        driver.Dies(new(0, null));
        Assert.Equal(2, driver.Only<Launch>().Generation);
    }

    [Fact]
    public void A_heartbeat_that_comes_or_goes_takes_effect_at_once()
    {
        var driver = new CoreDriver(Service()).Launched();
        driver.Send(new ConfigurationChanged(With(Service() with { Heartbeat = Ms(500) }))).Advance(499);
        Assert.Equal(ServiceState.Running, driver.State());
        driver.Send(new ConfigurationChanged(With(Service()))).Advance(10_000);
        Assert.Equal(ServiceState.Running, driver.State());
    }

    [Fact]
    public void A_changed_launch_is_tried_at_once_where_the_last_one_failed()
    {
        var spec = Service() with { MaxRestarts = 1, FailedRetry = null };
        var driver = new CoreDriver(spec).Launched().Dies(new(1, null)).Launched().Dies(new(1, null));
        Assert.Equal(SlotPhase.Failed, driver.Phase());
        driver.Send(new ConfigurationChanged(With(spec with { StopTimeout = Ms(77) })));
        Assert.Equal(SlotPhase.Failed, driver.Phase());
        driver.Send(new ConfigurationChanged(With(spec with { LaunchKey = "mended" })));
        Assert.Equal("""{"applied":true,"added":[],"removed":[],"restarted":["a"]}""", driver.Recorded(EventKinds.ConfigReloaded).ToJson());
        Assert.Equal(3, driver.Only<Launch>().Generation);

        // The budget and the delays begin anew, as after an order.
        driver.Launched().Dies(new(1, null));
        Assert.Equal(4, driver.Only<Launch>().Generation);
    }

    [Fact]
    public void A_changed_launch_ends_a_backoff()
    {
        var driver = new CoreDriver(Service()).Launched().Dies(new(1, null)).Launched().Dies(new(1, null));
        Assert.Equal(SlotPhase.Backoff, driver.Phase());
        driver.Send(new ConfigurationChanged(With(Service() with { LaunchKey = "mended" })));
        Assert.Equal(3, driver.Only<Launch>().Generation);
    }

    [Fact]
    public void A_changed_launch_starts_nothing_that_was_stopped_or_is_run_once()
    {
        var once = Service("once") with { Restart = RestartWhen.Never };
        var driver = new CoreDriver(Service(), once).Launched().Launched("once", 2).Dies(new(1, null), "once").Send(new StopOrder(1, "a")).Dies(new(0, null));
        Assert.Equal((SlotPhase.Stopped, SlotPhase.Failed), (driver.Phase(), driver.Phase("once")));
        driver.Send(new ConfigurationChanged(With(Service() with { LaunchKey = "other" }, once with { LaunchKey = "other" })));
        Assert.False(driver.Has<Launch>());
    }

    [Fact]
    public void A_channel_that_goes_takes_its_alerts_with_it()
    {
        var configuration = new MonitorConfiguration([Service()], [new AlertSpec { Name = "ops" }]);
        var driver = new CoreDriver(configuration).Launched().Exits(new(1, null)).Send(new ConfigurationChanged(With(Service())));
        Assert.Empty(driver.Core.View("a")!.Alerts);
        driver.Reclaims().Launched();
        Assert.False(driver.Has<ResolveAlert>());
    }
}
