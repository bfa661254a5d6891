using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests;

public sealed class LaunchTests
{
    [Fact]
    public void Services_start_in_the_order_of_the_file()
    {
        var driver = new CoreDriver(Service("b"), Service("a"), Service("c") with { Autostart = false });
        Assert.Equal(["b", "a"], driver.Last.OfType<Launch>().Select(launch => launch.Service));
        Assert.Equal(ServiceState.Stopped, driver.State("c"));
        Assert.Equal(["b", "a", "c"], driver.Core.Services);
    }

    [Fact]
    public void The_intent_is_saved_before_the_launch_and_the_launch_waits_for_it()
    {
        var driver = new CoreDriver(Service());
        var save = driver.Only<SaveSlot>();
        Assert.Equal((1, SlotPhase.Launching, 0), (save.Record.Generation, save.Record.Phase, save.Record.DiedGeneration));
        Assert.Equal([EventKinds.ServiceStarting], driver.Kinds);
        Assert.IsType<Launch>(driver.Last[^1]);
        Assert.True(driver.Only<Launch>().NeedsCommit);
    }

    [Fact]
    public void Ready_by_exec_is_running_at_once()
    {
        var driver = new CoreDriver(Service()).Sleep(5).Launched();
        Assert.Equal([EventKinds.ServiceStarted, EventKinds.ServiceReady], driver.Kinds);
        Assert.Equal(4711L, driver.Recorded(EventKinds.ServiceStarted)["pid"]!.Value.Value);
        Assert.Equal(ServiceState.Running, driver.State());
        Assert.Equal(driver.Core.Snapshot("a")!.StartedAt, DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(CoreDriver.At(5) / 100));
    }

    [Theory]
    [InlineData(ServiceHealth.Healthy, null, true)]
    [InlineData(ServiceHealth.Degraded, null, true)]
    [InlineData(ServiceHealth.Unknown, null, false)]
    [InlineData(ServiceHealth.Unhealthy, null, false)]
    [InlineData(ServiceHealth.Healthy, false, false)]
    [InlineData(ServiceHealth.Unhealthy, true, true)]
    public void Ready_by_status_takes_a_good_report_or_a_plain_word(ServiceHealth health, bool? ready, bool isRunning)
    {
        var driver = new CoreDriver(Service() with { Ready = ReadyWhen.Status }).Launched();
        Assert.Equal(ServiceState.Starting, driver.State());
        driver.Reports(health, ready: ready);
        Assert.Equal(isRunning ? ServiceState.Running : ServiceState.Starting, driver.State());
    }

    [Fact]
    public void Ready_told_is_ready()
    {
        var driver = new CoreDriver(Service() with { Ready = ReadyWhen.Status }).Launched().Sleep(7).Send(new ReadyTold("a", 1));
        Assert.Equal(ServiceState.Running, driver.State());
        Assert.Equal(7_000L, driver.Recorded(EventKinds.ServiceReady)["after_us"]!.Value.Value);
        driver.Send(new ReadyTold("a", 1));
        Assert.Empty(driver.Kinds);
    }

    [Fact]
    public void A_report_that_overtakes_the_news_of_the_exec_counts()
    {
        var driver = new CoreDriver(Service() with { Ready = ReadyWhen.Status });
        driver.Send(new SessionOpened("a", 1, 5)).Reports(ServiceHealth.Healthy, "up");
        Assert.Equal(ServiceState.Starting, driver.State());
        driver.Launched();
        Assert.Equal(ServiceState.Running, driver.State());
        Assert.Equal(ServiceHealth.Healthy, driver.Core.Snapshot("a")!.Health);
    }

    [Fact]
    public void Not_ready_in_time_is_killed_and_dies_of_start_timeout()
    {
        var driver = new CoreDriver(Service() with { Ready = ReadyWhen.Status, ReadyTimeout = Ms(300) }).Launched().Advance(299.9);
        Assert.False(driver.Has<KillTree>());
        driver.Advance(0.1);
        Assert.Equal(1, driver.Only<KillTree>().Generation);
        driver.Exits(new(null, 9));
        Assert.Equal("start_timeout", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
    }

    [Fact]
    public void A_failed_exec_goes_through_reclaim_and_the_restart_policy()
    {
        var driver = new CoreDriver(Service());
        driver.Send(new LaunchFailed("a", 1, "no such file: /nope", driver.Nanoseconds));
        var died = driver.Recorded(EventKinds.ServiceDied);
        Assert.Equal("exec_failed", died["reason"]!.Value.Value);
        Assert.Equal("no such file: /nope", died["error"]!.Value.Value);
        Assert.Equal(1, driver.Only<Reclaim>().Attempt);
        driver.Reclaims();
        Assert.Equal(2, driver.Only<Launch>().Generation);
        driver.Send(new LaunchFailed("a", 2, "again", driver.Nanoseconds)).Reclaims();
        Assert.Equal(ServiceState.Backoff, driver.State());
    }

    [Fact]
    public void A_launch_that_died_with_its_keeper_is_lost_and_spends_no_restart()
    {
        var driver = new CoreDriver(Service() with { MaxRestarts = 0 });
        driver.Send(new LaunchFailed("a", 1, "the keeper died", driver.Nanoseconds) { IsLost = true });
        Assert.Equal("lost", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
        driver.Reclaims();
        Assert.Equal(2, driver.Only<Launch>().Generation);
    }

    [Fact]
    public void A_launch_without_an_answer_is_killed_until_one_comes()
    {
        var driver = new CoreDriver(Service());
        driver.Advance(60_000);
        Assert.Equal(1, driver.Only<KillTree>().Generation);
        driver.Advance(1_000);
        Assert.True(driver.Has<KillTree>());
        driver.Launched();
        Assert.True(driver.Has<KillTree>());
        Assert.Equal(ServiceState.Stopping, driver.State());
        driver.Exits(new(null, 9));
        Assert.Equal("start_timeout", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
    }

    [Fact]
    public void A_launch_of_another_generation_is_ended_and_changes_nothing()
    {
        var driver = new CoreDriver(Service()).Launched();
        driver.Send(new LaunchSucceeded("a", 9, 5, 5, driver.Nanoseconds));
        Assert.Equal(9, driver.Only<KillTree>().Generation);
        Assert.Equal(4711, driver.Core.View("a")!.Pid);
        driver.Send(new LaunchSucceeded("nobody", 1, 5, 5, driver.Nanoseconds));
        Assert.Equal("nobody", driver.Only<KillTree>().Service);
    }

    [Fact]
    public void News_of_a_dead_generation_never_counts_for_the_next()
    {
        var driver = new CoreDriver(Service() with { Ready = ReadyWhen.Status }).Launched().Dies().Launched(pid: 4712);
        MonitorEvent[] late =
        [
            new ReadyTold("a", 1), new BeatReceived("a", 1), new SessionOpened("a", 1, 1), new SessionLost("a", 1, 1, "x"), new ProcessDying("a", 1, 4712),
            new StatusChanged("a", 1, new StatusReport { Health = ServiceHealth.Healthy }), new LaunchFailed("a", 1, "x", 1),
            new ResourceClaimed("a", 1, ClaimKind.Path, "/x"), new ReclaimFinished("a", 1, 1, [], true, 1),
        ];
        foreach (var e in late)
        {
            driver.Send(e);
            Assert.Empty(driver.Last);
        }

        driver.Send(new ProcessExited("a", 1, new(0, null), driver.Nanoseconds));
        Assert.Equal(1, driver.Only<AcknowledgeExit>().Generation);
        Assert.Empty(driver.Kinds);
        Assert.Equal(ServiceState.Starting, driver.State());
    }
}
