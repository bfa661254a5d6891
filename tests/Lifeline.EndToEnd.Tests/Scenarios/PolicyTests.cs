using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

public class PolicyTests
{
    [Fact]
    public async Task A_crash_loop_ends_in_failed_with_an_alert()
    {
        await using var daemon = new Daemon("""
            [services.loop]
            command = "exit 3"
            max_restarts = 3
            backoff = { initial = "10ms", max = "20ms" }
            failed_retry = "never"

            [alerts.ops]
            command = ["true"]
            """);
        // It is ready by its exec and may have failed for good before `up` looks, or after: both are right.
        await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        var service = await daemon.ServiceAsync("loop", s => s.State() == "failed", "failed");
        Assert.Equal(4, service.Generation());
        Assert.Equal(3, service.GetProperty("last_death").GetProperty("exit_code").GetInt32());
        await daemon.EventAsync("service.failed", "loop");
        var events = await daemon.EventsAsync("--service", "loop");
        Assert.Contains(events, e => e.Kind() == "alert.raised" && e.Data().GetProperty("rule").GetString() == "failed");
    }

    [Fact]
    public async Task Who_waits_for_the_start_is_told_the_last_end_and_the_last_line()
    {
        await using var daemon = new Daemon("""
            [services.loop]
            command = "echo this is generation $LIFELINE_GENERATION; echo >&2; exit 3"
            ready = "status"
            max_restarts = 2
            backoff = { initial = "10ms", max = "20ms" }
            failed_retry = "never"

            [alerts.ops]
            command = ["true"]
            """);
        var up = await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        const string Because = "exit code 3, last line: \"this is generation 3\"; more than 2 restarts within 60 s (max_restarts, restart_window)";
        Assert.Contains($"loop failed: {Because}", up.Errors, StringComparison.Ordinal);
        var alert = await daemon.EventAsync("alert.raised", "loop", 3);
        Assert.Equal(Because, (await daemon.EventAsync("service.failed", "loop")).Data().GetProperty("because").GetString());
        Assert.Contains((await daemon.EventsAsync("--service", "loop")).Where(e => e.Kind() == "alert.raised"), e => e.Data().GetProperty("text").GetString() == $"loop failed: {Because}");
        Assert.Equal(3, alert.Generation());
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_exec_failed()
    {
        await using var daemon = new Daemon("""
            [services.missing]
            command = ["/no/such/program"]
            max_restarts = 1
            backoff = { initial = "10ms" }
            failed_retry = "never"
            """);
        await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        var service = await daemon.ServiceAsync("missing", s => s.State() == "failed", "failed");
        Assert.Equal("exec_failed", service.GetProperty("last_death").GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_service_that_never_gets_ready_is_started_again()
    {
        await using var daemon = new Daemon("""
            [services.slow]
            command = ["sleep", "1000"]
            ready = "status"
            ready_timeout = "300ms"
            max_restarts = 1
            backoff = { initial = "10ms" }
            failed_retry = "never"
            """);
        await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        var service = await daemon.ServiceAsync("slow", s => s.State() == "failed", "failed");
        Assert.Equal("start_timeout", service.GetProperty("last_death").GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_service_that_stops_beating_is_hung_and_started_again()
    {
        await using var daemon = new Daemon($$"""
            [services.mute]
            command = ["sh", "-c", "{{Places.Executable}} report --health healthy --ready; exec sleep 1000"]
            ready = "status"
            heartbeat = "500ms"
            inherit_env = ["PATH", "HOME", "DOTNET_ROOT"]
            """);
        await daemon.UpAsync();
        await daemon.EventAsync("service.hung", "mute", 1);
        var died = await daemon.EventAsync("service.died", "mute", 1);
        Assert.Equal("hung", died.Data().GetProperty("reason").GetString());
        await daemon.EventAsync("service.started", "mute", 2);
    }

    [Fact]
    public async Task On_failure_leaves_a_success_alone()
    {
        await using var daemon = new Daemon("""
            [services.job]
            command = "exit 0"
            restart = "on-failure"
            """);
        await daemon.UpAsync();
        var service = await daemon.ServiceAsync("job", s => s.State() == "exited", "exited");
        Assert.Equal(0, service.GetProperty("last_death").GetProperty("exit_code").GetInt32());
        Assert.Equal(1, service.Generation());
    }

    [Fact]
    public async Task A_service_that_ignores_the_stop_signal_is_killed_after_its_timeout()
    {
        await using var daemon = new Daemon("""
            [services.stubborn]
            command = ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.1; done"]
            stop = { signal = "TERM", timeout = "300ms" }
            """);
        await daemon.UpAsync();
        await Eventually.TrueAsync(async () => (await daemon.RunAsync("logs", "stubborn")).Output.Contains("up", StringComparison.Ordinal), daemon.Describe);
        (await daemon.RunAsync("stop", "stubborn")).MustSucceed();
        var service = await daemon.ServiceAsync("stubborn", s => s.State() == "stopped", "stopped");
        Assert.Equal(9, service.GetProperty("last_death").GetProperty("signal").GetInt32());
    }

    [Fact]
    public async Task The_environment_is_computed_and_nothing_else_is_inherited()
    {
        await using var daemon = new Daemon("""
            [services.env]
            command = ["sh", "-c", "env | sort; ls -l /proc/self/fd | wc -l; grep -E 'Sig(Blk|Ign)' /proc/self/status; echo end; exec sleep 1000"]
            env = { GREETING = "hello" }
            inherit_env = ["PATH"]
            """);
        daemon.Environment["SECRET_OF_THE_SHELL"] = "1";
        await daemon.UpAsync();
        var log = "";
        await Eventually.TrueAsync(async () => (log = (await daemon.RunAsync("logs", "env")).Output).Contains("end", StringComparison.Ordinal), daemon.Describe);
        Assert.Contains("GREETING=hello", log, StringComparison.Ordinal);
        Assert.Contains("LIFELINE_SERVICE=env", log, StringComparison.Ordinal);
        Assert.Contains("LIFELINE_GENERATION=1", log, StringComparison.Ordinal);
        Assert.Contains("LIFELINE_SOCKET=", log, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET_OF_THE_SHELL", log, StringComparison.Ordinal);
        Assert.Contains("SigBlk:\t0000000000000000", log, StringComparison.Ordinal);
        Assert.Contains("SigIgn:\t0000000000000000", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_dead_left_behind_is_removed_or_kept_with_a_reason()
    {
        await using var daemon = new Daemon("""
            [services.litter]
            command = ["sh", "-c", "touch {folder}/a.sock {folder}/own.lock; ln -sf /etc/hostname {folder}/link.lock; exec sleep 1000"]
            reclaim = { paths = ["{folder}/a.sock", "{folder}/*.lock"], command = ["sh", "-c", "echo $LIFELINE_DEATH_REASON > {folder}/told"] }
            """);
        await daemon.UpAsync();
        var service = await daemon.RunningAsync("litter");
        await Eventually.TrueAsync(() => File.Exists(Path.Combine(daemon.Folder, "link.lock")), "The service never made its files.");
        Processes.Kill(service.Pid());
        var reclaimed = await daemon.EventAsync("service.reclaimed", "litter", 1);
        var outcomes = reclaimed.Data().GetProperty("steps").EnumerateArray()
            .Where(s => s.GetProperty("kind").GetString() is "path" or "command")
            .ToDictionary(s => Path.GetFileName(s.GetProperty("what").GetString()!), s => s.GetProperty("outcome").GetString());
        Assert.Equal("removed", outcomes["a.sock"]);
        Assert.Equal("removed", outcomes["own.lock"]);
        Assert.Equal("kept", outcomes["link.lock"]);
        Assert.Equal("signaled", Daemon.ReadIfThere(Path.Combine(daemon.Folder, "told")).Trim());
    }

    [Fact]
    public async Task Logs_are_rotated_at_line_ends_and_old_files_go()
    {
        await using var daemon = new Daemon("""
            [services.chatter]
            command = ["sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo line $i of the chatter; done; exec sleep 1000"]
            log = { max_size = "64KiB", max_files = 3 }
            """);
        await daemon.UpAsync();
        await Eventually.TrueAsync(async () => (await daemon.RunAsync("logs", "chatter", "-n", "1")).Output.Contains("line 20000 of the chatter", StringComparison.Ordinal), daemon.Describe);
        var lines = (await daemon.RunAsync("logs", "chatter", "-n", "100000")).MustSucceed().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(lines.Length, 100, 19_999);
        Assert.All(lines, line => Assert.EndsWith("of the chatter", line, StringComparison.Ordinal));
        var size = Directory.GetFiles(Path.Combine(daemon.StateFolder, "logs", "chatter")).Sum(f => new FileInfo(f).Length);
        Assert.InRange(size, 1, 3 * 64 * 1024);
    }

    [Fact]
    public async Task A_webhook_that_answers_late_gets_its_alert_in_the_end()
    {
        using var hook = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        hook.Start();
        var port = ((System.Net.IPEndPoint)hook.LocalEndpoint).Port;
        await using var daemon = new Daemon($$"""
            [services.a]
            command = ["sleep", "1000"]

            [alerts.hook]
            webhook = "http://127.0.0.1:{{port}}/alert"
            on = ["died"]
            """);
        await daemon.UpAsync();
        Processes.Kill((await daemon.RunningAsync("a")).Pid());

        // The first delivery is cut off; the second is answered.
        using (await hook.AcceptTcpClientAsync())
        {
        }

        using var client = await hook.AcceptTcpClientAsync();
        using var stream = client.GetStream();
        var request = await ReadRequestAsync(stream);
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
        using var body = JsonDocument.Parse(request[request.IndexOf('{', StringComparison.Ordinal)..]);
        Assert.Contains("a", body.RootElement.ToString(), StringComparison.Ordinal);
        await daemon.EventAsync("alert.delivered", "a");
    }

    private static async Task<string> ReadRequestAsync(System.Net.Sockets.NetworkStream stream)
    {
        var text = new System.Text.StringBuilder();
        var buffer = new byte[65536];
        while (!(text.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && text.ToString().TrimEnd().EndsWith('}')))
        {
            var read = await stream.ReadAsync(buffer);
            if (read == 0)
                break;
            text.Append(System.Text.Encoding.UTF8.GetString(buffer, 0, read));
        }

        return text.ToString();
    }
}
