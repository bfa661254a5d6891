using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

public class CommandTests
{
    private const string Sleeper = """
        [services.a]
        command = ["sleep", "1000"]
        """;

    [Fact]
    public async Task Up_twice_says_that_it_runs_already()
    {
        await using var daemon = new Daemon(Sleeper);
        await daemon.UpAsync();
        var second = (await daemon.RunAsync("up", "-d", daemon.ConfigurationFile)).MustExit(1);
        Assert.Contains("already running", second.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_with_the_state_folder_of_another_ends_and_does_not_say_that_it_goes_on()
    {
        await using var daemon = new Daemon(Sleeper);
        await daemon.UpAsync();
        string[] arguments = ["up", "-d", daemon.ConfigurationFile, "--run-dir", Path.Combine(daemon.Folder, "run2"), "--state-dir", daemon.StateFolder];
        var second = (await Shell.RunAsync(Places.Executable, arguments, daemon.Folder)).MustExit(1);
        Assert.Contains($"another monitor uses the state folder {daemon.StateFolder}; each needs a --state-dir of its own", second.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("it goes on", second.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("down")]
    [InlineData("restart a")]
    [InlineData("events")]
    [InlineData("logs a")]
    public async Task Without_a_monitor_commands_end_with_3_and_say_what_to_do(string command)
    {
        await using var daemon = new Daemon(Sleeper);
        var result = (await daemon.RunAsync(command.Split(' '))).MustExit(3);
        Assert.Contains("lifeline up", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_service_is_4()
    {
        await using var daemon = new Daemon(Sleeper);
        await daemon.UpAsync();
        foreach (var command in new[] { "status", "start", "stop", "restart", "logs" })
        {
            var result = (await daemon.RunAsync(command, "b")).MustExit(4);
            Assert.Contains("b", result.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Wrong_configuration_is_2_with_file_line_and_hint_and_starts_nothing()
    {
        await using var daemon = new Daemon("""
            [services.a]
            comand = ["sleep", "1000"]
            """);
        foreach (var arguments in new[] { new[] { "up", "-d", daemon.ConfigurationFile }, ["check", daemon.ConfigurationFile] })
        {
            var result = (await daemon.RunAsync(arguments)).MustExit(2);
            Assert.Contains("lifeline.toml:2:1", result.Errors, StringComparison.Ordinal);
            Assert.Contains("command", result.Errors, StringComparison.Ordinal);
        }

        Assert.Equal(0, daemon.KeeperPid);
    }

    [Fact]
    public async Task A_wrong_command_line_is_2()
    {
        await using var daemon = new Daemon(Sleeper);
        (await daemon.RunAsync("stauts")).MustExit(2);
        (await daemon.RunAsync("kill", "-s", "NOSUCH", "a")).MustExit(2);
    }

    [Fact]
    public async Task Stop_start_and_restart_do_what_they_say()
    {
        await using var daemon = new Daemon(Sleeper);
        await daemon.UpAsync();
        var first = await daemon.RunningAsync("a");

        (await daemon.RunAsync("stop", "a")).MustSucceed();
        await daemon.ServiceAsync("a", s => s.State() == "stopped", "stopped");
        Assert.False(Processes.IsAlive(first.Pid()));

        (await daemon.RunAsync("start", "a")).MustSucceed();
        var second = await daemon.RunningAsync("a", 2);

        (await daemon.RunAsync("restart", "a")).MustSucceed();
        var third = await daemon.RunningAsync("a", 3);
        Assert.NotEqual(second.Pid(), third.Pid());
        Assert.Equal("stopped", third.GetProperty("last_death").GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("stop", "start", "a was started again meanwhile, by another order")]
    [InlineData("stop", "restart", "a was started again meanwhile, by another order")]
    [InlineData("restart", "stop", "a was stopped meanwhile, by another order")]
    public async Task Who_waits_for_an_order_that_another_one_undoes_is_told(string first, string second, string answer)
    {
        await using var daemon = new Daemon("""
            [services.a]
            stop = { timeout = "1h" }
            command = "trap 'until [ -e go ]; do sleep 0.05; done; exit 0' TERM; while :; do sleep 0.05; done"
            """);
        await daemon.UpAsync();
        var waiting = daemon.RunAsync(first, "a");
        await daemon.EventAsync("service.stopping", "a");
        (await daemon.RunAsync(second, "--no-wait", "a")).MustSucceed();
        File.WriteAllText(Path.Combine(daemon.Folder, "go"), "");
        var told = await waiting;
        Assert.Equal((1, $"lifeline: {answer}"), (told.ExitCode, told.Errors.Split('\n').First(line => !line.StartsWith("lifeline: waiting", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Kill_sends_the_signal()
    {
        await using var daemon = new Daemon("""
            [services.a]
            command = ["sh", "-c", "trap 'echo got USR1' USR1; echo up; while :; do sleep 0.05; done"]
            """);
        await daemon.UpAsync();
        await LogContainsAsync(daemon, "up");
        (await daemon.RunAsync("kill", "-s", "USR1", "a")).MustSucceed();
        await LogContainsAsync(daemon, "got USR1");
    }

    [Fact]
    public async Task Logs_show_both_streams_with_whole_lines()
    {
        await using var daemon = new Daemon("""
            [services.a]
            command = ["sh", "-c", "echo to stdout; echo to stderr >&2; exec sleep 1000"]
            """);
        await daemon.UpAsync();
        await LogContainsAsync(daemon, "to stdout");
        await LogContainsAsync(daemon, "to stderr");
        var last = (await daemon.RunAsync("logs", "a", "-n", "1")).MustSucceed();
        Assert.Single(last.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Report_from_a_shell_changes_the_status_and_makes_ready()
    {
        await using var daemon = new Daemon($$"""
            [services.a]
            command = ["sh", "-c", "sleep 0.2; {{Places.Executable}} report --health degraded --text 'queue 3' --code 7 --ready || exit 9; exec sleep 1000"]
            ready = "status"
            inherit_env = ["PATH", "HOME", "DOTNET_ROOT"]
            """);
        await daemon.UpAsync();
        var service = await daemon.ServiceAsync("a", s => s.State() == "running" && s.Health() == "degraded", "running and degraded");
        Assert.Equal("queue 3", service.StatusText());
        Assert.Equal(7, service.GetProperty("status").GetProperty("code").GetInt32());
        await daemon.EventAsync("service.ready", "a");
    }

    [Fact]
    public async Task Events_are_json_lines_with_rising_ids_and_since_continues()
    {
        await using var daemon = new Daemon(Sleeper);
        await daemon.UpAsync();
        await daemon.EventAsync("service.started", "a");
        var all = await daemon.EventsAsync();
        Assert.Equal("monitor.started", all[0].Kind());
        var rest = (await daemon.RunAsync("events", "--json", "--since", $"{all[0].Id()}")).MustSucceed();
        var first = JsonDocument.Parse(rest.Output.Split('\n')[0]).RootElement;
        Assert.Equal(all[0].Id() + 1, first.Id());
    }

    [Fact]
    public async Task Down_stops_everything_and_leaves_no_process()
    {
        await using var daemon = new Daemon(Sleeper);
        await daemon.UpAsync();
        var pid = (await daemon.RunningAsync("a")).Pid();
        int keeper = daemon.KeeperPid, monitor = daemon.MonitorPid;
        (await daemon.RunAsync("down")).MustSucceed();
        Assert.All(new[] { pid, keeper, monitor }, p => Assert.False(Processes.IsAlive(p), $"{p}: {Processes.CommandLine(p)}"));
    }

    [Fact]
    public async Task Doctor_says_what_this_machine_allows()
    {
        await using var daemon = new Daemon(Sleeper);
        var result = (await daemon.RunAsync("doctor")).MustSucceed();
        Assert.Contains("cgroup", result.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("pidfd", result.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Version_is_printed()
    {
        await using var daemon = new Daemon(Sleeper);
        Assert.StartsWith("lifeline 0.", (await Shell.RunAsync(Places.Executable, ["--version"])).MustSucceed().Output, StringComparison.Ordinal);
    }

    private static Task LogContainsAsync(Daemon daemon, string text) =>
        Eventually.TrueAsync(
            async () => (await daemon.RunAsync("logs", "a")).Output.Contains(text, StringComparison.Ordinal),
            () => $"The log of a never contained '{text}'.\n{daemon.Describe()}");
}
