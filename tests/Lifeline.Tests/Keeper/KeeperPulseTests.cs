using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Tests.Keeper;

public sealed class KeeperPulseTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void A_keeper_that_says_nothing_is_asked_and_taken_for_silent_only_a_limit_after_that()
    {
        KeeperPulse pulse = new(TimeSpan.FromSeconds(30));
        pulse.Begin(0);

        Assert.Equal(KeeperPulseState.Good, pulse.Look(9 * Second));
        Assert.Equal(KeeperPulseState.Ask, pulse.Look(10 * Second));
        Assert.Equal(KeeperPulseState.Good, pulse.Look(20 * Second));
        Assert.Equal(KeeperPulseState.Good, pulse.Look(30 * Second));
        Assert.Equal(KeeperPulseState.Silent, pulse.Look(40 * Second));
    }

    [Fact]
    public void Any_message_is_a_sign_of_life()
    {
        KeeperPulse pulse = new(TimeSpan.FromSeconds(30));
        pulse.Begin(0);
        pulse.Look(10 * Second);

        pulse.NoteSign(35 * Second);

        Assert.Equal(KeeperPulseState.Good, pulse.Look(40 * Second));
        Assert.Equal(KeeperPulseState.Ask, pulse.Look(50 * Second));
    }

    [Fact]
    public void One_that_was_itself_held_up_begins_to_count_afresh()
    {
        KeeperPulse pulse = new(TimeSpan.FromSeconds(30));
        pulse.Begin(0);
        pulse.Look(10 * Second);

        Assert.Equal(KeeperPulseState.Good, pulse.Look(1000 * Second));
        Assert.Equal(KeeperPulseState.Good, pulse.Look(1010 * Second));
        Assert.Equal(KeeperPulseState.Silent, Enumerable.Range(2, 4).Select(i => pulse.Look((1000 + (i * 10)) * Second)).First(state => state != KeeperPulseState.Good));
    }

    [Fact]
    public void Without_a_limit_nobody_is_asked()
    {
        KeeperPulse pulse = new(Timeout.InfiniteTimeSpan);
        pulse.Begin(0);

        Assert.Equal(KeeperPulseState.Good, pulse.Look(1000 * Second));
        Assert.Equal(-1, pulse.MillisecondsToNext(1000 * Second));
    }

    [Fact]
    public void A_stopped_keeper_is_replaced()
    {
        using KeeperHouse house = new();
        using KeeperRestarter restarter = new(KeeperHouse.Executable, house.Options with { AliveTimeout = TimeSpan.FromHours(1) }, static _ => { })
        {
            AliveTimeout = TimeSpan.FromSeconds(3),
        };
        MonitorAtTest monitor = house.NextMonitor(restarter);
        LaunchedMessage launched = monitor.Launch(house.Shell("a", 1, "exec sleep 100"));
        house.Track(launched.Pid);

        house.Signal(19); // SIGSTOP

        Assert.Contains("no sign of life", monitor.Expect<KeeperLostMessage>().Reason, StringComparison.Ordinal);
        Assert.NotEqual(house.Keeper.Id, monitor.Expect<KeeperRestartedMessage>().KeeperPid);
        Assert.True(KeeperHouse.IsAlive(launched.Pid));
        Assert.NotEmpty(house.Run(monitor, house.Job("b", 1, "cat", "/proc/self/status")));
    }
}
