using System.Net;
using System.Net.Sockets;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>Probes of a real web server that hangs and of commands that fail, through the whole of Lifeline.</summary>
public sealed class ProbeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lifeline-probe-");
    private readonly int _port = ServerProcess.FreePort();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_web_server_is_ready_by_probe_and_ended_and_replaced_when_it_hangs()
    {
        await using var daemon = new Daemon($$"""
            [services.web]
            command = {{Nginx()}}
            ready = "probe"
            probe = { http = "http://127.0.0.1:{{_port}}/", interval = "200ms", timeout = "500ms", failures = 2 }
            stop = { timeout = "500ms" }
            """);
        await daemon.UpAsync();
        var service = await daemon.ServiceAsync("web", s => s.Health() == "healthy", "healthy");
        Assert.Equal("running", service.State());
        Processes.Kill(service.Pid(), Processes.Stop);
        var probe = (await daemon.EventAsync("service.probe", "web", service.Generation())).Data();
        Assert.Equal(("probe", false, 2), (probe.GetProperty("probe").GetString(), probe.GetProperty("good").GetBoolean(), probe.GetProperty("failures").GetInt32()));
        Assert.Equal("no answer within 500ms", probe.GetProperty("text").GetString());
        var died = await daemon.EventAsync("service.died", "web", service.Generation());
        Assert.Equal("probe", died.Data().GetProperty("reason").GetString());
        await daemon.ServiceAsync("web", s => s.Generation() > service.Generation() && s.Health() == "healthy", "replaced and healthy");
    }

    [Fact]
    public async Task With_report_it_only_becomes_unhealthy_with_an_alert_and_recovers()
    {
        await using var daemon = new Daemon($$"""
            [services.web]
            command = {{Nginx()}}
            probe = { http = "http://127.0.0.1:{{_port}}/", interval = "200ms", timeout = "500ms", failures = 2, successes = 2, action = "report" }
            [alerts.ops]
            command = ["sh", "-c", "cat >> {folder}/alerts"]
            on = ["unhealthy", "recovered"]
            """);
        await daemon.UpAsync();
        var service = await daemon.ServiceAsync("web", s => s.Health() == "healthy", "healthy");
        Processes.Kill(service.Pid(), Processes.Stop);
        await daemon.ServiceAsync("web", s => s.Health() == "unhealthy", "unhealthy");
        var raised = await daemon.EventAsync("alert.raised", "web");
        Assert.Equal("unhealthy", raised.Data().GetProperty("rule").GetString());
        Processes.Kill(service.Pid(), Processes.Continue);
        var well = await daemon.ServiceAsync("web", s => s.Health() == "healthy", "healthy again");
        Assert.Equal(service.Pid(), well.Pid());
        await daemon.EventAsync("alert.resolved", "web");
    }

    [Fact]
    public async Task Tcp_and_commands_are_asked_and_a_changed_probe_takes_effect_without_a_restart()
    {
        static string Configuration(string probe) => $$"""
            [services.a]
            command = ["sleep", "1000"]
            env = { WORD = "yes" }
            probe = { exec = ["sh", "-c", "{{probe}}"], interval = "100ms", failures = 1, action = "report" }
            """;
        await using var daemon = new Daemon(Configuration("test $WORD = yes && test $LIFELINE_SERVICE = a && test -z \\\"$NOTIFY_SOCKET\\\""));
        await daemon.UpAsync();
        var service = await daemon.ServiceAsync("a", s => s.Health() == "healthy", "healthy by its command");
        await ReloadAsync(daemon, Configuration("echo no room; exit 3"));
        await daemon.ServiceAsync("a", s => s.Health() == "unhealthy", "unhealthy by the changed command");
        var probe = (await daemon.EventAsync("service.probe", "a")).Data();
        Assert.Equal("sh: it exited with 3: no room", probe.GetProperty("text").GetString());
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await ReloadAsync(daemon, $$"""
            [services.a]
            command = ["sleep", "1000"]
            env = { WORD = "yes" }
            probe = { tcp = "127.0.0.1:{{port}}", interval = "100ms", failures = 1, action = "report" }
            """);
        var healthy = await daemon.ServiceAsync("a", s => s.Health() == "healthy", "healthy by its port");
        listener.Stop();
        await daemon.ServiceAsync("a", s => s.Health() == "unhealthy", "unhealthy without its port");
        Assert.Equal(service.Pid(), healthy.Pid());
    }

    [Fact]
    public async Task A_new_monitor_goes_on_probing_and_readiness_lost_is_no_death()
    {
        await using var daemon = new Daemon("""
            [services.a]
            command = ["sh", "-c", "rm -f {folder}/ready; sleep 0.3; touch {folder}/ready; exec sleep 1000"]
            ready = "probe"
            ready_probe = { exec = ["test", "-e", "{folder}/ready"], interval = "100ms", failures = 2 }
            """);
        await daemon.UpAsync();
        var service = await daemon.ServiceAsync("a", s => s.State() == "running" && s.Health() == "healthy", "ready");
        var monitor = daemon.MonitorPid;
        Processes.Kill(monitor);
        await Eventually.TrueAsync(() => daemon.MonitorPid is var pid && pid != 0 && pid != monitor, "The killed monitor was not replaced.");
        File.Delete(Path.Combine(daemon.Folder, "ready"));
        var degraded = await daemon.ServiceAsync("a", s => s.Health() == "degraded", "degraded");
        Assert.Equal((service.Pid(), "running"), (degraded.Pid(), degraded.State()));
        await File.WriteAllTextAsync(Path.Combine(daemon.Folder, "ready"), "", TestContext.Current.CancellationToken);
        await daemon.ServiceAsync("a", s => s.Health() == "healthy", "healthy again");
    }

    [Fact]
    public async Task What_its_probe_never_finds_ready_is_a_start_timeout_that_tells_why()
    {
        await using var daemon = new Daemon($$"""
            [services.a]
            command = ["sleep", "1000"]
            ready = "probe"
            ready_timeout = "5s"
            restart = "never"
            probe = { tcp = "127.0.0.1:{{_port}}" }
            """);
        await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        var died = await daemon.EventAsync("service.died", "a", 1);
        Assert.Equal("start_timeout", died.Data().GetProperty("reason").GetString());
        var probe = (await daemon.EventAsync("service.probe", "a", 1)).Data();
        Assert.Equal(("ready_probe", $"127.0.0.1:{_port}: connection refused"), (probe.GetProperty("probe").GetString(), probe.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task A_command_that_asks_about_a_service_of_another_user_runs_as_that_user()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root can become another user");
        await using var daemon = new Daemon("""
            [services.a]
            command = ["sleep", "1000"]
            user = "nobody"
            unix_group = "daemon"
            cwd = "/usr"
            env = { TOLD = "yes" }
            private_tmp = true
            probe = { exec = ["sh", "-c", "echo $(id -un) $(id -gn) $(id -Gn) $PWD $TOLD $(stat -c %U $TMPDIR) [$NOTIFY_SOCKET]; exit 1"], interval = "100ms", failures = 1, action = "report" }
            [services.b]
            command = ["sleep", "1000"]
            unix_group = "daemon"
            probe = { exec = ["sh", "-c", "echo $(id -un) $(id -gn); exit 1"], interval = "100ms", failures = 1, action = "report" }
            """);
        await daemon.UpAsync();
        var groups = (await Shell.RunAsync("id", ["-Gn", "nobody"])).Output.Trim().Replace("nogroup", "daemon", StringComparison.Ordinal);
        var probe = (await daemon.EventAsync("service.probe", "a")).Data();
        Assert.Equal($"sh: it exited with 1: nobody daemon {groups} /usr yes nobody []", probe.GetProperty("text").GetString());
        probe = (await daemon.EventAsync("service.probe", "b")).Data();
        Assert.Equal("sh: it exited with 1: root daemon", probe.GetProperty("text").GetString());
    }

    private static async Task ReloadAsync(Daemon daemon, string configuration)
    {
        await File.WriteAllTextAsync(daemon.ConfigurationFile, configuration, TestContext.Current.CancellationToken);
        (await daemon.RunAsync("reload")).MustSucceed();
    }

    private string Nginx()
    {
        var file = Path.Combine(_folder.FullName, "nginx.conf");
        File.WriteAllText(file, $$"""
            daemon off;
            master_process off;
            pid {{_folder.FullName}}/nginx.pid;
            error_log stderr;
            events {}
            http {
              access_log off;
              client_body_temp_path {{_folder.FullName}}/body;
              proxy_temp_path {{_folder.FullName}}/proxy;
              fastcgi_temp_path {{_folder.FullName}}/fastcgi;
              uwsgi_temp_path {{_folder.FullName}}/uwsgi;
              scgi_temp_path {{_folder.FullName}}/scgi;
              server { listen 127.0.0.1:{{_port}}; location / { return 200 "well"; } }
            }
            """);
        return $"""["/usr/sbin/nginx", "-c", "{file}", "-e", "stderr"]""";
    }
}
