using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

public class DeathTests
{
    [Fact]
    public async Task A_killed_service_is_noticed_reclaimed_started_again_and_an_alert_is_raised()
    {
        await using var daemon = new Daemon("""
            [services.a]
            command = ["sleep", "1000"]

            [alerts.ops]
            command = ["sh", "-c", "cat >> {folder}/alerts.txt; echo >> {folder}/alerts.txt"]
            on = ["died"]
            """);
        await daemon.UpAsync();
        var first = await daemon.RunningAsync("a");

        Processes.Kill(first.Pid());
        var second = await daemon.RunningAsync("a", first.Generation() + 1);

        Assert.NotEqual(first.Pid(), second.Pid());
        Assert.Equal(first.Generation() + 1, second.Generation());
        Assert.Equal(1, second.GetProperty("restarts").GetInt32());
        var death = second.GetProperty("last_death");
        Assert.Equal("signaled", death.GetProperty("reason").GetString());
        Assert.Equal(9, death.GetProperty("signal").GetInt32());
        Assert.Equal(JsonValueKind.Null, death.GetProperty("exit_code").ValueKind);
        Assert.All(new[] { "detect_us", "reclaim_us", "restart_us" }, name => Assert.True(death.GetProperty(name).GetInt64() >= 0));

        await daemon.EventAsync("alert.delivered", "a");
        var kinds = (await daemon.EventsAsync("--service", "a")).Select(e => e.Kind()).ToList();
        AssertInOrder(kinds, "service.starting", "service.started", "service.died", "service.reclaimed", "service.started");
        Assert.Contains("alert.raised", kinds);
        Assert.Contains("\"died\"", Daemon.ReadIfThere(Path.Combine(daemon.Folder, "alerts.txt")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fifty_kills_at_random_phases_give_fifty_obituaries_reclaims_and_restarts()
    {
        const int kills = 50;
        await using var daemon = new Daemon("""
            [services.victim]
            command = ["sleep", "1000"]
            max_restarts = 1000
            backoff = { initial = "0ms" }
            """);
        await daemon.UpAsync();
        var random = new Random(17);
        var pid = (await daemon.RunningAsync("victim")).Pid();
        for (var kill = 1; kill <= kills; kill++)
        {
            // The phase of the kill relative to whatever the supervisor is doing just then.
            Thread.SpinWait(random.Next(2_000_000));
            Processes.Kill(pid);
            pid = (await daemon.RunningAsync("victim", kill + 1)).Pid();
        }

        var events = await daemon.EventsAsync();
        var ofVictim = events.Where(e => e.Service() == "victim").ToList();
        Assert.All(new[] { "service.died", "service.reclaimed" }, kind =>
            Assert.Equal(Enumerable.Range(1, kills), ofVictim.Where(e => e.Kind() == kind).Select(e => e.Generation())));
        Assert.Equal(Enumerable.Range(1, kills + 1), ofVictim.Where(e => e.Kind() == "service.started").Select(e => e.Generation()));
        Assert.Equal(Enumerable.Range((int)events[0].Id(), events.Length).Select(id => (long)id), events.Select(e => e.Id()));
    }

    [Fact]
    public async Task Nothing_of_a_service_that_escaped_lives_when_the_next_generation_starts_nor_after_down()
    {
        // The grandchild has a session of its own, ignores SIGTERM and has an empty environment.
        const string escape = "(setsid env -i sh -c 'trap \"\" TERM; echo $$$$ >> {folder}/escaped; while :; do sleep 1; done' &) ; exec sleep 1000";
        await using var daemon = new Daemon($"""
            [services.parent]
            command = ["sh", "-c", '''{escape}''']
            stop = {"{"} signal = "TERM", timeout = "300ms" {"}"}
            """);
        var escapedFile = Path.Combine(daemon.Folder, "escaped");
        await daemon.UpAsync();
        var parent = await daemon.RunningAsync("parent");
        var first = await EscapedAsync(escapedFile, 1);

        Processes.Kill(parent.Pid());
        var died = await daemon.EventAsync("service.reclaimed", "parent", 1);
        Assert.Contains(died.Data().GetProperty("steps").EnumerateArray(), step => step.GetProperty("what").GetString() == $"{first}");
        await daemon.RunningAsync("parent", 2);
        Assert.False(Processes.IsAlive(first), "The grandchild of generation 1 outlived the start of generation 2.");

        var second = await EscapedAsync(escapedFile, 2);
        (await daemon.RunAsync("down")).MustSucceed();
        Assert.False(Processes.IsAlive(second), "The grandchild of generation 2 outlived `down`.");
    }

    [Fact]
    public async Task Without_control_groups_the_one_that_hid_from_everything_is_named_and_ends_with_down()
    {
        const string escape = "(setsid env -i sh -c 'trap \"\" TERM; echo $$$$ >> {folder}/escaped; while :; do sleep 1; done' &) ; exec sleep 1000";
        await using var daemon = new Daemon($"""
            [services.parent]
            command = ["sh", "-c", '''{escape}''']
            """);
        daemon.Environment["LIFELINE_CONTROL_GROUPS"] = "off";
        await daemon.UpAsync();
        var parent = await daemon.RunningAsync("parent");
        var escaped = await EscapedAsync(Path.Combine(daemon.Folder, "escaped"), 1);

        Processes.Kill(parent.Pid());
        var reclaimed = await daemon.EventAsync("service.reclaimed", "parent", 1);
        var kept = reclaimed.Data().GetProperty("steps").EnumerateArray().Where(s => s.GetProperty("outcome").GetString() == "kept").ToList();
        Assert.Equal([$"{escaped}"], kept.Select(s => s.GetProperty("what").GetString()));
        Assert.NotEmpty(kept[0].GetProperty("reason").GetString()!);

        (await daemon.RunAsync("down")).MustSucceed();
        Assert.False(Processes.IsAlive(escaped), "The orphan outlived `down`.");
    }

    [Fact]
    public async Task Without_control_groups_the_fallback_finds_children_that_keep_their_marks()
    {
        const string escape = "(setsid sh -c 'trap \"\" TERM; echo $$$$ >> {folder}/escaped; while :; do sleep 1; done' &) ; exec sleep 1000";
        await using var daemon = new Daemon($"""
            [services.parent]
            command = ["sh", "-c", '''{escape}''']
            """);
        daemon.Environment["LIFELINE_CONTROL_GROUPS"] = "off";
        await daemon.UpAsync();
        var parent = await daemon.RunningAsync("parent");
        var escaped = await EscapedAsync(Path.Combine(daemon.Folder, "escaped"), 1);

        Processes.Kill(parent.Pid());
        await daemon.RunningAsync("parent", 2);
        Assert.False(Processes.IsAlive(escaped), "The marked grandchild outlived the start of generation 2.");
    }

    [Fact]
    public async Task Names_and_sessions_of_the_dead_are_free_for_the_next_generation()
    {
        await using var daemon = new Daemon($$"""
            [services.named]
            command = [{{Roles.RoleStart.Command}}]
            env = { {{Roles.RoleStart.Variable}} = "named" }
            inherit_env = ["PATH", "HOME", "DOTNET_ROOT"]
            ready = "status"
            """);
        await daemon.UpAsync();
        Processes.Kill((await daemon.RunningAsync("named")).Pid());

        var reclaimed = await daemon.EventAsync("service.reclaimed", "named", 1);
        var steps = reclaimed.Data().GetProperty("steps").EnumerateArray()
            .Select(s => $"{s.GetProperty("kind").GetString()} {s.GetProperty("what").GetString()} {s.GetProperty("outcome").GetString()}").ToList();
        Assert.Contains($"name {Roles.NamedStub.Name} removed", steps);
        Assert.Contains(steps, step => step.StartsWith("session ", StringComparison.Ordinal));
        // It is ready only if it could take its name again.
        await daemon.RunningAsync("named", 2);
    }

    [Fact]
    public async Task The_long_end_of_a_large_service_is_told_before_its_death_and_nothing_is_started_in_between()
    {
        const int kills = 5;
        await using var daemon = new Daemon($$"""
            [services.large]
            command = [{{Roles.RoleStart.Command}}]
            env = { {{Roles.RoleStart.Variable}} = "large" }
            inherit_env = ["PATH", "HOME", "DOTNET_ROOT"]
            ready = "status"
            """);
        await daemon.UpAsync();
        var kinds = new List<string>();
        // On a loaded machine the notice can come so late that the end is as quick as any.
        for (var generation = 1; generation <= kills && !kinds.Contains("service.dying"); generation++)
        {
            Processes.Kill((await daemon.RunningAsync("large", generation)).Pid());
            await daemon.EventAsync("service.started", "large", generation + 1);
            kinds = [.. (await daemon.EventsAsync("--service", "large")).Where(e => e.Generation() == generation).Select(e => e.Kind())];
        }

        AssertInOrder(kinds, "service.ready", "service.dying", "service.died", "service.reclaimed");
    }

    private static async Task<int> EscapedAsync(string file, int count)
    {
        var lines = await Eventually.GetAsync(
            () => Task.FromResult(Daemon.ReadIfThere(file).Split('\n', StringSplitOptions.RemoveEmptyEntries) is { } all && all.Length >= count ? all : null),
            () => $"{file} never had {count} lines.");
        return int.Parse(lines[count - 1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static void AssertInOrder(List<string> kinds, params string[] wanted)
    {
        var from = 0;
        foreach (var kind in wanted)
        {
            var at = kinds.IndexOf(kind, from);
            Assert.True(at >= 0, $"{kind} is missing after position {from} in: {string.Join(' ', kinds)}");
            from = at + 1;
        }
    }
}
