using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests;

public sealed class HangTests
{
    private static readonly ServiceSpec Watched = Service() with { Heartbeat = Ms(1_000), HungSignal = 3, HungGrace = Ms(200) };

    [Fact]
    public void The_last_quarter_of_a_silent_heartbeat_is_watched_and_a_beating_service_is_not()
    {
        var driver = new CoreDriver(Watched).Launched().Advance(749);
        Assert.False(driver.Has<WatchSilence>());
        driver.Advance(1);
        Assert.Equal((1, 4711), (driver.Only<WatchSilence>().Generation, driver.Only<WatchSilence>().Pid));
        driver = new CoreDriver(Watched).Launched();
        for (var i = 0; i < 20; i++)
            driver.Beats().Advance(500);
        Assert.Empty(driver.All.OfType<WatchSilence>());
        driver.Advance(250);
        Assert.Single(driver.All.OfType<WatchSilence>());
    }

    [Fact]
    public void The_signal_of_a_hang_comes_first_and_a_kill_of_the_tree_soon_after()
    {
        var driver = new CoreDriver(Watched).Launched().Advance(1_000);
        Assert.Equal(3, driver.Only<SendSignal>().Signal);
        Assert.False(driver.Has<KillTree>());
        driver.Advance(199);
        Assert.False(driver.Has<KillTree>());
        driver.Advance(1);
        Assert.True(driver.Has<KillTree>());
        driver.Exits(new(null, 9));
        Assert.Equal("hung", driver.Recorded(EventKinds.ServiceDied)["reason"]!.Value.Value);
    }

    [Theory]
    [InlineData('T')]
    [InlineData('t')]
    public void A_stopped_process_is_killed_at_once_because_no_other_signal_reaches_it(char state)
    {
        var driver = new CoreDriver(Watched) { Evidence = new() { State = state } }.Launched().Advance(1_000);
        Assert.True(driver.Has<KillTree>());
        Assert.False(driver.Has<SendSignal>());
        Assert.Equal(state.ToString(), driver.Recorded(EventKinds.ServiceHung)["state"]!.Value.Value);
    }

    public static TheoryData<string, double?, double?, double?, char, int, bool> Excuses => new()
    {
        // reason, run delay, monitor's delay, CPU pressure, state, suspended (ms), is excused
        { "starved", 0.5, 0, 0.2, 'R', 0, true },
        { "", 0.49, 0, 1.0, 'R', 0, false },
        { "", 0.0, 0, 1.0, 'S', 0, false },
        { "monitor_late", 0.0, 0.5, 0.2, 'S', 0, true },
        { "suspended", 0.0, 0, 0.0, 'S', 1, true },
        { "starved", null, null, 0.9, 'R', 0, true },
        { "", null, null, 0.9, 'S', 0, false },
        { "", null, null, null, 'R', 0, false },
    };

    [Theory]
    [MemberData(nameof(Excuses))]
    public void Only_what_explains_the_silence_gives_more_time(
        string reason, double? delay, double? own, double? pressure, char state, int suspended, bool isExcused)
    {
        var evidence = new HangEvidence
        {
            State = state, RunDelay = delay, MonitorRunDelay = own, CpuPressure = pressure, Suspended = Ms(suspended),
        };
        var driver = new CoreDriver(Watched) { Evidence = evidence }.Launched().Advance(1_000);
        if (!isExcused)
        {
            Assert.Contains(EventKinds.ServiceHung, driver.Kinds);
            return;
        }

        var extended = driver.Recorded(EventKinds.ServiceExtended);
        Assert.Equal((reason, 1_000L, 1_000L), (extended["reason"]!.Value.Value, extended["by_ms"]!.Value.Value, extended["silent_ms"]!.Value.Value));
        Assert.Equal(ServiceState.Running, driver.State());
        driver.Advance(1_000);
        Assert.Equal(reason, driver.Recorded(EventKinds.ServiceHung)["extended_because"]!.Value.Value);
    }

    [Fact]
    public void All_tasks_waiting_for_memory_is_an_excuse()
    {
        var driver = new CoreDriver(Watched) { Evidence = new() { RunDelay = 0, MemoryPressure = 0.6 } }.Launched().Advance(1_000);
        Assert.Equal("memory_pressure", driver.Recorded(EventKinds.ServiceExtended)["reason"]!.Value.Value);
    }

    [Fact]
    public void After_a_sign_of_life_there_may_be_another_extension()
    {
        var driver = new CoreDriver(Watched) { Evidence = new() { RunDelay = 1 } }.Launched();
        for (var i = 0; i < 5; i++)
        {
            driver.Advance(1_500);
            Assert.Contains(EventKinds.ServiceExtended, driver.Kinds);
            driver.Beats();
        }

        Assert.Equal(ServiceState.Running, driver.State());
    }

    [Theory]
    [InlineData(true, "frozen")]
    [InlineData(false, "traced")]
    public void Who_cannot_beat_is_held_for_as_long_as_that_lasts_and_a_heartbeat_more(bool frozen, string reason)
    {
        var driver = new CoreDriver(Watched) { Evidence = new() { State = 't', IsFrozen = frozen, IsTraced = !frozen } }.Launched().Advance(10_500);
        var extensions = driver.All.OfType<RecordEvent>().Where(e => e.Kind == EventKinds.ServiceExtended).ToArray();
        Assert.Equal(reason, Assert.Single(extensions).Data["reason"]!.Value.Value);
        driver.Evidence = new();
        driver.Advance(1_499);
        Assert.Equal(ServiceState.Running, driver.State());
        driver.Advance(1_000);
        Assert.Contains(EventKinds.ServiceHung, driver.All.OfType<RecordEvent>().Select(e => e.Kind));
    }

    [Fact]
    public void Nobody_answers_and_it_is_given_time_once_and_then_judged_without_evidence()
    {
        var driver = new CoreDriver(Watched) { Evidence = null }.Launched().Advance(1_000);
        Assert.True(driver.Has<Diagnose>());
        driver.Advance(499);
        Assert.Empty(driver.Kinds);
        driver.Advance(1);
        Assert.Equal("no_look", driver.Recorded(EventKinds.ServiceExtended)["reason"]!.Value.Value);
        Assert.Equal(ServiceState.Running, driver.State());
        driver.Advance(1_499);
        Assert.DoesNotContain(EventKinds.ServiceHung, driver.Kinds);
        driver.Advance(1);
        var hung = driver.Recorded(EventKinds.ServiceHung);
        Assert.Null(hung["threads"]!.Value.Value);
        Assert.Equal("no_look", hung["extended_because"]!.Value.Value);
    }

    [Fact]
    public void A_look_that_comes_to_nothing_proves_as_little_and_a_frozen_service_is_held_by_the_next_one()
    {
        var driver = new CoreDriver(Watched) { Evidence = null }.Launched().Advance(1_000);
        driver.Send(new SilenceDiagnosed("a", 1, null));
        Assert.Equal("no_look", driver.Recorded(EventKinds.ServiceExtended)["reason"]!.Value.Value);
        driver.Evidence = new() { IsFrozen = true };
        driver.Advance(5_500);
        Assert.Equal(ServiceState.Running, driver.State());
        Assert.Contains("frozen", driver.All.OfType<RecordEvent>().Where(e => e.Kind == EventKinds.ServiceExtended).Select(e => e.Data["reason"]!.Value.Value));
    }

    [Fact]
    public void A_sign_that_comes_while_it_is_looked_at_saves_it_and_a_late_answer_changes_nothing()
    {
        var driver = new CoreDriver(Watched) { Evidence = null }.Launched().Advance(1_000).Beats();
        driver.Send(new SilenceDiagnosed("a", 1, new()));
        Assert.Empty(driver.Last);
        driver.Advance(999);
        Assert.Equal(ServiceState.Running, driver.State());
        driver.Advance(1);
        Assert.True(driver.Has<Diagnose>());
    }

    [Fact]
    public void The_evidence_stands_in_the_event()
    {
        var evidence = new HangEvidence
        {
            State = 'S', Window = Ms(250), RunDelay = 0.1, CpuPressure = 0.25, ThreadCount = 7, Output = ["last words"],
            Threads = [new(4711, "main", 'S', "futex_wait_queue", "202", ["futex_wait_queue", "do_futex"])],
        };
        var hung = new CoreDriver(Watched) { Evidence = evidence }.Launched().Advance(1_000).Recorded(EventKinds.ServiceHung);
        Assert.Contains("\"state\":\"S\",\"window_ms\":250,\"run_delay_percent\":10,\"monitor_delay_percent\":null,\"cpu_pressure_percent\":25", hung.ToJson(), StringComparison.Ordinal);
        Assert.Contains(
            """
            "threads":[{"tid":4711,"name":"main","state":"S","wchan":"futex_wait_queue","syscall":"202","stack":["futex_wait_queue","do_futex"]}],"output":["last words"]
            """,
            hung.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_is_asked_about_a_service_that_is_being_ended()
    {
        var driver = new CoreDriver(Watched) { Evidence = null }.Launched().Advance(1_000).Send(new StopOrder(1, "a"));
        driver.Send(new SilenceDiagnosed("a", 1, new()));
        Assert.Empty(driver.Last);
        driver.Advance(9_000);
        Assert.False(driver.Has<Diagnose>());
    }

    [Fact]
    public void A_hang_that_a_new_monitor_finds_half_done_is_killed()
    {
        var driver = new CoreDriver(Watched).Launched().Advance(1_000).Successor([Alive()], With(Watched), after: 50);
        Assert.Equal(SlotPhase.Killing, driver.Phase());
        Assert.True(driver.Has<KillTree>());
        driver.Dies();
        Assert.Equal(DeathReason.Hung, driver.Core.Snapshot("a")!.LastDeath!.Reason);
    }
}
