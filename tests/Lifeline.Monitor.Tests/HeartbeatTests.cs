using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests;

public sealed class HeartbeatTests
{
    private static readonly ServiceSpec Watched = Service() with { Heartbeat = Ms(1_000) };

    [Fact]
    public void Silence_for_a_whole_heartbeat_is_hung_killed_and_restarted()
    {
        var driver = new CoreDriver(Watched).Launched().Advance(999.9);
        Assert.DoesNotContain(driver.Last, effect => effect is not WatchSilence);
        driver.Advance(0.1);
        var hung = driver.Recorded(EventKinds.ServiceHung);
        Assert.Equal((1_000L, 1_000L, false), (hung["silent_ms"]!.Value.Value, hung["heartbeat_ms"]!.Value.Value, hung["extended"]!.Value.Value));
        Assert.Equal(6, driver.Only<SendSignal>().Signal);
        driver.Exits(new(null, 6));
        Assert.Equal("hung", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
        driver.Reclaims();
        Assert.Equal(2, driver.Only<Launch>().Generation);
    }

    [Fact]
    public void Every_sign_of_life_counts_from_when_it_came()
    {
        var driver = new CoreDriver(Watched).Launched();
        driver.Advance(900).Beats().Advance(900).Reports(ServiceHealth.Healthy).Advance(900).Send(new ReadyTold("a", 1));
        driver.Advance(900).Send(new SessionOpened("a", 1, 3)).Advance(999);
        Assert.Equal(ServiceState.Running, driver.State());
        driver.Advance(1);
        Assert.True(driver.Has<SendSignal>());
    }

    [Fact]
    public void Counting_starts_at_ready_or_at_the_first_session()
    {
        var driver = new CoreDriver(Watched with { Ready = ReadyWhen.Status }).Launched().Advance(5_000);
        Assert.Equal(ServiceState.Starting, driver.State());
        driver.Send(new SessionOpened("a", 1, 3)).Advance(1_000);
        Assert.True(driver.Has<SendSignal>());
        driver = new CoreDriver(Watched with { Ready = ReadyWhen.Status }).Launched().Advance(5_000).Send(new ReadyTold("a", 1)).Advance(1_000);
        Assert.True(driver.Has<SendSignal>());
    }

    [Fact]
    public void A_session_before_the_news_of_the_exec_starts_the_counting_too()
    {
        var driver = new CoreDriver(Watched with { Ready = ReadyWhen.Status });
        driver.Send(new SessionOpened("a", 1, 3)).Launched().Advance(1_000);
        Assert.True(driver.Has<SendSignal>());
    }

    [Fact]
    public void A_late_look_gives_a_heartbeat_more_once_and_says_so()
    {
        var driver = new CoreDriver(Watched).Launched().Sleep(5_000).Advance(0);
        Assert.Equal("monitor_late", driver.Recorded(EventKinds.ServiceExtended)["reason"]!.Value.Value);
        driver.Advance(999);
        Assert.Equal(ServiceState.Running, driver.State());
        driver.Advance(1);
        Assert.True((bool)driver.Recorded(EventKinds.ServiceHung)["extended"]!.Value.Value!);
        driver = new CoreDriver(Watched).Launched().Sleep(5_000).Advance(0).Beats().Advance(999);
        Assert.Equal(ServiceState.Running, driver.State());
    }

    [Fact]
    public void Nobody_is_hung_while_stopping_or_dead()
    {
        var driver = new CoreDriver(Watched).Launched().Send(new StopOrder(1, "a")).Advance(9_000);
        Assert.DoesNotContain(EventKinds.ServiceHung, driver.Kinds);
        driver.Dies(new(0, null)).Advance(100_000);
        Assert.DoesNotContain(EventKinds.ServiceHung, driver.Kinds);
    }

    [Fact]
    public void A_lost_session_does_not_stop_the_counting()
    {
        var driver = new CoreDriver(Watched).Launched().Send(new SessionOpened("a", 1, 3)).Send(new SessionLost("a", 1, 3, "reset"));
        driver.Advance(1_000);
        Assert.Contains(EventKinds.ServiceHung, driver.Kinds);
    }

    [Fact]
    public void Without_a_heartbeat_there_is_no_timer()
    {
        Assert.Null(new CoreDriver(Service()).Launched().Core.NextDeadline);
    }
}
