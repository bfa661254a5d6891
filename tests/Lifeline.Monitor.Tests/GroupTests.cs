using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests;

public sealed class GroupTests
{
    private static ServiceSpec Member(string name) => Service(name) with { Group = "g" };

    private static MonitorConfiguration Configuration(GroupStrategy strategy, int maxRestarts = 5) =>
        With(Member("a"), Member("b"), Member("c"), Service("z")) with
        {
            Groups = [new GroupSpec { Name = "g", Strategy = strategy, MaxRestarts = maxRestarts }],
        };

    private static CoreDriver Running(GroupStrategy strategy, int maxRestarts = 5) => new CoreDriver(Configuration(strategy, maxRestarts))
        .Launched("a", 1).Launched("b", 2).Launched("c", 3).Launched("z", 4);

    private static string[] Launches(CoreDriver driver) => [.. driver.Last.OfType<Launch>().Select(launch => launch.Service)];

    [Fact]
    public void One_for_one_concerns_nobody_else()
    {
        var driver = Running(GroupStrategy.OneForOne).Dies(service: "b");
        Assert.Equal(["b"], Launches(driver));
        Assert.False(driver.Has<SendSignal>());
    }

    [Fact]
    public void One_for_all_stops_the_last_first_and_starts_in_the_order_of_the_file()
    {
        var driver = Running(GroupStrategy.OneForAll).Exits(new(null, 9), "b");
        Assert.Equal("""{"group":"g","members":2,"failed":false}""", driver.Recorded(EventKinds.GroupRestarting).ToJson());
        Assert.Equal("c", driver.Only<SendSignal>().Service);
        Assert.Equal("group", driver.Recorded(EventKinds.ServiceStopping)["cause"]!.Value.Value);
        driver.Reclaims(service: "b");
        Assert.False(driver.Has<Launch>());
        Assert.Equal("waits until the rest of the group g has stopped", driver.Core.Snapshot("b")!.Because);
        Assert.Equal("""{"for":"g","state":null,"group":"g"}""", driver.Recorded(EventKinds.ServiceWaiting).ToJson());
        Assert.Equal("a", driver.Dies(new(0, null), "c").Only<SendSignal>().Service);
        Assert.Equal(["a", "b", "c"], Launches(driver.Dies(new(0, null), "a")));
        Assert.Equal((1, 0), (driver.Core.Snapshot("b")!.Restarts, driver.Core.Snapshot("a")!.Restarts));
        Assert.Equal(1, driver.Generation("z"));
    }

    [Fact]
    public void Rest_for_one_leaves_those_before_it_alone()
    {
        var driver = Running(GroupStrategy.RestForOne).Exits(new(null, 9), "b");
        Assert.Equal("c", driver.Only<SendSignal>().Service);
        driver.Reclaims(service: "b");
        Assert.Equal(["b", "c"], Launches(driver.Dies(new(0, null), "c")));
        Assert.Equal(1, driver.Generation("a"));
    }

    [Fact]
    public void Orders_of_operators_are_no_deaths()
    {
        var driver = Running(GroupStrategy.OneForAll).Send(new StopOrder(1, "b")).Dies(new(0, null), "b");
        Assert.Equal((1, 1), (driver.Generation("a"), driver.Generation("c")));
        driver.Send(new RestartOrder(2, "c")).Dies(new(0, null), "c");
        Assert.Equal(["c"], Launches(driver));
    }

    [Fact]
    public void A_member_that_was_stopped_stays_stopped()
    {
        var driver = Running(GroupStrategy.OneForAll).Send(new StopOrder(1, "a")).Dies(new(0, null), "a");
        driver.Dies(service: "b");
        Assert.Equal(["b", "c"], Launches(driver.Dies(new(0, null), "c")));
        Assert.Equal(ServiceState.Stopped, driver.State("a"));
    }

    [Fact]
    public void A_death_within_a_round_costs_nothing_more()
    {
        var driver = Running(GroupStrategy.OneForAll, maxRestarts: 1).Exits(new(null, 9), "b").Exits(new(1, null), "a");
        driver.Reclaims(service: "b").Reclaims(service: "a");
        Assert.Equal(["a", "b", "c"], Launches(driver.Dies(new(0, null), "c")));
    }

    [Fact]
    public void A_spent_budget_makes_all_failed_and_they_are_tried_again_together()
    {
        var driver = Running(GroupStrategy.RestForOne, maxRestarts: 1).Dies(service: "c").Launched("c");
        driver.Exits(new(null, 9), "c");
        Assert.True(driver.Recorded(EventKinds.GroupRestarting)["failed"]!.Value.Value is true);
        driver.Reclaims(service: "c").Dies(new(0, null), "b").Advance(2_000).Dies(new(0, null), "a");
        Assert.All(["a", "b", "c"], name => Assert.Equal(ServiceState.Failed, driver.State(name)));
        Assert.Equal("c: signal 9; more than 1 restart within 60 s in the group g (its max_restarts, restart_window)", driver.Core.Snapshot("a")!.Because);
        driver.Advance(297_999);
        Assert.False(driver.Has<Launch>());
        driver.Advance(1);
        Assert.Equal(["a", "b", "c"], Launches(driver));
    }

    [Fact]
    public void A_death_on_probation_fails_all_again()
    {
        var driver = Running(GroupStrategy.OneForAll, maxRestarts: 0).Dies(service: "c").Dies(new(0, null), "b").Dies(new(0, null), "a");
        driver.Advance(300_000).Launched("a").Launched("b").Launched("c").Dies(service: "a");
        driver.Dies(new(0, null), "c").Dies(new(0, null), "b");
        Assert.All(["a", "b", "c"], name => Assert.Equal(ServiceState.Failed, driver.State(name)));
        driver.Advance(600_000);
        Assert.Equal(["a", "b", "c"], Launches(driver));
    }

    [Fact]
    public void A_member_that_outlived_its_kills_fails_with_its_group_when_it_dies_and_is_tried_again_with_it()
    {
        var driver = Running(GroupStrategy.OneForAll, maxRestarts: 0).Dies(service: "c").Advance(21_000);
        Assert.Equal(SlotPhase.Unkillable, driver.Phase("b"));
        driver.Dies(new(0, null), "a");
        Assert.Equal((ServiceState.Failed, ServiceState.Failed), (driver.State("a"), driver.State("c")));

        driver.Dies(service: "b");
        Assert.False(driver.Has<Launch>());
        Assert.Equal(ServiceState.Failed, driver.State("b"));
        Assert.StartsWith("c: ", driver.Core.Snapshot("b")!.Because, StringComparison.Ordinal);
        driver.Advance(300_000 - 21_000 - 1);
        Assert.False(driver.Has<Launch>());
        driver.Advance(1);
        Assert.Equal(["a", "b", "c"], Launches(driver));
    }

    [Fact]
    public void A_member_that_outlived_its_kills_and_the_rest_of_its_group_is_tried_again_when_it_dies()
    {
        var driver = Running(GroupStrategy.OneForAll, maxRestarts: 0).Dies(service: "c").Advance(21_000).Dies(new(0, null), "a");
        driver.Advance(300_000).Launched("a").Launched("c").Dies(service: "b");
        Assert.Equal(["b"], Launches(driver));
    }

    [Fact]
    public void An_order_to_start_begins_the_budget_anew()
    {
        var driver = Running(GroupStrategy.OneForAll, maxRestarts: 0).Dies(service: "c").Dies(new(0, null), "b").Dies(new(0, null), "a");
        driver.Send(new StartOrder(1, "a"));
        Assert.Equal(["a"], Launches(driver));
    }

    [Fact]
    public void A_member_that_ends_with_success_concerns_nobody()
    {
        var configuration = Configuration(GroupStrategy.OneForAll);
        configuration = configuration with { Services = [.. configuration.Services.Select(spec => spec with { Restart = RestartWhen.OnFailure })] };
        var driver = new CoreDriver(configuration).Launched("a").Launched("b").Launched("c").Dies(new(0, null), "b");
        Assert.Equal((ServiceState.Exited, ServiceState.Running), (driver.State("b"), driver.State("a")));
    }

    [Fact]
    public void A_launch_on_its_way_is_stopped_when_it_arrives()
    {
        var driver = new CoreDriver(Configuration(GroupStrategy.OneForAll)).Launched("a").Launched("b").Dies(service: "a");
        Assert.False(driver.Has<SendSignal>());
        Assert.Equal("c", driver.Launched("c").Only<SendSignal>().Service);
    }

    [Fact]
    public void A_monitor_that_comes_after_a_death_goes_on_with_the_round()
    {
        var configuration = Configuration(GroupStrategy.OneForAll);
        var driver = Running(GroupStrategy.OneForAll).Exits(new(null, 9), "b");
        var next = driver.Successor([Alive("a"), Alive("c"), Alive("z")], configuration);
        next.Reclaims(service: "b");
        Assert.False(next.Has<Launch>());
        Assert.Equal("a", next.Dies(new(0, null), "c").Only<SendSignal>().Service);
        Assert.Equal(["a", "b", "c"], Launches(next.Dies(new(0, null), "a")));
    }

    [Fact]
    public void A_reload_that_dissolves_the_group_lets_its_members_go()
    {
        var driver = Running(GroupStrategy.OneForAll).Dies(service: "b");
        driver.Send(new ConfigurationChanged(With(Service("a"), Service("b"), Service("c"), Service("z"))));
        Assert.Equal(["b"], Launches(driver));
        Assert.Equal(["c"], Launches(driver.Dies(new(0, null), "c")));
        Assert.Equal(1, driver.Generation("a"));
    }
}
