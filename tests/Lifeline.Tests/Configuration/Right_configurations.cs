using Lifeline.Configuration;

namespace Lifeline.Tests.Configuration;

public sealed class Right_configurations : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Defaults_are_those_of_the_contract()
    {
        var configuration = folder.LoadGood("[services.orders]\ncommand = [\"dotnet\", \"Orders.dll\"]");
        Assert.Equal(TimeSpan.FromSeconds(30), configuration.Monitor.ShutdownTimeout);
        Assert.Equal("lifeline", configuration.Monitor.PresentAs);
        Assert.Equal(new HttpSettings("127.0.0.1", 7070, IsDefault: true), configuration.Monitor.Http);
        Assert.Null(configuration.Monitor.ExitWith);
        Assert.Empty(configuration.Groups);
        Assert.Empty(configuration.Monitor.AllowUsers);
        Assert.Empty(configuration.Alerts);
        var service = Assert.Single(configuration.Services);
        Assert.Equal("orders", service.Name);
        Assert.Equal(["dotnet", "Orders.dll"], service.Command);
        Assert.Equal(folder.Path, service.WorkingDirectory);
        Assert.Empty(service.Environment);
        Assert.Equal(["PATH", "HOME", "LANG", "TZ", "USER"], service.InheritEnvironment);
        Assert.Equal(0b000_010_010, (int)service.Umask);
        Assert.True(service.Autostart);
        Assert.Equal(ServiceReadiness.Exec, service.Ready);
        Assert.Equal(TimeSpan.FromSeconds(30), service.ReadyTimeout);
        Assert.Null(service.Heartbeat);
        Assert.Equal(TimeSpan.FromSeconds(1), service.StatusEvents);
        Assert.Equal(RestartRule.Always, service.Restart);
        Assert.Equal([0], service.SuccessExitCodes);
        Assert.Equal(new BackoffSettings { Initial = TimeSpan.FromMilliseconds(100), Max = TimeSpan.FromSeconds(30), Factor = 2, Jitter = 0.1, ResetAfter = TimeSpan.FromSeconds(60) }, service.Backoff);
        Assert.Equal(5, service.MaxRestarts);
        Assert.Equal(TimeSpan.FromSeconds(60), service.RestartWindow);
        Assert.Equal(TimeSpan.FromMinutes(5), service.FailedRetry);
        Assert.Equal(new StopSettings { Signal = 15, HungSignal = 6, Timeout = TimeSpan.FromSeconds(10) }, service.Stop);
        Assert.Empty(service.Reclaim.Paths);
        Assert.Null(service.Reclaim.Command);
        Assert.False(service.Reclaim.SysVIpc);
        Assert.Equal(TimeSpan.FromSeconds(10), service.Reclaim.Timeout);
        Assert.Equal(new LogSettings { MaxSize = 10 << 20, MaxFiles = 5 }, service.Log);
        Assert.Equal(("orders", 1), (service.Family, service.Instance));
        Assert.Null(service.Identity);
        Assert.Equal(0, service.Nice);
        Assert.Equal(new LimitSettings(), service.Limits);
        Assert.Empty(service.DependsOn);
        Assert.Null(service.BeforeStart);
        Assert.Null(service.AfterStop);
        Assert.Null(service.ReloadSignal);
        Assert.Null(service.Group);
        Assert.Null(service.Probe);
        Assert.Null(service.ReadyProbe);
        Assert.Empty(service.Listen);
    }

    [Fact]
    public void Every_key_is_read()
    {
        folder.Write("orders.env", "# comment\nexport FROM_FILE='as $it \\n stands'\nQUOTED=\"a\\n\\\"b\\\"\"\n  PLAIN = x y \nA=lost\n");
        var configuration = folder.LoadGood("""
            [monitor]
            http = "off"
            allow_users = ["root", 7, "8", "root"]
            present_as = "lifeline"
            shutdown_timeout = "1m"

            [services.orders]
            command = "exec ./orders"
            cwd = "app"
            env = { A = "b", PORT = 8080, DEBUG = true }
            env_file = "orders.env"
            inherit_env = []
            umask = "0077"
            autostart = false
            ready = "status"
            ready_timeout = "1m30s"
            heartbeat = "1.5s"
            status_events = "0ms"
            restart = "on-failure"
            success_exit_codes = [0, 143, 0]
            backoff = { initial = "0ms", max = "1m", factor = 1, jitter = 0.0, reset_after = "5m" }
            max_restarts = 1000
            restart_window = "10m"
            failed_retry = "never"
            stop = { signal = "sigint", timeout = "250ms" }
            [services.orders.reclaim]
            paths = ["run/orders.sock", "/dev/shm/orders-*"]
            sysv_ipc = true
            command = ["./cleanup"]
            timeout = "20s"
            [services.orders.log]
            max_size = "64KiB"
            max_files = 2

            [alerts.ops]
            webhook = "https://example.org/hook?a=b"
            on = ["died", "recovered"]
            services = ["ord*"]
            throttle = "0s"
            [alerts.page]
            command = ["./page"]
            """);
        Assert.Equal([0u, 7u, 8u], configuration.Monitor.AllowUsers);
        Assert.Equal(TimeSpan.FromMinutes(1), configuration.Monitor.ShutdownTimeout);
        var service = Assert.Single(configuration.Services);
        Assert.Equal(["/bin/sh", "-c", "exec ./orders"], service.Command);
        Assert.Equal(Path.Combine(folder.Path, "app"), service.WorkingDirectory);
        Assert.Equal(
            new Dictionary<string, string> { ["A"] = "b", ["DEBUG"] = "true", ["FROM_FILE"] = "as $it \\n stands", ["PLAIN"] = "x y", ["PORT"] = "8080", ["QUOTED"] = "a\n\"b\"" },
            service.Environment);
        Assert.Empty(service.InheritEnvironment);
        Assert.Equal(63, (int)service.Umask);
        Assert.False(service.Autostart);
        Assert.Equal(ServiceReadiness.Status, service.Ready);
        Assert.Equal(TimeSpan.FromSeconds(90), service.ReadyTimeout);
        Assert.Equal(TimeSpan.FromMilliseconds(1500), service.Heartbeat);
        Assert.Equal(TimeSpan.Zero, service.StatusEvents);
        Assert.Equal(RestartRule.OnFailure, service.Restart);
        Assert.Equal([0, 143], service.SuccessExitCodes);
        Assert.Equal(TimeSpan.Zero, service.Backoff.Initial);
        Assert.Equal(1.0, service.Backoff.Factor);
        Assert.Equal(1000, service.MaxRestarts);
        Assert.Null(service.FailedRetry);
        Assert.Equal(new StopSettings { Signal = 2, Timeout = TimeSpan.FromMilliseconds(250) }, service.Stop);
        Assert.Equal([Path.Combine(folder.Path, "run/orders.sock"), "/dev/shm/orders-*"], service.Reclaim.Paths);
        Assert.Equal(["./cleanup"], service.Reclaim.Command);
        Assert.True(service.Reclaim.SysVIpc);
        Assert.Equal(new LogSettings { MaxSize = 65536, MaxFiles = 2 }, service.Log);
        Assert.Equal(["ops", "page"], configuration.Alerts.Select(alert => alert.Name));
        var ops = configuration.Alerts[0];
        Assert.Equal("https://example.org/hook?a=b", ops.Webhook!.ToString());
        Assert.Null(ops.Command);
        Assert.Equal(["died", "recovered"], ops.On);
        Assert.True(ops.Covers("orders"));
        Assert.False(ops.Covers("billing"));
        Assert.Equal(["died", "hung", "failed", "unhealthy", "reclaim_failed", "recovered"], configuration.Alerts[1].On);
        Assert.Equal(TimeSpan.FromMinutes(1), configuration.Alerts[1].Throttle);
        Assert.Equal(folder.Path, configuration.Alerts[1].WorkingDirectory);
    }

    [Fact]
    public void Defaults_apply_key_by_key_and_also_inside_tables()
    {
        var services = folder.LoadGood("""
            [defaults]
            restart = "never"
            env = { A = "1", B = "2" }
            stop = { signal = "INT", timeout = "1s" }
            cwd = "work"
            [services.a]
            command = "x"
            [services.b]
            command = "y"
            restart = "always"
            env = { B = "3" }
            stop.timeout = "2s"
            """).Services;
        Assert.Equal(RestartRule.Never, services[0].Restart);
        Assert.Equal(new StopSettings { Signal = 2, Timeout = TimeSpan.FromSeconds(1) }, services[0].Stop);
        Assert.Equal(Path.Combine(folder.Path, "work"), services[0].WorkingDirectory);
        Assert.Equal(RestartRule.Always, services[1].Restart);
        Assert.Equal(new StopSettings { Signal = 2, Timeout = TimeSpan.FromSeconds(2) }, services[1].Stop);
        Assert.Equal(new Dictionary<string, string> { ["A"] = "1", ["B"] = "3" }, services[1].Environment);
    }

    [Fact]
    public void A_command_may_come_from_the_defaults()
    {
        Assert.Equal(["sleep", "9"], folder.LoadGood("[defaults]\ncommand = [\"sleep\", \"9\"]\n[services.a]").Services[0].Command);
    }

    [Fact]
    public void Included_services_come_first_in_the_order_of_names_and_paths_start_at_their_own_file()
    {
        folder.Write("conf.d/20-b.toml", "[services.b]\ncommand = \"x\"\ncwd = \"here\"");
        folder.Write("conf.d/10-a.toml", "[services.a]\ncommand = \"x\"\n[services.z]\ncommand = \"x\"");
        folder.Write("conf.d/.hidden.toml", "nonsense");
        folder.Write("conf.d/readme.txt", "nonsense");
        var configuration = folder.LoadGood("include = [\"conf.d/*.toml\", \"none/*.toml\"]\n[services.main]\ncommand = \"x\"\n[defaults]\nrestart = \"never\"");
        Assert.Equal(["a", "z", "b", "main"], configuration.Services.Select(service => service.Name));
        Assert.Equal(Path.Combine(folder.Path, "conf.d/here"), configuration.Services[2].WorkingDirectory);
        Assert.Equal(Path.Combine(folder.Path, "conf.d"), configuration.Services[0].WorkingDirectory);
        Assert.All(configuration.Services, service => Assert.Equal(RestartRule.Never, service.Restart));
        Assert.Equal(["lifeline.toml", "conf.d/10-a.toml", "conf.d/20-b.toml"], configuration.Files.Select(file => Path.GetRelativePath(folder.Path, file)));
    }

    [Fact]
    public void Services_may_be_written_in_any_form_of_toml()
    {
        var services = folder.LoadGood("""
            services.a.command = "x"
            services.b = { command = ["y"], stop = { timeout = "1s" } }
            [services]
            "c-1".command = 'z'
            [services.d.log]
            max_files = 7
            [services.d]
            command = "w"
            """.Replace("[services]\n", "", StringComparison.Ordinal).Replace("\"c-1\"", "services.\"c-1\"", StringComparison.Ordinal)).Services;
        Assert.Equal(["a", "b", "c-1", "d"], services.Select(service => service.Name));
        Assert.Equal(7, services[3].Log.MaxFiles);
    }

    [Fact]
    public void An_empty_file_is_a_configuration_without_services()
    {
        Assert.Empty(folder.LoadGood("").Services);
    }

    [Fact]
    public void A_byte_order_mark_and_windows_line_ends_do_not_matter()
    {
        Assert.Single(folder.LoadGood("\uFEFF[services.a]\r\ncommand = \"x\"\r\n").Services);
    }
}
