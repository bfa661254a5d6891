using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Together;

public class DependencyTests
{
    private const string Waits = """
        sh -c 'while [ ! -e {folder}/go ]; do sleep 0.05; done; $LIFELINE report --ready; exec sleep 1000'
        """;

    private static Daemon ChainOfThree()
    {
        var daemon = new Daemon($$"""
            [services.web]
            command = ["sleep", "1000"]
            depends_on = ["app"]

            [services.app]
            command = ["sleep", "1000"]
            depends_on = ["db"]

            [services.db]
            command = "{{Waits.Trim()}}"
            ready = "status"
            env = { LIFELINE = "{{Places.Executable}}" }
            inherit_env = ["PATH", "HOME", "DOTNET_ROOT"]
            """);
        File.WriteAllText(Path.Combine(daemon.Folder, "go"), "");
        return daemon;
    }

    [Fact]
    public async Task Dependents_start_when_what_they_need_is_ready_and_stop_before_it()
    {
        await using var daemon = ChainOfThree();
        await daemon.UpAsync();
        await daemon.RunningAsync("web");
        var events = await daemon.EventsAsync();
        Assert.True(IdOf(events, "service.ready", "db") < IdOf(events, "service.starting", "app"));
        Assert.True(IdOf(events, "service.ready", "app") < IdOf(events, "service.starting", "web"));
        (await daemon.RunAsync("down")).MustSucceed();
        (await daemon.RunAsync("up", "-d", daemon.ConfigurationFile)).MustSucceed();
        events = await daemon.EventsAsync();
        Assert.True(IdOf(events, "service.died", "web") < IdOf(events, "service.stopping", "app"));
        Assert.True(IdOf(events, "service.died", "app") < IdOf(events, "service.stopping", "db"));
    }

    [Fact]
    public async Task A_stop_lets_dependents_wait_and_a_start_brings_them_back()
    {
        await using var daemon = ChainOfThree();
        await daemon.UpAsync();
        var stopped = (await daemon.RunAsync("stop", "db")).MustSucceed();
        Assert.Contains("app, web stop first", stopped.Errors, StringComparison.Ordinal);
        var app = await daemon.ServiceAsync("app", s => s.State() == "waiting", "waiting");
        Assert.Equal("waits for db, which is stopped", app.GetProperty("because").GetString());
        (await daemon.RunAsync("start", "db")).MustSucceed();
        await daemon.RunningAsync("web", 2);
        (await daemon.RunAsync("stop", "web", "app", "db")).MustSucceed();
        var started = (await daemon.RunAsync("start", "web")).MustSucceed();
        Assert.Contains("app, db start too", started.Errors, StringComparison.Ordinal);
        await daemon.RunningAsync("web", 3);
    }

    [Fact]
    public async Task A_dependent_of_what_failed_waits_and_whoever_waits_for_it_is_told()
    {
        await using var daemon = new Daemon("""
            [services.app]
            command = ["sleep", "1000"]
            depends_on = ["db"]

            [services.db]
            command = "exit 3"
            ready = "status"
            max_restarts = 1
            failed_retry = "never"
            backoff = { initial = "10ms" }
            """);
        var up = await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        Assert.Equal(1, up.ExitCode);
        Assert.Contains("app waits for db, which is failed", up.Errors, StringComparison.Ordinal);
        var start = await daemon.RunAsync("start", "app");
        Assert.Equal(1, start.ExitCode);
        Assert.Contains("app waits for db, which is failed", start.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_dependency_leaves_its_dependents_running_also_over_a_death_of_the_monitor()
    {
        await using var daemon = ChainOfThree();
        await daemon.UpAsync();
        var app = (await daemon.RunningAsync("app")).Pid();
        File.Delete(Path.Combine(daemon.Folder, "go"));
        Processes.Kill((await daemon.RunningAsync("db")).Pid());
        await daemon.ServiceAsync("db", s => s.State() == "starting" && s.Generation() == 2, "starting again");
        Processes.Kill(app);
        await daemon.ServiceAsync("app", s => s.State() == "waiting", "waiting");
        Processes.Kill(daemon.MonitorPid);
        await daemon.ServiceAsync("app", s => s.State() == "waiting", "waiting still");
        File.WriteAllText(Path.Combine(daemon.Folder, "go"), "");
        await daemon.RunningAsync("app", 2);
        Assert.Equal(1, (await daemon.RunningAsync("web")).Generation());
    }

    [Fact]
    public async Task The_name_of_a_service_with_instances_means_all_of_them()
    {
        await using var daemon = new Daemon("""
            [services.web]
            command = "echo I am $LIFELINE_SERVICE; exec sleep 1000"
            instances = 3

            [services.proxy]
            command = ["sleep", "1000"]
            depends_on = ["web"]
            """);
        await daemon.UpAsync();
        Assert.Equal(["web.1", "web.2", "web.3", "proxy"], (await daemon.StatusAsync()).Select(s => s.GetProperty("name").GetString()));
        (await daemon.RunAsync("restart", "web")).MustSucceed();
        await daemon.RunningAsync("web.3", 2);
        var status = (await daemon.RunAsync("status", "web")).MustSucceed();
        Assert.Equal(4, status.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        var logs = (await daemon.RunAsync("logs", "web")).MustSucceed();
        Assert.Contains("I am web.2", logs.Output, StringComparison.Ordinal);
        Assert.Equal(["web.1", "web.2", "web.3"], (await daemon.EventsAsync("--service", "web")).Select(e => e.Service()).Distinct().Order());
        (await daemon.RunAsync("stop", "web.2")).MustSucceed();
        await daemon.ServiceAsync("proxy", s => s.State() == "waiting", "waiting");
        (await daemon.RunAsync("stop", "web")).MustSucceed();
        Assert.Equal("stopped", (await daemon.ServiceAsync("web.1", _ => true, "there")).State());
        Assert.Equal(4, (await daemon.RunAsync("stop", "we")).ExitCode);
    }

    private static long IdOf(System.Text.Json.JsonElement[] events, string kind, string service) =>
        events.First(e => e.Kind() == kind && e.Service() == service).Id();
}
