using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests;

/// <summary>What people are told to be next: the deadline of each phase by its name.</summary>
public sealed class DueTests
{
    [Fact]
    public void A_start_has_to_be_ready_in_time()
    {
        var driver = new CoreDriver(Service() with { Ready = ReadyWhen.Status, ReadyTimeout = Ms(5_000) });
        Assert.Equal("launch_timeout", driver.Core.Due("a")!.What);

        driver.Launched();

        AssertDue(driver, "ready_timeout", 5_000);
    }

    [Fact]
    public void Nothing_is_due_of_one_that_just_runs() => Assert.Null(new CoreDriver(Service()).Launched().Core.Due("a"));

    [Fact]
    public void A_heartbeat_is_due_a_whole_one_after_the_last_sign_of_life()
    {
        var driver = new CoreDriver(Service() with { Heartbeat = Ms(1_000) }).Launched();
        AssertDue(driver, "hung", 1_000);

        driver.Advance(900).Beats();

        AssertDue(driver, "hung", 1_000);
    }

    [Fact]
    public void A_stop_may_take_its_time_and_then_it_is_killed_again_and_again()
    {
        var driver = new CoreDriver(Service() with { StopTimeout = Ms(700) }).Launched().Send(new StopOrder(1, "a"));
        AssertDue(driver, "stop_timeout", 700);

        driver.Advance(700);

        Assert.Equal("kill", driver.Core.Due("a")!.What);
    }

    [Fact]
    public void After_a_death_come_the_reclaim_the_backoff_and_at_last_the_slow_retry()
    {
        var driver = new CoreDriver(Service() with { Backoff = new() { Jitter = 0, Initial = Ms(2_000) }, MaxRestarts = 2 }).Launched().Dies().Launched().Exits(new(null, 9));
        Assert.Equal("reclaim_timeout", driver.Core.Due("a")!.What);

        driver.Reclaims();
        AssertDue(driver, "restart", 2_000);

        driver.Advance(2_000).Launched().Dies();
        Assert.Equal(ServiceState.Failed, driver.State());
        AssertDue(driver, "retry", 300_000);
    }

    [Fact]
    public void A_reclaim_that_fails_is_due_again()
    {
        var driver = new CoreDriver(Service()).Launched().Exits(new(null, 9)).Reclaims(treeEmpty: false);

        Assert.Equal("reclaim", driver.Core.Due("a")!.What);
    }

    [Fact]
    public void Nobody_is_told_of_a_service_that_does_not_exist() => Assert.Null(new CoreDriver(Service()).Core.Due("b"));

    private static void AssertDue(CoreDriver driver, string what, double milliseconds)
    {
        var due = driver.Core.Due("a")!;
        Assert.Equal(what, due.What);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddTicks(driver.Nanoseconds / 100).AddMilliseconds(milliseconds), due.At);
    }
}
