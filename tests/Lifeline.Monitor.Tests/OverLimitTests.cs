using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests;

public sealed class OverLimitTests
{
    private static readonly LimitExceeded Over = new("a", 1, 200, 100, IsKernel: false);

    [Fact]
    public void A_service_beyond_its_limit_is_killed_with_its_tree_and_restarted_by_the_same_policy()
    {
        var driver = new CoreDriver(With(Service()) with { Alerts = [new() { Name = "ops" }] }).Launched();
        driver.Send(Over);
        Assert.True(driver.Has<KillTree>());
        var told = driver.Recorded(EventKinds.ServiceOverLimit);
        Assert.Equal((200L, 100L, false), ((long)told["memory_bytes"]!.Value.Value!, (long)told["limit_bytes"]!.Value.Value!, (bool)told["kernel"]!.Value.Value!));
        driver.Exits(new(null, 9));
        Assert.Equal("memory_limit", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
        Assert.Equal("a died: it went beyond its memory limit", driver.Only<RaiseAlert>().Text);
        driver.Reclaims();
        Assert.Equal(2, driver.Only<Launch>().Generation);
        Assert.Equal(1, driver.Core.Snapshot("a")!.Restarts);
    }

    [Fact]
    public void One_with_too_many_processes_has_a_reason_of_its_own()
    {
        var driver = new CoreDriver(Service()).Launched();
        driver.Send(Over with { Kind = LimitKind.Processes });
        Assert.True(driver.Has<KillTree>());
        var told = driver.Recorded(EventKinds.ServiceOverLimit);
        Assert.Equal(("processes", 200L, 100L), ((string)told["limit"]!.Value.Value!, (long)told["processes"]!.Value.Value!, (long)told["limit_processes"]!.Value.Value!));
        driver.Exits(new(null, 9));
        Assert.Equal("process_limit", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
    }

    [Fact]
    public void It_is_told_once_and_not_of_another_generation()
    {
        var driver = new CoreDriver(Service()).Launched();
        driver.Send(Over with { Generation = 7 });
        Assert.Empty(driver.Kinds);
        driver.Send(Over);
        driver.Send(Over);
        Assert.Empty(driver.Kinds);
        driver.Dies();
        driver.Send(Over);
        Assert.Empty(driver.Kinds);
    }

    [Fact]
    public void One_that_is_beyond_its_limit_while_it_stops_is_killed_and_was_stopped()
    {
        var driver = new CoreDriver(Service()).Launched();
        driver.Send(new StopOrder(1, "a"));
        driver.Send(Over);
        Assert.True(driver.Has<KillTree>());
        driver.Exits(new(null, 9));
        Assert.Equal("stopped", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
    }

    [Fact]
    public void An_end_by_the_kernel_that_came_before_the_news_of_it_counts_as_its_limit()
    {
        var driver = new CoreDriver(Service()).Launched();
        driver.Send(Over with { Amount = null, IsKernel = true });
        Assert.True(driver.Recorded(EventKinds.ServiceOverLimit)["memory_bytes"]!.Value.Value is null);
        driver.Exits(new(null, 9) { MemoryLimit = true });
        Assert.Equal("memory_limit", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
    }
}
