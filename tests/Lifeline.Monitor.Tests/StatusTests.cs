using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests;

public sealed class StatusTests
{
    private static CoreDriver Running() => new CoreDriver(Service() with { StatusEvents = Ms(1_000) }).Launched();

    [Fact]
    public void A_change_of_health_is_an_event_at_once_and_the_same_again_is_none()
    {
        var driver = Running().Reports(ServiceHealth.Healthy);
        var health = driver.Recorded(EventKinds.ServiceHealth);
        Assert.Equal(("unknown", "healthy"), (health["from"]!.Value.Value, health["to"]!.Value.Value));
        Assert.Equal([EventKinds.ServiceHealth], driver.Kinds);
        driver.Reports(ServiceHealth.Healthy, sequence: 2);
        Assert.Empty(driver.Last);
        driver.Reports(ServiceHealth.Degraded, sequence: 3);
        Assert.Equal([EventKinds.ServiceHealth], driver.Kinds);
    }

    [Fact]
    public void Text_code_and_fields_become_events_at_most_once_per_spacing_and_the_latest_comes_later()
    {
        var driver = Running().Reports(ServiceHealth.Unknown, "one");
        Assert.Equal("one", driver.Recorded(EventKinds.ServiceStatus)["text"]!.Value.Value);
        driver.Reports(ServiceHealth.Unknown, "two", sequence: 2).Reports(ServiceHealth.Unknown, "three", 3, sequence: 3);
        Assert.Empty(driver.Kinds);
        Assert.Equal("three", driver.Core.Snapshot("a")!.Status!.Text);
        driver.Advance(999);
        Assert.Empty(driver.Kinds);
        driver.Advance(1);
        var status = driver.Recorded(EventKinds.ServiceStatus);
        Assert.Equal(("three", 3L), (status["text"]!.Value.Value, status["code"]!.Value.Value));
        driver.Advance(10_000);
        Assert.Empty(driver.Kinds);
        Assert.Null(driver.Core.NextDeadline);
    }

    [Fact]
    public void What_goes_back_to_what_was_recorded_is_no_event()
    {
        var driver = Running().Reports(ServiceHealth.Unknown, "one").Reports(ServiceHealth.Unknown, "two", sequence: 2)
            .Reports(ServiceHealth.Unknown, "one", sequence: 3).Advance(5_000);
        Assert.Empty(driver.Kinds);
    }

    [Fact]
    public void Fields_keep_their_kinds()
    {
        var driver = Running().Send(new StatusChanged("a", 1, new StatusReport
        {
            Fields = new Dictionary<string, StatusValue> { ["n"] = 3, ["x"] = 1.5, ["b"] = true, ["t"] = "text" },
        }));
        Assert.Equal("""{"code":0,"text":"","fields":{"n":3,"x":1.5,"b":true,"t":"text"}}""", driver.Recorded(EventKinds.ServiceStatus).ToJson());
    }

    [Fact]
    public void Health_that_flaps_is_told_up_to_a_burst_and_then_merged()
    {
        var driver = Running();
        var events = 0;
        for (var i = 1; i <= 100; i++)
        {
            driver.Reports(i % 2 == 0 ? ServiceHealth.Degraded : ServiceHealth.Healthy, sequence: i);
            events += driver.Kinds.Count();
        }

        Assert.Equal(10, events);
        driver.Reports(ServiceHealth.Healthy, sequence: 101).Advance(1_000);
        Assert.Equal("healthy", driver.Recorded(EventKinds.ServiceHealth)["to"]!.Value.Value);
    }

    [Fact]
    public void An_older_report_does_not_replace_a_newer()
    {
        var driver = Running();
        var old = driver.Nanoseconds;
        driver.Sleep(5).Reports(ServiceHealth.Healthy, "new", sequence: 9);
        driver.Send(new StatusChanged("a", 1, new StatusReport { Text = "old", Sequence = 8, AtNanoseconds = old }));
        Assert.Equal("new", driver.Core.Snapshot("a")!.Status!.Text);
    }

    [Fact]
    public void The_last_words_of_the_dead_are_recorded_before_the_death_or_kept_after_it()
    {
        var driver = Running().Reports(ServiceHealth.Healthy, "one").Reports(ServiceHealth.Healthy, "two", sequence: 2).Exits(new(1, null));
        Assert.Equal([EventKinds.ServiceStatus, EventKinds.ServiceDied], driver.Kinds);
        driver.Sleep(2_000).Reports(ServiceHealth.Unhealthy, "three", sequence: 3);
        Assert.Equal("three", driver.Recorded(EventKinds.ServiceStatus)["text"]!.Value.Value);
        Assert.DoesNotContain(EventKinds.ServiceHealth, driver.Kinds);
        Assert.Equal("three", driver.Core.Snapshot("a")!.Status!.Text);
        Assert.Equal(ServiceHealth.Unknown, driver.Core.Snapshot("a")!.Health);
        driver.Reclaims();
        Assert.Null(driver.Core.Snapshot("a")!.Status);
    }

    [Fact]
    public void The_time_of_a_status_is_never_later_than_its_receipt()
    {
        var driver = Running().Send(new StatusChanged("a", 1, new StatusReport { Text = "x", AtNanoseconds = long.MaxValue }));
        Assert.Equal(DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(driver.Nanoseconds / 100), driver.Core.Snapshot("a")!.Status!.At);
    }

    [Fact]
    public void A_session_lost_by_a_living_process_makes_its_health_unknown_and_is_no_death()
    {
        var driver = Running().Send(new SessionOpened("a", 1, 1)).Reports(ServiceHealth.Healthy).Send(new SessionLost("a", 1, 1, "reset"));
        Assert.Empty(driver.Kinds);
        driver.Advance(500);
        Assert.Equal([EventKinds.SessionLost, EventKinds.ServiceHealth], driver.Kinds);
        Assert.Equal("reset", driver.Recorded(EventKinds.SessionLost)["reason"]!.Value.Value);
        Assert.Equal((ServiceState.Running, ServiceHealth.Unknown), (driver.State(), driver.Core.Snapshot("a")!.Health));
        driver.Send(new SessionOpened("a", 1, 2)).Reports(ServiceHealth.Healthy, sequence: 2);
        Assert.Equal(ServiceHealth.Healthy, driver.Core.Snapshot("a")!.Health);
    }

    [Fact]
    public void A_session_that_ends_with_its_process_is_not_lost()
    {
        var driver = Running().Send(new SessionOpened("a", 1, 1)).Send(new SessionLost("a", 1, 1, "end")).Sleep(3).Exits(new(null, 9));
        Assert.Equal([EventKinds.ServiceDied], driver.Kinds);
        driver.Advance(1_000);
        Assert.DoesNotContain(EventKinds.SessionLost, driver.Kinds);
    }

    [Fact]
    public void An_end_that_takes_long_is_told_once_and_changes_no_phase_before_the_exit()
    {
        var driver = Running();
        var pid = driver.Core.View("a")!.Pid!.Value;
        driver.Send(new ProcessDying("a", 1, pid)).Send(new ProcessDying("a", 1, pid));
        Assert.Empty(driver.Kinds);
        Assert.False(driver.Core.Snapshot("a")!.Dying);
        driver.Advance(10);
        Assert.Equal([EventKinds.ServiceDying], driver.Kinds);
        Assert.True(driver.Core.Snapshot("a")!.Dying);
        Assert.Equal((long)pid, driver.Recorded(EventKinds.ServiceDying)["pid"]!.Value.Value);
        Assert.Equal(ServiceState.Running, driver.State());
        driver.Advance(1_000);
        Assert.Empty(driver.Kinds);
        driver.Exits(new(null, 9));
        Assert.Equal([EventKinds.ServiceDied], driver.Kinds);
        Assert.False(driver.Core.Snapshot("a")!.Dying);
    }

    [Fact]
    public void An_end_that_is_quick_or_of_another_process_or_only_an_exec_is_not_told()
    {
        var driver = Running();
        var pid = driver.Core.View("a")!.Pid!.Value;
        driver.Send(new ProcessDying("a", 1, pid + 1)).Advance(1_000);
        Assert.Empty(driver.Kinds);
        driver.Send(new ProcessDying("a", 1, pid)).Send(new SessionOpened("a", 1, 5)).Advance(1_000);
        Assert.Empty(driver.Kinds);
        driver.Send(new ProcessDying("a", 1, pid)).Sleep(3).Exits(new(null, 9));
        Assert.Equal([EventKinds.ServiceDied], driver.Kinds);
        driver.Advance(1_000);
        Assert.DoesNotContain(EventKinds.ServiceDying, driver.Kinds);
    }

    [Fact]
    public void A_session_is_lost_once_and_late_news_does_not_open_it_again()
    {
        var driver = Running().Send(new SessionOpened("a", 1, 1)).Send(new SessionLost("a", 1, 1, "x")).Send(new SessionLost("a", 1, 1, "x"));
        driver.Advance(500);
        Assert.Single(driver.Kinds);
        driver.Send(new SessionOpened("a", 1, 1)).Send(new SessionLost("a", 1, 2, "before it was opened")).Send(new SessionOpened("a", 1, 2));
        Assert.Equal(0, driver.Core.View("a")!.Sessions);
    }

    [Fact]
    public void Health_stays_while_another_session_is_open()
    {
        var driver = Running().Send(new SessionOpened("a", 1, 1)).Send(new SessionOpened("a", 1, 2)).Reports(ServiceHealth.Healthy);
        driver.Send(new SessionLost("a", 1, 1, "x")).Advance(500);
        Assert.Equal(1L, driver.Recorded(EventKinds.SessionLost)["sessions_left"]!.Value.Value);
        Assert.Equal(ServiceHealth.Healthy, driver.Core.Snapshot("a")!.Health);
    }

    [Fact]
    public void Claims_are_kept_until_they_are_reclaimed()
    {
        var driver = Running();
        driver.Send(new ResourceClaimed("a", 1, ClaimKind.Path, "/x")).Send(new ResourceClaimed("a", 1, ClaimKind.SysVShm, "7"));
        Assert.Equal(2, driver.Only<SaveSlot>().Record.Claims.Count);
        driver.Send(new ResourceClaimed("a", 1, ClaimKind.Path, "/x"));
        Assert.Empty(driver.Last);
        driver.Send(new ResourceUnclaimed("a", 1, ClaimKind.SysVShm, "7")).Exits(new(1, null));
        Assert.Equal([new ClaimRecord(ClaimKind.Path, "/x")], driver.Only<Reclaim>().Claims);
        driver.Reclaims().Launched().Exits(new(1, null));
        Assert.Empty(driver.Only<Reclaim>().Claims);
    }

    [Fact]
    public void What_it_was_seen_to_hold_is_kept_over_monitors_until_it_is_reclaimed()
    {
        FoundRecord Thing(int number) => new(FoundKind.Socket, $"/run/{number}", 1, (ulong)number);
        var driver = Running().Send(new ThingsFound("a", 1, [Thing(1)])).Send(new ThingsFound("a", 1, [Thing(1), Thing(2)]));
        var record = driver.Only<SaveSlot>().Record;
        Assert.Equal([Thing(1), Thing(2)], record.Found);
        Assert.Empty(driver.Send(new ThingsFound("a", 1, [Thing(2)])).Last);

        var next = new CoreDriver(new MonitorConfiguration([Service()], []), [SlotRecordCodec.Decode(SlotRecordCodec.Encode(record))], [], startAt: (long)driver.Now);
        Assert.Equal([Thing(1), Thing(2)], next.Only<Reclaim>().Found);

        driver.Exits(new(1, null));
        Assert.Equal([Thing(1), Thing(2)], driver.Only<Reclaim>().Found);
        driver.Reclaims().Launched().Exits(new(1, null));
        Assert.Empty(driver.Only<Reclaim>().Found);
    }

    [Fact]
    public void Claims_have_a_limit()
    {
        var driver = Running();
        for (var i = 0; i < 300; i++)
            driver.Send(new ResourceClaimed("a", 1, ClaimKind.Path, $"/x{i}"));
        Assert.Equal(CoreDriver.Options.MaxClaims, driver.Core.View("a")!.Claims);
    }
}
