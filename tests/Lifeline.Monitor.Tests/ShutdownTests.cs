using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests;

public sealed class ShutdownTests
{
    private static CoreDriver Three() => new CoreDriver(Service("a"), Service("b"), Service("c"))
        .Launched("a", 1).Launched("b", 2).Launched("c", 3);

    [Fact]
    public void Everything_is_asked_in_reverse_order_and_the_end_is_told()
    {
        var driver = Three().Send(new ShutdownRequested("SIGTERM"));
        Assert.Equal(["c", "b", "a"], driver.Last.OfType<SendSignal>().Select(signal => signal.Service));
        Assert.All(driver.Last.OfType<RecordEvent>(), recorded => Assert.Equal("shutdown", recorded.Data["cause"]!.Value.Value));
        driver.Dies(new(0, null), "c").Dies(new(0, null), "b");
        Assert.False(driver.Core.IsShutDown);
        driver.Dies(new(0, null), "a");
        Assert.Empty(driver.Only<ShutdownComplete>().Left);
        Assert.Equal(EventKinds.MonitorStopped, driver.Kinds.Last());
        Assert.True(driver.Core.IsShutDown);
        Assert.Null(driver.Core.NextDeadline);
    }

    [Fact]
    public void Backoff_and_failed_are_over_at_once_and_orders_to_start_are_refused()
    {
        var driver = Three().Dies(null, "b").Launched("b", 4).Dies(null, "b");
        driver.Send(new ShutdownRequested("down"));
        Assert.Equal(ServiceState.Stopped, driver.State("b"));
        driver.Send(new StartOrder(1, "b"));
        Assert.Equal(OrderRefusal.ShuttingDown, driver.Only<AnswerOrder>().Refusal);
        driver.Send(new StopOrder(2, "a"));
        Assert.Null(driver.Only<AnswerOrder>().Refusal);
    }

    [Fact]
    public void After_the_timeout_everything_is_killed_and_what_still_lives_is_named()
    {
        var configuration = With(Service("a") with { StopTimeout = Ms(100_000) }, Service("b")) with { ShutdownTimeout = Ms(3_000) };
        var driver = new CoreDriver(configuration).Launched("a", 1).Launched("b", 2).Send(new ShutdownRequested("down")).Dies(new(0, null), "b");
        driver.Advance(2_999);
        Assert.False(driver.Has<KillTree>());
        driver.Advance(1);
        Assert.Equal("a", driver.Only<KillTree>().Service);
        driver.Advance(5_000);
        Assert.Equal([new Leftover("a", 1, 1)], driver.Only<ShutdownComplete>().Left);
    }

    [Fact]
    public void A_core_that_begins_in_the_middle_of_it_starts_nothing_and_ends_what_lives()
    {
        var driver = Three().Send(new ShutdownRequested("down")).Dies(new(0, null), "c");
        var records = driver.Records();
        InstanceReport[] living = [new("a", 1, InstancePresence.Alive) { Pid = 1 }, new("b", 1, InstancePresence.Alive) { Pid = 2 }];
        var configuration = With(Service("a"), Service("b"), Service("c"));
        Assert.Equal("c", new CoreDriver(configuration, records, living, startAt: (long)driver.Now).Only<Launch>().Service);

        var next = new CoreDriver(configuration, records, living, startAt: (long)driver.Now, shutdown: new ShutdownRequested("down"));
        Assert.False(next.Has<Launch>());
        next.Dies(new(0, null), "b").Dies(new(0, null), "a");
        Assert.Empty(next.Only<ShutdownComplete>().Left);
        Assert.DoesNotContain(next.All, effect => effect is Launch);
    }

    [Fact]
    public void Somebody_without_patience_gets_a_kill_at_once()
    {
        var driver = Three().Send(new ShutdownRequested("SIGINT")).Send(new ShutdownRequested("SIGINT"));
        Assert.Empty(driver.Last);
        driver.Send(new ShutdownRequested("SIGINT") { IsUrgent = true });
        Assert.Equal(["c", "b", "a"], driver.Last.OfType<KillTree>().Select(kill => kill.Service));
    }

    [Fact]
    public void Nothing_to_stop_ends_at_once()
    {
        var driver = new CoreDriver(Service() with { Autostart = false }).Send(new ShutdownRequested("down"));
        Assert.True(driver.Has<ShutdownComplete>());
        driver.Send(new ProcessExited("a", 1, new(0, null), 1)).Send(new StartOrder(1, "a"));
        Assert.Equal(OrderRefusal.ShuttingDown, driver.Only<AnswerOrder>().Refusal);
    }

    [Fact]
    public void A_launch_on_its_way_is_stopped_when_it_arrives()
    {
        var driver = new CoreDriver(Service()).Send(new ShutdownRequested("down"));
        Assert.False(driver.Has<ShutdownComplete>());
        driver.Launched();
        Assert.Equal("shutdown", driver.Recorded(EventKinds.ServiceStopping)["cause"]!.Value.Value);
        driver.Dies(new(0, null));
        Assert.True(driver.Has<ShutdownComplete>());
    }
}
