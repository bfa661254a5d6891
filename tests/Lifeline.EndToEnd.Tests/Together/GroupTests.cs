using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Together;

public class GroupTests
{
    private static Daemon Shop(string strategy, int maxRestarts = 5) => new($$"""
        [groups.shop]
        strategy = "{{strategy}}"
        max_restarts = {{maxRestarts}}

        [defaults]
        command = ["sleep", "1000"]

        [services.a]
        group = "shop"

        [services.b]
        group = "shop"

        [services.c]
        group = "shop"

        [services.other]
        """);

    [Fact]
    public async Task One_for_all_restarts_every_member_the_last_stopped_first()
    {
        await using var daemon = Shop("one_for_all");
        await daemon.UpAsync();
        Processes.Kill((await daemon.RunningAsync("b")).Pid());
        foreach (var name in (string[])["a", "b", "c"])
            await daemon.RunningAsync(name, 2);
        Assert.Equal(1, (await daemon.RunningAsync("other")).Generation());
        var events = await daemon.EventsAsync();
        long IdOf(string kind, string service, int generation) =>
            events.First(e => e.Kind() == kind && e.Service() == service && e.Generation() == generation).Id();
        Assert.True(IdOf("service.died", "c", 1) < IdOf("service.stopping", "a", 1));
        Assert.True(IdOf("service.died", "a", 1) < IdOf("service.starting", "b", 2));
        Assert.True(IdOf("service.starting", "a", 2) < IdOf("service.starting", "b", 2));
    }

    [Fact]
    public async Task Rest_for_one_leaves_those_before_it_alone_and_survives_a_death_of_the_monitor()
    {
        await using var daemon = Shop("rest_for_one");
        await daemon.UpAsync();
        var b = (await daemon.RunningAsync("b")).Pid();
        Processes.Kill(b);
        Processes.Kill(daemon.MonitorPid);
        await daemon.RunningAsync("b", 2);
        await daemon.RunningAsync("c", 2);
        Assert.Equal(1, (await daemon.RunningAsync("a")).Generation());
    }

    [Fact]
    public async Task A_group_whose_budget_is_spent_is_failed_as_a_whole()
    {
        await using var daemon = Shop("one_for_all", maxRestarts: 0);
        await daemon.UpAsync();
        Processes.Kill((await daemon.RunningAsync("c")).Pid());
        foreach (var name in (string[])["a", "b", "c"])
        {
            var service = await daemon.ServiceAsync(name, s => s.State() == "failed", "failed");
            Assert.Contains("in the group shop", service.GetProperty("because").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal("running", (await daemon.RunningAsync("other")).State());
        (await daemon.RunAsync("start", "a")).MustSucceed();
    }
}
