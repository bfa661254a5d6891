using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Launches;

/// <summary>What a service is started with and what runs around it: user, limits, hooks.</summary>
public sealed class LaunchSettingsTests
{
    private static readonly bool IsRoot = Environment.UserName == "root";

    private static Task<string> LogAsync(Daemon daemon, string wanted) => Eventually.GetAsync(
        async () => (await daemon.RunAsync("logs", "a")).Output is var text && text.Contains(wanted, StringComparison.Ordinal) ? text : null,
        daemon.Describe);

    [Fact]
    public async Task A_service_runs_as_its_user_with_its_limits_and_can_open_its_output_again()
    {
        Assert.SkipUnless(IsRoot, "only root can become somebody else");
        await using var daemon = new Daemon("""
            [monitor]
            http = "off"
            [services.a]
            command = "echo $(id -un) $(id -gn) $HOME $USER $LOGNAME $SHELL; ulimit -n; ulimit -c; nice; umask; echo again > /dev/stdout; stat -c '%U %a' $NOTIFY_SOCKET; echo end; exec sleep 1000"
            cwd = "/"
            user = "nobody"
            nice = 3
            umask = "027"
            limits = { nofile = 77, core = 0 }
            """);
        File.SetUnixFileMode(daemon.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        await daemon.UpAsync();

        var said = await LogAsync(daemon, "end");

        foreach (var line in (string[])["nobody nogroup /nonexistent nobody nobody /usr/sbin/nologin", "77", "0", "3", "0027", "again", "nobody 600"])
            Assert.Contains(said.Split('\n'), l => l.EndsWith(line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_runs_before_the_start_is_told_with_the_start_and_what_runs_after_a_stop_comes_before_the_next_start()
    {
        await using var daemon = new Daemon("""
            [monitor]
            http = "off"
            [services.a]
            command = "echo service $LIFELINE_GENERATION; exec sleep 1000"
            before_start = "echo before $LIFELINE_GENERATION"
            after_stop = "echo after $LIFELINE_GENERATION"
            """);
        await daemon.UpAsync();
        Processes.Kill((await daemon.RunningAsync("a")).Pid());
        await daemon.RunningAsync("a", atLeastGeneration: 2);

        var said = await LogAsync(daemon, "service 2");

        Assert.Equal(["before 1", "service 1", "after 1", "before 2", "service 2"], said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ').TakeLast(2))));
        Assert.True((await daemon.EventAsync("service.started", "a", 1)).Data().GetProperty("before_start_us").GetInt64() > 0);
        var step = (await daemon.EventAsync("service.reclaimed", "a", 1)).Data().GetProperty("steps")[0];
        Assert.StartsWith("after_stop:", step.GetProperty("what").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_whose_before_start_fails_is_not_started_and_the_death_names_it()
    {
        await using var daemon = new Daemon("""
            [monitor]
            http = "off"
            [services.a]
            command = "touch {folder}/ran; exec sleep 1000"
            before_start = "exit 9"
            max_restarts = 0
            """);
        await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);

        await daemon.ServiceAsync("a", s => s.State() == "failed", "failed");

        var died = (await daemon.EventAsync("service.died", "a")).Data();
        Assert.Equal("exec_failed", died.GetProperty("reason").GetString());
        Assert.Contains("exit code 9", died.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(daemon.Folder, "ran")));
    }

    [Fact]
    public async Task A_before_start_that_does_not_end_is_a_start_that_took_too_long()
    {
        await using var daemon = new Daemon("""
            [monitor]
            http = "off"
            [services.a]
            command = "exec sleep 1000"
            before_start = "echo $$$$ > {folder}/pid; exec sleep 999"
            ready_timeout = "1s"
            max_restarts = 0
            """);
        await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);

        await daemon.ServiceAsync("a", s => s.State() == "failed", "failed");

        Assert.Equal("start_timeout", (await daemon.EventAsync("service.died", "a")).Data().GetProperty("reason").GetString());
        await Processes.GoneAsync(int.Parse(File.ReadAllText(Path.Combine(daemon.Folder, "pid"))));
    }
}
