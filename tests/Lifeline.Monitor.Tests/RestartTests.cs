using Lifeline.Contracts;
using static Lifeline.Monitor.Tests.Specs;

namespace Lifeline.Monitor.Tests;

public sealed class RestartTests
{
    [Fact]
    public void A_death_is_told_reclaimed_and_followed_by_an_immediate_restart()
    {
        var driver = new CoreDriver(Service()).Launched().Sleep(1_000);
        var exitAt = driver.Nanoseconds;
        driver.Sleep(0.21).Send(new ProcessExited("a", 1, new(null, 9), exitAt));
        var died = driver.Recorded(EventKinds.ServiceDied);
        Assert.Equal(("signaled", 9L, null), (died["reason"]!.Value.Value, died["signal"]!.Value.Value, died["exit_code"]!.Value.Value));
        Assert.Equal(210L, died["detect_us"]!.Value.Value);
        Assert.True(driver.Only<AcknowledgeExit>().NeedsCommit);
        Assert.Equal(DeathReason.Signaled, driver.Only<Reclaim>().Death.Reason);
        Assert.Equal(ServiceState.Backoff, driver.State());
        driver.Sleep(1).Reclaims();
        Assert.Equal([EventKinds.ServiceReclaimed, EventKinds.ServiceStarting], driver.Kinds);
        driver.Sleep(0.5).Launched(pid: 4712);
        var death = driver.Core.Snapshot("a")!.LastDeath!;
        Assert.Equal((210, 900, 1710), (death.DetectUs, death.ReclaimUs, death.RestartUs));
        Assert.Equal((2, 1), (driver.Core.Snapshot("a")!.Generation, driver.Core.Snapshot("a")!.Restarts));
    }

    [Fact]
    public void A_failed_service_says_how_it_last_ended_and_what_it_wrote_last()
    {
        var driver = new CoreDriver(Service() with { MaxRestarts = 1 }).Launched();
        driver.Exits(new(1, null));
        Assert.Null(driver.Only<Reclaim>().LastLineSince);
        driver.Reclaims().Launched();
        driver.Exits(new(3, null));
        var reclaim = driver.Only<Reclaim>();
        Assert.NotNull(reclaim.LastLineSince);
        driver.Send(new ReclaimFinished("a", 2, reclaim.Attempt, [], TreeEmpty: true, 900_000) { LastLine = "no such table: orders" });
        const string Because = "exit code 3, last line: \"no such table: orders\"; more than 1 restart within 60 s (max_restarts, restart_window)";
        Assert.Equal(Because, driver.Core.Snapshot("a")!.Because);
        Assert.Equal(Because, driver.Recorded(EventKinds.ServiceFailed)["because"]!.Value.Value);
    }

    [Fact]
    public void What_a_service_wrote_is_not_asked_for_where_it_never_ran()
    {
        var driver = new CoreDriver(Service() with { MaxRestarts = 0 });
        driver.Send(new LaunchFailed("a", 1, "'/x' does not exist", driver.Nanoseconds));
        Assert.Null(driver.Only<Reclaim>().LastLineSince);
        driver.Reclaims();
        Assert.Equal("it could not be started: '/x' does not exist; more than 0 restarts within 60 s (max_restarts, restart_window)", driver.Core.Snapshot("a")!.Because);
    }

    [Fact]
    public void Delays_grow_by_the_factor_up_to_the_maximum()
    {
        var spec = Service() with
        {
            MaxRestarts = 100,
            Backoff = new() { Initial = Ms(100), Factor = 3, Max = Ms(1_000), Jitter = 0 },
        };
        var driver = new CoreDriver(spec).Launched();
        var delays = new List<double>();
        for (var i = 0; i < 6; i++)
        {
            driver.Dies();
            var delay = 0.0;
            while (driver.Phase() == SlotPhase.Backoff)
            {
                driver.Advance(50);
                delay += 50;
            }

            delays.Add(delay);
            driver.Launched();
        }

        Assert.Equal([0, 100, 300, 900, 1_000, 1_000], delays);
    }

    [Fact]
    public void The_backoff_event_tells_delay_and_attempt()
    {
        var driver = new CoreDriver(Service()).Launched().Dies().Launched().Dies();
        var backoff = driver.Recorded(EventKinds.ServiceBackoff);
        Assert.Equal((100L, 2L), (backoff["delay_ms"]!.Value.Value, backoff["attempt"]!.Value.Value));
        driver.Advance(99.9);
        Assert.False(driver.Has<Launch>());
        driver.Advance(0.1);
        Assert.Equal(3, driver.Only<Launch>().Generation);
    }

    [Fact]
    public void The_time_of_the_reclaim_is_part_of_the_delay()
    {
        var driver = new CoreDriver(Service()).Launched().Dies().Launched().Exits(new(1, null)).Sleep(150).Reclaims();
        Assert.Equal(3, driver.Only<Launch>().Generation);
    }

    [Theory]
    [InlineData(59_999, false)]
    [InlineData(60_000, true)]
    public void A_stable_run_starts_the_series_anew(double ranFor, bool isImmediate)
    {
        var driver = new CoreDriver(Service()).Launched().Dies().Launched().Dies().Advance(1_000).Launched();
        driver.Advance(ranFor).Dies();
        Assert.Equal(isImmediate, driver.Has<Launch>());
    }

    [Fact]
    public void One_death_more_than_the_budget_within_the_window_is_failed()
    {
        var driver = new CoreDriver(Service() with { MaxRestarts = 2, Backoff = new() { Initial = TimeSpan.Zero } });
        driver.Launched().Dies().Launched().Dies().Launched().Dies();
        Assert.Equal(ServiceState.Failed, driver.State());
        Assert.False(driver.Has<Launch>());
        var failed = driver.Recorded(EventKinds.ServiceFailed);
        Assert.Equal(300_000L, failed["retry_ms"]!.Value.Value);
        Assert.Contains("max_restarts", (string)failed["because"]!.Value.Value!, StringComparison.Ordinal);
    }

    [Fact]
    public void The_window_slides()
    {
        var spec = Service() with { MaxRestarts = 2, RestartWindow = Ms(1_000), Backoff = new() { Initial = TimeSpan.Zero } };
        var driver = new CoreDriver(spec).Launched().Dies().Launched().Advance(600).Dies().Launched().Advance(400).Dies();
        Assert.Equal(4, driver.Only<Launch>().Generation);
        driver.Launched().Advance(599).Dies();
        Assert.Equal(ServiceState.Failed, driver.State());
    }

    [Fact]
    public void A_budget_of_none_fails_at_the_first_death()
    {
        var driver = new CoreDriver(Service() with { MaxRestarts = 0 }).Launched().Dies();
        Assert.Equal(ServiceState.Failed, driver.State());
    }

    [Fact]
    public void A_budget_without_limit_remembers_nothing()
    {
        var driver = new CoreDriver(Service() with { MaxRestarts = int.MaxValue, Backoff = new() { Initial = TimeSpan.Zero } }).Launched();
        for (var i = 0; i < 500; i++)
            driver.Dies().Launched();
        Assert.Equal((501, 500), (driver.Generation(), driver.Core.Snapshot("a")!.Restarts));
        Assert.Empty(driver.Records()[0].RestartTimes);
    }

    [Fact]
    public void The_slow_retry_doubles_up_to_an_hour_and_one_death_is_enough_to_fail_again()
    {
        var driver = new CoreDriver(Service() with { MaxRestarts = 0, FailedRetry = TimeSpan.FromMinutes(5) }).Launched().Dies();
        foreach (var minutes in (double[])[5, 10, 20, 40, 60, 60])
        {
            driver.Advance((minutes * 60_000) - 1);
            Assert.Equal(ServiceState.Failed, driver.State());
            driver.Advance(1);
            Assert.True(driver.Has<Launch>(), $"after {minutes} minutes");
            driver.Launched().Dies();
        }
    }

    [Fact]
    public void A_stable_run_ends_the_probation()
    {
        var driver = new CoreDriver(Service() with { MaxRestarts = 1 }).Launched().Dies().Launched().Dies();
        Assert.Equal(ServiceState.Failed, driver.State());
        driver.Advance(300_000).Launched().Advance(60_000).Dies();
        Assert.True(driver.Has<Launch>());
        Assert.Equal(0, driver.Records()[0].FailedRetries);
    }

    [Fact]
    public void Failed_retry_never_stays_failed()
    {
        var driver = new CoreDriver(Service() with { MaxRestarts = 0, FailedRetry = null }).Launched().Dies();
        Assert.Null(driver.Core.NextDeadline);
        Assert.Null(driver.Recorded(EventKinds.ServiceFailed)["retry_ms"]!.Value.Value);
    }

    [Theory]
    [InlineData(RestartWhen.Always, 0, null, ServiceState.Starting)]
    [InlineData(RestartWhen.Always, 1, null, ServiceState.Starting)]
    [InlineData(RestartWhen.OnFailure, 0, null, ServiceState.Exited)]
    [InlineData(RestartWhen.OnFailure, 7, null, ServiceState.Exited)]
    [InlineData(RestartWhen.OnFailure, 1, null, ServiceState.Starting)]
    [InlineData(RestartWhen.OnFailure, null, 15, ServiceState.Starting)]
    [InlineData(RestartWhen.Never, 7, null, ServiceState.Exited)]
    [InlineData(RestartWhen.Never, 1, null, ServiceState.Failed)]
    [InlineData(RestartWhen.Never, null, 9, ServiceState.Failed)]
    public void What_follows_an_end_is_the_policys_choice(RestartWhen restart, int? code, int? signal, ServiceState state)
    {
        var driver = new CoreDriver(Service() with { Restart = restart, SuccessExitCodes = [0, 7] }).Launched().Dies(new(code, signal));
        Assert.Equal(state, driver.State());
    }

    [Fact]
    public void Exited_is_told_and_ends_by_an_order()
    {
        var driver = new CoreDriver(Service() with { Restart = RestartWhen.OnFailure }).Launched().Dies(new(0, null));
        Assert.Equal("exited", driver.Recorded(EventKinds.ServiceStopped)["state"]!.Value.Value);
        driver.Send(new StartOrder(1, "a"));
        Assert.Equal(2, driver.Only<Launch>().Generation);
        Assert.Equal(0, driver.Core.Snapshot("a")!.Restarts);
    }

    [Theory]
    [InlineData(true, null, 9, DeathReason.MemoryLimit)]
    [InlineData(false, null, 11, DeathReason.Signaled)]
    [InlineData(false, 3, null, DeathReason.Exited)]
    [InlineData(false, null, null, DeathReason.Lost)]
    public void The_reason_is_what_the_keeper_saw(bool memory, int? code, int? signal, DeathReason reason)
    {
        var driver = new CoreDriver(Service()).Launched().Exits(new(code, signal) { MemoryLimit = memory });
        Assert.Equal(reason, driver.Core.Snapshot("a")!.LastDeath!.Reason);
    }

    [Fact]
    public void A_second_notice_of_the_same_death_is_only_acknowledged()
    {
        var driver = new CoreDriver(Service()).Launched().Exits(new(1, null)).Exits(new(1, null));
        Assert.IsType<AcknowledgeExit>(Assert.Single(driver.Last));
    }

    [Fact]
    public void Two_cores_with_one_seed_wait_equally_long_and_with_another_not()
    {
        long? Deadline(ulong seed)
        {
            var options = CoreDriver.Options with { Seed = seed };
            return new CoreDriver(With(new ServiceSpec { Name = "a" }), options: options)
                .Launched().Dies().Launched().Dies().Core.NextDeadline;
        }

        Assert.Equal(Deadline(3), Deadline(3));
        Assert.NotEqual(Deadline(3), Deadline(4));
    }
}
